//! A text message: a payload that was checked. The check itself is in `utf8`.
#![allow(unsafe_code, reason = "reading checked text must not cost a second check")]

use core::fmt;
use core::ops::Deref;

use bytes::Bytes;
use tidewire_core::Payload;

/// The text of a message, known to be UTF-8. Reading it costs nothing.
#[derive(PartialEq, Eq)]
pub struct Text<'i>(
    /// Whole characters, each checked. The payload lends them from an inbox that nobody can reach
    /// meanwhile, or owns them.
    Payload<'i>,
);

impl<'i> Text<'i> {
    /// Takes a payload as text. Its bytes went through a [`Utf8`], and no character is cut at
    /// either end.
    ///
    /// [`Utf8`]: crate::utf8::Utf8
    #[inline]
    pub(crate) fn new(payload: Payload<'i>) -> Self {
        debug_assert!(core::str::from_utf8(&payload).is_ok(), "every byte was checked");
        Self(payload)
    }

    /// The text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: `Self::new` is the only constructor, and its caller had each byte of the payload
        // checked. The bytes cannot have changed since: a payload gives out shared slices only.
        unsafe { core::str::from_utf8_unchecked(self.0.as_slice()) }
    }

    /// The text's bytes, to keep or to send on. Nothing is copied.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0.into_bytes()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
