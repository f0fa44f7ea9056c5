//! The XOR mask over what a client sends. Where keys come from is the connection's business.

#[cfg_attr(not(all(feature = "std", target_arch = "x86_64")), path = "mask/narrow.rs")]
mod wide;
pub(crate) mod words;

/// Masks or unmasks `bytes` in place: the two are the same. RFC 6455 §5.3.
///
/// The first byte meets the first byte of `key`. To go on where an earlier piece of the same frame
/// ended, pass the key that [`rotate`] made of the earlier one.
///
/// ```
/// use tidewire_ws::mask;
///
/// let mut bytes = *b"\x7f\x9f\x4d\x51\x58";
/// mask::apply(&mut bytes, [0x37, 0xfa, 0x21, 0x3d]);
/// assert_eq!(&bytes, b"Hello");
/// ```
#[inline]
pub fn apply(bytes: &mut [u8], key: [u8; 4]) {
    apply_ascii(bytes, key);
}

/// Masks `bytes` in place and says whether they are ASCII then.
#[inline]
pub(crate) fn apply_ascii(bytes: &mut [u8], key: [u8; 4]) -> bool {
    wide::apply(bytes, key).unwrap_or_else(|| words::apply(bytes, key))
}

/// Fills `to` with `from`, which is as long, as it is once masked.
#[inline]
pub(crate) fn copy(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    if wide::copy(to, from, key).is_none() {
        words::copy(to, from, key);
    }
}

/// As many bytes as stay in the nearest cache between masking and the next look at them; whole keys.
pub(crate) const BLOCK_BYTES: usize = 8 * 1024;

/// The key for the bytes behind the first `len` of a frame.
#[must_use]
pub const fn rotate(key: [u8; 4], len: usize) -> [u8; 4] {
    u32::from_le_bytes(key).rotate_right(8 * (len % 4) as u32).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

    /// Miri looks at a sample: the longest, which goes through wide registers, and some more.
    const STEP: usize = if cfg!(miri) { 171 } else { 1 };

    #[test]
    fn every_length_at_every_alignment_and_phase_is_masked_bytewise() {
        let plain: Vec<u8> = (0..280_usize).map(|index| (index * 31 % 251) as u8).collect();
        for len in (0..=257).rev().step_by(STEP) {
            for start in 0..16 {
                for phase in 0..4 {
                    let mut masked = plain.clone();
                    let key = rotate(KEY, phase);
                    let is_ascii = apply_ascii(&mut masked[start..start + len], key);
                    let mut copied = plain.clone();
                    copy(&mut copied[start..start + len], &plain[start..start + len], key);
                    assert_eq!(copied, masked, "{len} bytes at {start}, phase {phase}");
                    assert_eq!(is_ascii, masked[start..start + len].is_ascii());
                    for (index, (&byte, &was)) in masked.iter().zip(&plain).enumerate() {
                        let inside = (start..start + len).contains(&index);
                        let key = if inside { KEY[(index - start + phase) % 4] } else { 0 };
                        assert_eq!(byte, was ^ key, "{len} bytes at {start}, phase {phase}");
                    }
                }
            }
        }
    }

    #[test]
    fn masking_twice_changes_nothing() {
        let mut bytes = *b"shorter than nothing";
        apply(&mut bytes, KEY);
        assert_ne!(&bytes, b"shorter than nothing");
        apply(&mut bytes, KEY);
        assert_eq!(&bytes, b"shorter than nothing");
    }
}
