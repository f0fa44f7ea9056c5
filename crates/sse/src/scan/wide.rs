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

/// What is seen of the whole blocks of `bytes`, and how long they are; `None` if they are none or the
/// processor has no such registers.
#[inline]
pub(super) fn look(bytes: &[u8]) -> Option<(Seen, usize)> {
    let blocks = bytes.as_chunks().0;
    if blocks.is_empty() || !is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the processor has AVX2, as was asked just now.
    let seen = unsafe { look_avx2(blocks) };
    Some((seen, blocks.as_flattened().len()))
}

#[target_feature(enable = "avx2")]
fn look_avx2(blocks: &[[u8; 64]]) -> Seen {
    let (cr, lf) = (_mm256_set1_epi8(0x0d), _mm256_set1_epi8(0x0a));
    let mut wide = _mm256_setzero_si256();
    for (index, block) in blocks.iter().enumerate() {
        let [low, high] = load(block);
        let ends = [low, high]
            .map(|half| _mm256_or_si256(_mm256_cmpeq_epi8(half, cr), _mm256_cmpeq_epi8(half, lf)));
        if _mm256_movemask_epi8(_mm256_or_si256(ends[0], ends[1])) != 0 {
            let at = bits(ends).trailing_zeros();
            let before = bits([low, high]) & ((1 << at) - 1);
            let is_ascii = before == 0 && _mm256_movemask_epi8(wide) == 0;
            return Seen { end: Some(64 * index + at as usize), is_ascii };
        }
        wide = _mm256_or_si256(wide, _mm256_or_si256(low, high));
    }
    Seen { end: None, is_ascii: _mm256_movemask_epi8(wide) == 0 }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(block: &[u8; 64]) -> [__m256i; 2] {
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
