//! Sixty-four bytes at a time, where the processor has the registers. What is looked for is told in
//! `scan`.
#![allow(
    unsafe_code,
    reason = "instructions that are chosen at run time cannot be called otherwise"
)]

use core::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setzero_si256,
};

use std::arch::is_x86_feature_detected;

use super::Seen;

/// What is seen of `bytes`, of which those up to `from` were looked at; `None` if they are too few or
/// the processor has no such registers.
#[inline]
pub(super) fn look(bytes: &[u8], from: usize, is_ascii: bool) -> Option<Seen> {
    let last = bytes.last_chunk()?;
    if !is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the processor has AVX2, as was asked just now.
    Some(unsafe { look_avx2(bytes, from, last, is_ascii) })
}

#[target_feature(enable = "avx2")]
fn look_avx2(bytes: &[u8], from: usize, last: &[u8; BLOCK], is_ascii: bool) -> Seen {
    let mut wide = if is_ascii { _mm256_setzero_si256() } else { _mm256_set1_epi8(-1) };
    for (index, block) in bytes[from..].as_chunks().0.iter().enumerate() {
        if let Some(seen) = look_at(block, from + BLOCK * index, &mut wide) {
            return seen;
        }
    }
    // This takes in some of what was looked at before.
    let seen = look_at(last, bytes.len() - BLOCK, &mut wide);
    seen.unwrap_or_else(|| Seen { len: bytes.len(), is_ascii: _mm256_movemask_epi8(wide) == 0 })
}

/// What is seen up to the line end in a block that starts at `from`; `None` if it has none.
#[inline]
#[target_feature(enable = "avx2")]
fn look_at(block: &[u8; BLOCK], from: usize, wide: &mut __m256i) -> Option<Seen> {
    let (cr, lf) = (_mm256_set1_epi8(0x0d), _mm256_set1_epi8(0x0a));
    let [low, high] = load(block);
    let ends = [low, high]
        .map(|half| _mm256_or_si256(_mm256_cmpeq_epi8(half, cr), _mm256_cmpeq_epi8(half, lf)));
    if _mm256_movemask_epi8(_mm256_or_si256(ends[0], ends[1])) == 0 {
        *wide = _mm256_or_si256(*wide, _mm256_or_si256(low, high));
        return None;
    }
    let at = bits(ends).trailing_zeros();
    let before = bits([low, high]) & ((1 << at) - 1);
    let is_ascii = before == 0 && _mm256_movemask_epi8(*wide) == 0;
    Some(Seen { len: from + at as usize, is_ascii })
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(block: &[u8; BLOCK]) -> [__m256i; 2] {
    let (halves, _) = block.as_chunks::<32>();
    // SAFETY: the instruction reads 32 bytes and takes any alignment.
    [0, 1].map(|at| unsafe { _mm256_loadu_si256(halves[at].as_ptr().cast()) })
}

/// The highest bit of each byte, the lowest for the first.
#[inline]
#[target_feature(enable = "avx2")]
fn bits(halves: [__m256i; 2]) -> u64 {
    let [low, high] = halves.map(|half| _mm256_movemask_epi8(half).cast_unsigned());
    u64::from(low) | u64::from(high) << 32
}

/// So many bytes are looked at together.
const BLOCK: usize = 64;
