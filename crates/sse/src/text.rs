//! Text as a peer sent it, which may be no UTF-8. Who lends it is the decoder.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::str::Utf8Error;

/// Text of an event stream, read as UTF-8 only when asked to.
///
/// JSON parsers check UTF-8 themselves: give them [`as_bytes`](Self::as_bytes), and every byte is
/// looked at once. To compare it with a `str`, none of it need be checked.
#[derive(Clone, Copy)]
pub struct Text<'a>(Kind<'a>);

#[derive(Clone, Copy)]
enum Kind<'a> {
    /// Seen to be ASCII when its line was read.
    Ascii(&'a str),
    Any(&'a [u8]),
}

impl<'a> Text<'a> {
    pub(crate) const EMPTY: Self = Self(Kind::Ascii(""));

    #[inline]
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(Kind::Any(bytes))
    }

    /// Text that has been looked at.
    #[inline]
    pub(crate) const fn ascii(text: &'a str) -> Self {
        Self(Kind::Ascii(text))
    }

    /// Its first bytes, which are ASCII or all, and the others.
    #[inline]
    pub(crate) fn split_at(self, at: usize) -> (Self, Self) {
        match self.0 {
            Kind::Ascii(text) => {
                let (head, tail) = text.split_at(at);
                (Self::ascii(head), Self::ascii(tail))
            }
            Kind::Any(bytes) => {
                let (head, tail) = bytes.split_at(at);
                (Self::new(head), Self::new(tail))
            }
        }
    }

    /// What stands behind the `prefix`, if it begins with that.
    #[inline]
    pub(crate) fn strip_prefix(self, prefix: &str) -> Option<Self> {
        match self.0 {
            Kind::Ascii(text) => text.strip_prefix(prefix).map(Self::ascii),
            Kind::Any(bytes) => bytes.strip_prefix(prefix.as_bytes()).map(Self::new),
        }
    }

    /// Whether it is known to be ASCII.
    #[inline]
    pub(crate) const fn is_ascii(self) -> bool {
        matches!(self.0, Kind::Ascii(_))
    }

    #[inline]
    pub(crate) const fn len(self) -> usize {
        self.as_bytes().len()
    }

    /// The bytes as received; line ends inside event data are single LFs.
    #[must_use]
    #[inline]
    pub const fn as_bytes(self) -> &'a [u8] {
        match self.0 {
            Kind::Ascii(text) => text.as_bytes(),
            Kind::Any(bytes) => bytes,
        }
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// The peer sent something that is no UTF-8.
    #[inline]
    pub fn to_str(self) -> Result<&'a str, Utf8Error> {
        match self.0 {
            Kind::Ascii(text) => Ok(text),
            Kind::Any(bytes) => check(bytes),
        }
    }

    /// The text, borrowed if it is UTF-8; else each wrong sequence becomes one U+FFFD, as the
    /// WHATWG Encoding Standard has it.
    #[must_use]
    #[inline]
    pub fn to_str_lossy(self) -> Cow<'a, str> {
        match self.to_str() {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(self.as_bytes()),
        }
    }
}

impl Default for Text<'_> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl AsRef<[u8]> for Text<'_> {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str_lossy(), f)
    }
}

/// The bytes as text, as fast as it can be checked.
#[inline]
fn check(bytes: &[u8]) -> Result<&str, Utf8Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_bytes_are_replaced_once_per_longest_wrong_start() {
        let lossy = |bytes| Text::new(bytes).to_str_lossy();
        assert!(Text::new(b"[DONE]") == "[DONE]" && Text::new(b"\xff") != "\u{fffd}");
        assert_eq!(lossy(b"a\xff\xffb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(lossy(b"\xf0\x9f\x98x"), "\u{fffd}x");
        assert_eq!(lossy(b"\xed\xa0\x80"), "\u{fffd}\u{fffd}\u{fffd}");
        assert!(matches!(lossy("ü".as_bytes()), Cow::Borrowed("ü")));
    }
}
