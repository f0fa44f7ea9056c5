//! The XOR mask over what a client sends. Where keys come from is the connection's business.

#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod wide;

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
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if bytes.len() >= wide::FROM_BYTES && wide::apply(bytes, key) {
        return;
    }
    apply_by_words(bytes, key);
}

#[inline(always)]
fn apply_by_words(bytes: &mut [u8], key: [u8; 4]) {
    let Some(last) = bytes.last_chunk() else { return apply_to_few(bytes, key) };
    // Where the last word overlaps the one before it, both store the same.
    let last = xor(*last, rotate(key, bytes.len()));
    let (words, _) = bytes.as_chunks_mut();
    for word in words {
        *word = xor(*word, key);
    }
    if let Some(word) = bytes.last_chunk_mut() {
        *word = last;
    }
}

#[inline]
fn apply_to_few(bytes: &mut [u8], key: [u8; 4]) {
    for (byte, key) in bytes.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[inline]
fn xor(word: [u8; 8], key: [u8; 4]) -> [u8; 8] {
    let key = u64::from(u32::from_ne_bytes(key));
    (u64::from_ne_bytes(word) ^ (key | key << 32)).to_ne_bytes()
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

    #[test]
    fn every_length_at_every_alignment_and_phase_is_masked_bytewise() {
        let plain: Vec<u8> = (0..280_usize).map(|index| (index * 31 % 251) as u8).collect();
        for len in 0..=257 {
            for start in 0..16 {
                for phase in 0..4 {
                    let mut masked = plain.clone();
                    apply(&mut masked[start..start + len], rotate(KEY, phase));
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
