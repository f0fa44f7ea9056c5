//! The same loop in wider registers, where the processor has them. What it does is not said here.
#![allow(
    unsafe_code,
    reason = "instructions that are chosen at run time cannot be called otherwise"
)]

/// Below so many bytes the choice costs more than it saves.
pub(super) const FROM_BYTES: usize = 256;

/// Masks `bytes` and returns true, or returns false if the processor has no such registers.
pub(super) fn apply(bytes: &mut [u8], key: [u8; 4]) -> bool {
    let is_there = std::arch::is_x86_feature_detected!("avx2");
    if is_there {
        // SAFETY: the processor has AVX2, as was asked one line above.
        unsafe { apply_avx2(bytes, key) }
    }
    is_there
}

#[target_feature(enable = "avx2")]
fn apply_avx2(bytes: &mut [u8], key: [u8; 4]) {
    super::apply_by_words(bytes, key);
}
