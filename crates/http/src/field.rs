//! One field to send: a name and a value that can hold only what is legal. What was received stands
//! in [`Fields`](crate::Fields).

use alloc::format;
use core::fmt;

use bytes::Bytes;

use crate::syntax::{is_plain_value, is_token, is_value, text};

/// The name of a field to send: a token. RFC 9110 §5.1.
///
/// It is written as it was given and compared without regard to case. A clone is cheap.
///
/// ```
/// use tidewire_http::FieldName;
///
/// const TENANT: FieldName = FieldName::from_static("X-Tenant");
/// assert_eq!(TENANT, FieldName::new("x-tenant")?);
/// assert!(FieldName::new("X-Tenant: evil\r\nHost").is_err());
/// # Ok::<(), tidewire_http::InvalidField>(())
/// ```
#[derive(Clone)]
pub struct FieldName(Bytes);

/// The value of a field to send: visible ASCII, with SP and HTAB only inside, or [UTF-8](Self::utf8)
/// where that is asked for. RFC 9110 §5.5.
///
/// No value can end its line, so nothing that a peer chose can add a field or a body. A clone is
/// cheap.
///
/// ```
/// use tidewire_http::FieldValue;
///
/// const PLAIN: FieldValue = FieldValue::from_static("text/plain");
/// assert_eq!(PLAIN.as_str(), "text/plain");
/// assert!(FieldValue::new("a\r\nSet-Cookie: b").is_err());
/// assert_eq!(FieldValue::from(30).as_str(), "30");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FieldValue(Bytes);

/// The text is no method, target, field name or field value that may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text may not be sent there")]
pub struct InvalidField;

impl FieldName {
    /// A name known at compile time; a wrong one does not compile where a constant is made of it.
    ///
    /// # Panics
    ///
    /// If `name` is no token.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_token(name.as_bytes()), "a field name is a token");
        Self(Bytes::from_static(name.as_bytes()))
    }

    /// A name made of the caller's bytes.
    ///
    /// # Errors
    ///
    /// `name` is no token.
    pub fn new(name: impl AsRef<[u8]>) -> Result<Self, InvalidField> {
        let name = name.as_ref();
        if is_token(name) { Ok(Self(Bytes::copy_from_slice(name))) } else { Err(InvalidField) }
    }

    /// The name as it will be written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }
}

macro_rules! names {
    ($($constant:ident $name:literal)*) => {
        impl FieldName {
            $(
                #[doc = concat!("`", $name, "`")]
                pub const $constant: Self = Self::from_static($name);
            )*
        }
    };
}

names! {
    ALLOW "Allow"
    CACHE_CONTROL "Cache-Control"
    CONNECTION "Connection"
    CONTENT_LENGTH "Content-Length"
    CONTENT_TYPE "Content-Type"
    DATE "Date"
    ETAG "ETag"
    EXPECT "Expect"
    HOST "Host"
    IF_NONE_MATCH "If-None-Match"
    KEEP_ALIVE "Keep-Alive"
    LAST_EVENT_ID "Last-Event-ID"
    LOCATION "Location"
    ORIGIN "Origin"
    RETRY_AFTER "Retry-After"
    TRANSFER_ENCODING "Transfer-Encoding"
    UPGRADE "Upgrade"
    VARY "Vary"
}

impl PartialEq for FieldName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for FieldName {}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl FieldValue {
    /// A value known at compile time; a wrong one does not compile where a constant is made of it.
    ///
    /// # Panics
    ///
    /// If `value` holds a control, a character outside ASCII, or a blank at either end.
    #[must_use]
    pub const fn from_static(value: &'static str) -> Self {
        assert!(is_plain_value(value.as_bytes()), "a field value is visible ASCII");
        Self(Bytes::from_static(value.as_bytes()))
    }

    /// A value made of the caller's bytes.
    ///
    /// # Errors
    ///
    /// `value` holds a control, a character outside ASCII, or a blank at either end.
    pub fn new(value: impl AsRef<[u8]>) -> Result<Self, InvalidField> {
        let value = value.as_ref();
        if is_plain_value(value) {
            Ok(Self(Bytes::copy_from_slice(value)))
        } else {
            Err(InvalidField)
        }
    }

    /// A value of UTF-8, for the few fields in which receivers expect more than ASCII, such as
    /// `Last-Event-ID` (WHATWG HTML §9.2.4). It is as safe as any other.
    ///
    /// ```
    /// use tidewire_http::FieldValue;
    ///
    /// assert_eq!(FieldValue::utf8("caf\u{e9}")?.as_str(), "caf\u{e9}");
    /// assert!(FieldValue::utf8("\u{e9}\r\nSet-Cookie: b").is_err());
    /// # Ok::<(), tidewire_http::InvalidField>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `value` is no UTF-8, or holds an ASCII control or a blank at either end.
    pub fn utf8(value: impl AsRef<[u8]>) -> Result<Self, InvalidField> {
        let value = value.as_ref();
        if is_value(value) && str::from_utf8(value).is_ok() {
            Ok(Self(Bytes::copy_from_slice(value)))
        } else {
            Err(InvalidField)
        }
    }

    /// The value as it will be written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }
}

impl From<u64> for FieldValue {
    /// The number in decimal digits.
    fn from(number: u64) -> Self {
        Self(Bytes::from(format!("{number}")))
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_ends_a_line_can_be_sent() {
        for bad in ["\r", "\n", "a\r\nb: c", "a\0", "a\x7f", "\x1b[31m", "caf\u{e9}", "\u{2028}"] {
            assert_eq!(FieldValue::new(bad), Err(InvalidField), "{bad:?}");
            assert_eq!(FieldName::new(bad), Err(InvalidField), "{bad:?}");
        }
        for bad in ["\u{e9}\r", "\n\u{e9}", "\u{e9}\0", "\u{e9}\x7f", "\u{e9} ", "\t\u{e9}"] {
            assert_eq!(FieldValue::utf8(bad), Err(InvalidField), "{bad:?}");
        }
        assert_eq!(FieldValue::utf8(b"\xe9"), Err(InvalidField), "no UTF-8");
        assert_eq!(FieldName::new(""), Err(InvalidField));
        assert_eq!(FieldName::new("a:"), Err(InvalidField));
        assert_eq!(FieldName::new("a "), Err(InvalidField));
    }

    #[test]
    fn names_keep_their_case_and_compare_without_it() {
        let name = FieldName::new("x-ToKeN").unwrap();
        assert_eq!(name.as_str(), "x-ToKeN");
        assert_eq!(name, FieldName::from_static("X-TOKEN"));
    }
}
