//! Sixteen bytes at a time, where the target is sure to have the registers. Elsewhere it is done by
//! words.
#![allow(unsafe_code, reason = "no safe code makes a mask of sixteen comparisons")]

use core::arch::x86_64::{
    _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
};

use super::{BLOCK, Bits};

#[inline]
pub(super) fn look_at(block: [u8; BLOCK]) -> Bits {
    // SAFETY: this is compiled only for targets that have SSE2, which bare metal need not.
    unsafe { look_at_sse2(u128::from_le_bytes(block)) }
}

#[inline]
#[target_feature(enable = "sse2")]
fn look_at_sse2(bytes: u128) -> Bits {
    let bytes = _mm_set_epi64x((bytes >> 64) as i64, bytes as i64);
    let cr = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x0d));
    let lf = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x0a));
    let ends = _mm_movemask_epi8(_mm_or_si128(cr, lf)).cast_unsigned();
    Bits { ends, wide: _mm_movemask_epi8(bytes).cast_unsigned() }
}
