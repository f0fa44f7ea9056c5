//! Event names and event IDs that cannot break out of their line. Writing them is the frame's
//! business.

use alloc::borrow::Cow;
use core::fmt;

use memchr::{memchr, memchr2};

/// The name of an event, which is what a browser's listeners listen for.
///
/// It holds no CR and no LF: a name that does would end its line and could forge other fields. An
/// empty name means `message` to the receiver.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName(Cow<'static, str>);

/// The ID of an event, which a client sends back to resume behind it.
///
/// It holds no CR and no LF, which would end its line, and no NUL, for which a receiver would ignore
/// it. An empty ID makes the receiver forget the one it has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(Cow<'static, str>);

/// Why a text is no event name or ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It holds a CR or LF.
    #[error("an event name or ID holds a line end")]
    LineEnd,
    /// It holds a NUL and was to be an ID.
    #[error("an event ID holds a NUL")]
    Nul,
}

impl EventName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`NameError::LineEnd`] if it holds a CR or LF.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, NameError> {
        let name = name.into();
        match memchr2(b'\r', b'\n', name.as_bytes()) {
            Some(_) => Err(NameError::LineEnd),
            None => Ok(Self(name)),
        }
    }

    /// A name that is known beforehand; in a `static` it is checked at compile time, and lives as long
    /// as any [`Frame`](crate::Frame) that borrows it.
    ///
    /// # Panics
    ///
    /// If it holds a CR or LF.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_free_of(name, b"\r\n"), "an event name holds no line end");
        Self(Cow::Borrowed(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EventId {
    /// Checks an ID.
    ///
    /// # Errors
    ///
    /// [`NameError::LineEnd`] if it holds a CR or LF, [`NameError::Nul`] if it holds a NUL.
    pub fn new(id: impl Into<Cow<'static, str>>) -> Result<Self, NameError> {
        let id = id.into();
        if memchr2(b'\r', b'\n', id.as_bytes()).is_some() {
            Err(NameError::LineEnd)
        } else if memchr(0, id.as_bytes()).is_some() {
            Err(NameError::Nul)
        } else {
            Ok(Self(id))
        }
    }

    /// An ID that is known beforehand; in a `static` it is checked at compile time.
    ///
    /// # Panics
    ///
    /// If it holds a CR, LF or NUL.
    #[must_use]
    pub const fn from_static(id: &'static str) -> Self {
        assert!(is_free_of(id, b"\r\n\0"), "an event ID holds no line end and no NUL");
        Self(Cow::Borrowed(id))
    }

    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_free_of(text: &str, banned: &[u8]) -> bool {
    let (bytes, mut at) = (text.as_bytes(), 0);
    while at < bytes.len() {
        let mut other = 0;
        while other < banned.len() {
            if bytes[at] == banned[other] {
                return false;
            }
            other += 1;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    const PRICE: EventName = EventName::from_static("price");

    #[test]
    fn what_would_end_the_line_is_no_name_and_no_id() {
        for text in ["a\nb", "\r", "a\r\ndata: forged", "\n"] {
            assert_eq!(EventName::new(text), Err(NameError::LineEnd));
            assert_eq!(EventId::new(text), Err(NameError::LineEnd));
        }
        assert_eq!(EventId::new("a\0"), Err(NameError::Nul));
        assert!(EventName::new("a\0").is_ok());
    }

    #[test]
    fn anything_else_is_kept_as_it_is() {
        for text in ["", " 9 ", "\u{2028}\u{2029}\u{85}", "a: b", "…"] {
            assert_eq!(EventName::new(text).unwrap().as_str(), text);
            assert_eq!(EventId::new(text.to_string()).unwrap().to_string(), text);
        }
        assert_eq!(PRICE.to_string(), "price");
    }

    #[test]
    #[should_panic(expected = "no line end")]
    fn a_wrong_name_in_a_constant_does_not_compile() {
        let _ = EventName::from_static("a\nb");
    }
}
