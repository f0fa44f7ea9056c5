//! Masking and telling ASCII and UTF-8 with the widest instructions of the machine, for the floors
//! alone.
#![allow(unsafe_code, reason = "a function for wider instructions is called once they were found")]

/// Masks in place.
#[inline]
pub(crate) fn mask(bytes: &mut [u8], key: [u8; 4]) {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() >= WIDE {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine was just asked.
            return unsafe { avx512::mask(bytes, key) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the machine was just asked.
            return unsafe { avx2::mask(bytes, key) };
        }
    }
    plain::mask(bytes, key);
}

/// Fills `to` with what `from`, as long, is once masked.
#[inline]
pub(crate) fn mask_into(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    #[cfg(target_arch = "x86_64")]
    if from.len() >= WIDE {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine was just asked.
            return unsafe { avx512::mask_into(to, from, key) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the machine was just asked.
            return unsafe { avx2::mask_into(to, from, key) };
        }
    }
    plain::mask_into(to, from, key);
}

/// Whether no byte is above 0x7F.
#[inline]
fn is_ascii(bytes: &[u8]) -> bool {
    if bytes.len() < WIDE {
        return bytes.is_ascii();
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the machine was just asked.
        return unsafe { avx2::is_ascii(bytes) };
    }
    plain::is_ascii(bytes)
}

/// Looks for ASCII first, which most texts are; one that does not begin so has the fastest check.
#[inline]
pub(crate) fn is_utf8(bytes: &[u8]) -> bool {
    let begins = bytes.first_chunk::<64>().map_or(bytes, |chunk| &chunk[..]);
    (begins.is_ascii() && is_ascii(bytes)) || simdutf8::basic::from_utf8(bytes).is_ok()
}

/// The key for what follows the first `len` bytes.
#[inline]
pub(crate) fn rotate(key: [u8; 4], len: usize) -> [u8; 4] {
    u32::from_le_bytes(key).rotate_right(8 * (len % 4) as u32).to_le_bytes()
}

/// From how many bytes on it pays to ask the machine.
const WIDE: usize = 64;

mod plain {
    #[inline(always)]
    pub(super) fn mask(bytes: &mut [u8], key: [u8; 4]) {
        let mut key = wide(key);
        let (chunks, rest) = bytes.as_chunks_mut::<8>();
        for chunk in chunks {
            *chunk = (u64::from_le_bytes(*chunk) ^ key).to_le_bytes();
        }
        for byte in rest {
            *byte ^= key as u8;
            key >>= 8;
        }
    }

    #[inline(always)]
    pub(super) fn mask_into(to: &mut [u8], from: &[u8], key: [u8; 4]) {
        let mut key = wide(key);
        let (chunks, rest) = from.as_chunks::<8>();
        let (to_chunks, to_rest) = to.as_chunks_mut::<8>();
        for (to, chunk) in to_chunks.iter_mut().zip(chunks) {
            *to = (u64::from_le_bytes(*chunk) ^ key).to_le_bytes();
        }
        for (to, byte) in to_rest.iter_mut().zip(rest) {
            *to = byte ^ key as u8;
            key >>= 8;
        }
    }

    /// Looks at the last bytes, of at least 32, as a whole chunk, some of which it has seen before.
    #[inline(always)]
    pub(super) fn is_ascii(bytes: &[u8]) -> bool {
        let (long, rest) = bytes.as_chunks::<128>();
        let mut seen = [0; 128];
        for chunk in long {
            for (seen, byte) in seen.iter_mut().zip(chunk) {
                *seen |= byte;
            }
        }
        for chunk in rest.as_chunks::<32>().0.iter().chain(bytes.last_chunk()) {
            for (seen, byte) in seen.iter_mut().zip(chunk) {
                *seen |= byte;
            }
        }
        seen.iter().fold(0, |all, seen| all | seen) < 0x80
    }

    /// The key twice over.
    #[inline(always)]
    fn wide(key: [u8; 4]) -> u64 {
        u64::from(u32::from_le_bytes(key)) * 0x1_0000_0001
    }
}

/// What is plain, compiled for a wider machine.
macro_rules! compiled_for {
    ($module:ident, $feature:literal) => {
        #[cfg(target_arch = "x86_64")]
        mod $module {
            use super::plain;

            #[target_feature(enable = $feature)]
            pub(super) fn mask(bytes: &mut [u8], key: [u8; 4]) {
                plain::mask(bytes, key);
            }

            #[target_feature(enable = $feature)]
            pub(super) fn mask_into(to: &mut [u8], from: &[u8], key: [u8; 4]) {
                plain::mask_into(to, from, key);
            }

            #[target_feature(enable = $feature)]
            #[allow(dead_code, reason = "not every width is the best for everything")]
            pub(super) fn is_ascii(bytes: &[u8]) -> bool {
                plain::is_ascii(bytes)
            }
        }
    };
}

compiled_for!(avx2, "avx2");
compiled_for!(avx512, "avx512f");
