//! Text that is kept as UTF-8, for ids and names. Text that may be none is in `text`.

use crate::gathered::Gathered;
use crate::scratch::Scratch;
use crate::{LimitError, Text};

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
        let fits = self.0.fits(text.len());
        if fits {
            self.0.push(text);
        }
        fits
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
        parts().for_each(|part| self.0.push(Text::new(part.as_bytes())));
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
