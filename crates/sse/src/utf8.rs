//! UTF-8 as fast as it can be checked, and kept. Text that may be none is in `text`.

use core::str::Utf8Error;

use crate::gathered::Gathered;
use crate::scratch::Scratch;
use crate::{LimitError, Text};

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

/// UTF-8 that is kept.
#[derive(Debug)]
pub(crate) struct Utf8<S>(Gathered<S>);

impl<S: Scratch> Utf8<S> {
    pub(crate) fn new(empty: S) -> Self {
        Self(Gathered::new(empty))
    }

    #[inline]
    pub(crate) fn as_text(&self) -> Text<'_> {
        self.0.as_text()
    }

    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        self.as_text().to_str().unwrap_or_default()
    }

    /// Keeps a text that is UTF-8. Whether it fits.
    #[inline]
    pub(crate) fn set(&mut self, text: Text<'_>) -> bool {
        self.0.clear();
        self.0.push(text)
    }

    /// Keeps bytes as text, each wrong sequence as one U+FFFD (WHATWG Encoding).
    ///
    /// # Errors
    ///
    /// The `limit`, if there is no room for it; what was kept stays.
    pub(crate) fn set_lossy(&mut self, bytes: &[u8], limit: LimitError) -> Result<(), LimitError> {
        let parts =
            || bytes.utf8_chunks().flat_map(|chunk| [chunk.valid(), mended(chunk.invalid())]);
        if !self.0.fits(parts().map(str::len).sum()) {
            return Err(limit);
        }
        self.0.clear();
        parts().for_each(|part| _ = self.0.push(Text::new(part.as_bytes())));
        Ok(())
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

fn mended(wrong: &[u8]) -> &'static str {
    if wrong.is_empty() { "" } else { "\u{fffd}" }
}
