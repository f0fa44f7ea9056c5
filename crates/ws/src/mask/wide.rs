//! The same loops in wider registers, where the processor has them. What they do is said in `words`.
#![allow(
    unsafe_code,
    reason = "instructions that are chosen at run time cannot be called otherwise"
)]

use std::arch::is_x86_feature_detected;

use super::{rotate, words};

/// Masks `bytes` and says whether they are ASCII then; `None` if they are few, or the processor has
/// no such registers.
#[inline]
pub(super) fn apply(bytes: &mut [u8], key: [u8; 4]) -> Option<bool> {
    if bytes.len() < FROM_BYTES || !is_x86_feature_detected!("avx2") {
        return None;
    }
    let cut = if bytes.len() < ALIGN_FROM_BYTES { 0 } else { bytes.as_ptr().align_offset(LINE) };
    let (start, rest) = bytes.split_at_mut_checked(cut)?;
    let is_ascii = words::apply(start, key);
    // SAFETY: the processor has AVX2, as was asked just now.
    let is_rest_ascii = unsafe { apply_avx2(rest, rotate(key, cut)) };
    Some(is_ascii && is_rest_ascii)
}

/// Fills `to` with the masked `from`; `None` as above.
#[inline]
pub(super) fn copy(to: &mut [u8], from: &[u8], key: [u8; 4]) -> Option<()> {
    if from.len() < FROM_BYTES || !is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the processor has AVX2, as was asked just now.
    unsafe { copy_avx2(to, from, key) };
    Some(())
}

#[target_feature(enable = "avx2")]
fn apply_avx2(bytes: &mut [u8], key: [u8; 4]) -> bool {
    words::apply(bytes, key)
}

#[target_feature(enable = "avx2")]
fn copy_avx2(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    words::copy(to, from, key);
}

/// From so many bytes on it pays to begin at the start of a line of the cache: to write across two
/// takes twice as long.
const ALIGN_FROM_BYTES: usize = 1024;
const LINE: usize = 64;

/// Below so many bytes the choice costs more than it saves.
const FROM_BYTES: usize = 128;
