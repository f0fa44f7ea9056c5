//! Bytes that an event holds: lent from the inbox, or owned where a machine had to assemble them.

use core::fmt;
use core::ops::Deref;

use bytes::{Bytes, BytesMut};

use crate::Inbox;

/// The bytes of an event.
///
/// Usually they are lent from the inbox, in place, and looking at them costs nothing. While it is
/// held, the inbox cannot be used, but the machine and the outbox can: a handler may answer before
/// it lets go. Where a machine had to join pieces, the payload owns them instead; both look alike.
pub struct Payload<'i>(Source<'i>);

enum Source<'i> {
    Lent(&'i mut Inbox),
    Owned(BytesMut),
}

impl<'i> Payload<'i> {
    #[inline]
    pub(crate) fn lent(inbox: &'i mut Inbox) -> Self {
        Self(Source::Lent(inbox))
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Source::Lent(inbox) => inbox.lent_slice(),
            Source::Owned(bytes) => bytes,
        }
    }

    /// The bytes, to keep. Nothing is copied: lent bytes are split off the inbox, whose memory
    /// lives on until both are gone.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Source::Lent(inbox) => inbox.take_lent(),
            Source::Owned(bytes) => bytes,
        }
        .freeze()
    }
}

impl From<BytesMut> for Payload<'_> {
    fn from(bytes: BytesMut) -> Self {
        Self(Source::Owned(bytes))
    }
}

impl Deref for Payload<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Payload<'_> {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for Payload<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Payload<'_> {}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_slice().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeping_lent_bytes_leaves_the_rest_unread() {
        let mut inbox = Inbox::new();
        inbox.push(b"abcdef");
        let kept = inbox.lend(4).into_bytes();
        inbox.push(b"gh");
        assert_eq!(kept, b"abcd".as_slice());
        assert_eq!(inbox.as_slice(), b"efgh");
    }

    #[test]
    fn lent_and_owned_bytes_look_alike() {
        let mut inbox = Inbox::new();
        inbox.push(b"a\n");
        let owned = Payload::from(BytesMut::from(&b"a\n"[..]));
        let lent = inbox.lend(2);
        assert_eq!(lent, owned);
        assert_eq!(alloc::format!("{lent:?}"), r#"b"a\n""#);
    }
}
