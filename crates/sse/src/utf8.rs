//! UTF-8 as fast as it can be checked, and kept. Text that may be none is in `text`.

use core::str::Utf8Error;

use crate::scratch::Scratch;

/// The bytes as text.
#[inline]
pub(crate) fn check(bytes: &[u8]) -> Result<&str, Utf8Error> {
    // Miri objects to the address of a prefetch: rusticstuff/simdutf8#120, mended but not released.
    if cfg!(miri) {
        return str::from_utf8(bytes);
    }
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // What is wrong with it, only the slower check tells.
        Err(_) => str::from_utf8(bytes),
    }
}

/// Text that is kept in a scratch.
#[derive(Debug)]
pub(crate) struct Utf8<S>(S);

impl<S: Scratch> Utf8<S> {
    pub(crate) const fn new(empty: S) -> Self {
        Self(empty)
    }

    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        if self.as_bytes().is_empty() { "" } else { check(self.as_bytes()).unwrap_or_default() }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(crate) fn set(&mut self, text: &str) -> bool {
        self.0.clear();
        self.0.push(text.as_bytes())
    }

    /// Keeps bytes as text, each wrong sequence as one U+FFFD (WHATWG Encoding). Whether it fits.
    pub(crate) fn set_lossy(&mut self, bytes: &[u8]) -> bool {
        self.0.clear();
        let fits = bytes.utf8_chunks().all(|chunk| {
            let replaced = if chunk.invalid().is_empty() { "" } else { "\u{fffd}" };
            self.0.push(chunk.valid().as_bytes()) && self.0.push(replaced.as_bytes())
        });
        if !fits {
            self.0.clear();
        }
        fits
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
