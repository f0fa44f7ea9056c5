//! The mask, eight bytes at a time. Compilers make wider ones of these loops where they may.

use super::rotate;

/// Masks `bytes` in place and says whether they are ASCII then.
#[inline(always)]
pub(super) fn apply(bytes: &mut [u8], key: [u8; 4]) -> bool {
    let Some(last) = bytes.last_chunk() else { return apply_to_few(bytes, key) };
    // Where the last word overlaps the one before it, both store the same.
    let last = xor(u64::from_ne_bytes(*last), rotate(key, bytes.len()));
    let (words, _) = bytes.as_chunks_mut();
    let mut all = last;
    for word in words {
        let masked = xor(u64::from_ne_bytes(*word), key);
        all |= masked;
        *word = masked.to_ne_bytes();
    }
    if let Some(word) = bytes.last_chunk_mut() {
        *word = last.to_ne_bytes();
    }
    all & NOT_ASCII == 0
}

/// Fills `to` with the masked `from`, which is as long.
#[inline(always)]
pub(super) fn copy(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    let (Some(last), Some(_)) = (from.last_chunk(), to.last_chunk::<8>()) else {
        to.copy_from_slice(from);
        apply_to_few(to, key);
        return;
    };
    for (to, from) in to.as_chunks_mut().0.iter_mut().zip(from.as_chunks().0) {
        *to = xor(u64::from_ne_bytes(*from), key).to_ne_bytes();
    }
    if let Some(to) = to.last_chunk_mut() {
        *to = xor(u64::from_ne_bytes(*last), rotate(key, from.len())).to_ne_bytes();
    }
}

/// Whether no byte is above 0x7F.
#[inline(always)]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk() else { return bytes.iter().all(u8::is_ascii) };
    let mut all = u64::from_ne_bytes(*last);
    for word in bytes.as_chunks().0 {
        all |= u64::from_ne_bytes(*word);
    }
    all & NOT_ASCII == 0
}

#[inline]
fn apply_to_few(bytes: &mut [u8], key: [u8; 4]) -> bool {
    for (byte, key) in bytes.iter_mut().zip(key) {
        *byte ^= key;
    }
    if let Some((_, rest)) = bytes.split_at_mut_checked(4) {
        for (byte, key) in rest.iter_mut().zip(key) {
            *byte ^= key;
        }
    }
    bytes.is_ascii()
}

#[inline(always)]
fn xor(word: u64, key: [u8; 4]) -> u64 {
    let key = u64::from(u32::from_ne_bytes(key));
    word ^ (key | key << 32)
}

const NOT_ASCII: u64 = 0x8080_8080_8080_8080;
