//! Text as a peer sent it, which may be no UTF-8. Who lends it is the decoder.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::str::Utf8Error;

use crate::utf8;

/// Text of an event stream, read as UTF-8 only when asked to.
///
/// JSON parsers check UTF-8 themselves: give them [`as_bytes`](Self::as_bytes), and every byte is
/// looked at once.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as received; line ends inside event data are single LFs.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// The peer sent something that is no UTF-8.
    #[inline]
    pub fn to_str(self) -> Result<&'a str, Utf8Error> {
        utf8::check(self.0)
    }

    /// The text, borrowed if it is UTF-8; else each wrong sequence becomes one U+FFFD, as the
    /// WHATWG Encoding Standard has it.
    #[must_use]
    #[inline]
    pub fn to_str_lossy(self) -> Cow<'a, str> {
        match self.to_str() {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(self.0),
        }
    }
}

impl AsRef<[u8]> for Text<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str_lossy(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_bytes_are_replaced_once_per_longest_wrong_start() {
        let lossy = |bytes| Text::new(bytes).to_str_lossy();
        assert_eq!(lossy(b"a\xff\xffb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(lossy(b"\xf0\x9f\x98x"), "\u{fffd}x");
        assert_eq!(lossy(b"\xed\xa0\x80"), "\u{fffd}\u{fffd}\u{fffd}");
        assert!(matches!(lossy("ü".as_bytes()), Cow::Borrowed("ü")));
    }
}
