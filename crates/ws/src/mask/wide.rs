//! The same loops in wider registers, where the processor has them. What they do is said in `words`.
#![allow(
    unsafe_code,
    reason = "instructions that are chosen at run time cannot be called otherwise"
)]

use std::arch::is_x86_feature_detected;

use super::words;

/// Masks `bytes` and says whether they are ASCII then; `None` if they are few, or the processor has
/// no such registers.
#[inline]
pub(super) fn apply(bytes: &mut [u8], key: [u8; 4]) -> Option<bool> {
    if bytes.len() < FROM_BYTES || !is_x86_feature_detected!("avx2") {
        return None;
    }
    // SAFETY: the processor has AVX2, as was asked just now.
    Some(unsafe { apply_avx2(bytes, key) })
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

/// Below so many bytes the choice costs more than it saves.
const FROM_BYTES: usize = 128;
