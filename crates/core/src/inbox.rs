//! The peer's bytes on their way in. Lending them to an event is the payload's business.

use core::mem;
#[cfg(feature = "std")]
use std::io::ErrorKind;

use bytes::{Buf, BufMut, BytesMut};

use crate::Payload;

/// The peer's bytes: the caller reads from its transport straight into it, machines eat from its
/// front.
///
/// A new inbox, and one that was [released](Self::release), owns no memory. So a connection at rest
/// costs no buffer, and one inbox can serve all idle connections of a thread in turn.
///
/// An event may hold bytes that are [lent](Self::lend) from the inbox. They leave it with the next
/// access after the event is gone; nothing has to be returned.
///
/// ```
/// use tidewire_core::Inbox;
///
/// let mut inbox = Inbox::new();
/// assert_eq!(inbox.capacity(), 0);
/// inbox.push(b"GET / HTTP/1.1\r\n");
/// inbox.eat(4);
/// assert_eq!(inbox.lend(1).as_slice(), b"/");
/// assert_eq!(inbox.as_slice(), b" HTTP/1.1\r\n");
/// ```
#[derive(Debug, Default)]
pub struct Inbox {
    buf: BytesMut,
    /// Bytes at the front of `buf` that are eaten. They leave it all at once, before more come: to
    /// move its front for each frame would cost more than the frame.
    eaten: usize,
    /// How many of them, the last ones, were lent.
    lent: usize,
    /// The length that the machine needs to make progress, if more than `DEFAULT_LIMIT`.
    demand: usize,
    ended: bool,
}

impl Inbox {
    /// How many unread bytes an inbox takes when no machine demands more: 64 KiB.
    pub const DEFAULT_LIMIT: usize = 64 * 1024;

    /// An empty inbox, which owns no memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The unread bytes.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        &self.buf[self.eaten..]
    }

    /// The unread bytes, for machines that decode in place.
    #[must_use]
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.buf[self.eaten..]
    }

    /// The number of unread bytes.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.buf.len() - self.eaten
    }

    /// Whether no byte is unread.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bytes of memory that the inbox owns.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buf.capacity()
    }

    /// Appends a copy of `bytes`, for callers that cannot read straight into the inbox.
    pub fn push(&mut self, bytes: &[u8]) {
        self.settle();
        self.buf.extend_from_slice(bytes);
    }

    /// Room to read at most `max` bytes into, and never more than [`room`](Self::room) tells.
    ///
    /// What is written there is unread input. Memory for it is reserved now.
    pub fn spare(&mut self, max: usize) -> impl BufMut + '_ {
        self.settle();
        let max = max.min(self.room());
        self.buf.reserve(max);
        (&mut self.buf).limit(max)
    }

    /// How many more bytes the inbox should take now. At zero the caller stops reading until a
    /// machine has eaten.
    ///
    /// The bound is [`DEFAULT_LIMIT`](Self::DEFAULT_LIMIT) unless a machine that waits for the rest
    /// of something longer [demanded](Self::demand) more. It keeps a peer that sends ahead of a
    /// held answer from filling memory.
    #[must_use]
    pub fn room(&self) -> usize {
        self.demand.max(Self::DEFAULT_LIMIT).saturating_sub(self.len())
    }

    /// Says that the machine needs `len` unread bytes in all before it can make progress.
    ///
    /// Reserves nothing: a peer may claim a length and never send it. The demand ends when the
    /// next byte is eaten or lent.
    pub fn demand(&mut self, len: usize) {
        self.demand = len;
    }

    /// Drops the first `len` unread bytes.
    ///
    /// # Panics
    ///
    /// If fewer than `len` bytes are unread.
    #[inline]
    pub fn eat(&mut self, len: usize) {
        assert!(len <= self.len(), "eats only what is there");
        self.demand = 0;
        self.eaten += len;
        self.lent = 0;
    }

    /// Lends the first `len` unread bytes. They count as eaten at once.
    ///
    /// # Panics
    ///
    /// If fewer than `len` bytes are unread.
    #[inline]
    pub fn lend(&mut self, len: usize) -> Payload<'_> {
        self.eat(len);
        self.lent = len;
        Payload::lent(self)
    }

    /// Takes the first `len` unread bytes out without copying them.
    ///
    /// # Panics
    ///
    /// If fewer than `len` bytes are unread.
    #[must_use]
    pub fn take(&mut self, len: usize) -> BytesMut {
        self.settle();
        self.demand = 0;
        self.buf.split_to(len)
    }

    /// Marks that the peer will send no more: the transport reported the end of its stream, or
    /// failed.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether the peer has ended its stream. Unread bytes may still be there.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Gives the memory back if no byte is unread; else does nothing. Call it before a long wait.
    pub fn release(&mut self) {
        self.settle();
        if self.buf.is_empty() {
            self.buf = BytesMut::new();
        }
    }

    /// Reads once from a blocking stream, at most 16 KiB. A read of nothing marks the end.
    ///
    /// Returns the number of bytes read; zero also when there is no [`room`](Self::room), and when
    /// the stream has nothing yet: `WouldBlock`, `TimedOut` or `Interrupted`.
    ///
    /// # Errors
    ///
    /// What else the stream reports.
    #[cfg(feature = "std")]
    pub fn read_from(&mut self, stream: &mut impl std::io::Read) -> std::io::Result<usize> {
        let want = self.room().min(16 * 1024);
        if want == 0 {
            return Ok(0);
        }
        self.settle();
        let old = self.buf.len();
        self.buf.resize(old + want, 0);
        let read = stream.read(&mut self.buf[old..]);
        self.buf.truncate(old + read.as_ref().map_or(0, |&n| n));
        self.ended |= matches!(read, Ok(0));
        read.or_else(|error| match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(0),
            _ => Err(error),
        })
    }

    /// What the payload shows: the bytes that were lent last.
    #[inline]
    pub(crate) fn lent_slice(&self) -> &[u8] {
        &self.buf[self.eaten - self.lent..self.eaten]
    }

    /// Splits off the bytes that were lent last.
    pub(crate) fn take_lent(&mut self) -> BytesMut {
        let lent = mem::take(&mut self.lent);
        self.buf.advance(mem::take(&mut self.eaten) - lent);
        self.buf.split_to(lent)
    }

    /// Drops the eaten bytes.
    fn settle(&mut self) {
        self.lent = 0;
        let left = self.len();
        if left <= self.eaten {
            // To move less than was eaten keeps the buffer in one place, and in the cache.
            self.buf.copy_within(self.eaten.., 0);
            self.buf.truncate(left);
        } else {
            self.buf.advance(self.eaten);
        }
        self.eaten = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lent_bytes_leave_with_the_next_access() {
        let mut inbox = Inbox::new();
        inbox.push(b"abcdef");
        assert_eq!(inbox.lend(2).as_slice(), b"ab");
        assert_eq!(inbox.as_slice(), b"cdef");
        assert_eq!(inbox.lend(1).as_slice(), b"c");
        inbox.push(b"g");
        assert_eq!(inbox.as_slice(), b"defg");
        assert_eq!(inbox.take(2).as_ref(), b"de");
        assert_eq!(inbox.len(), 2);
    }

    #[test]
    fn room_shrinks_with_unread_bytes_and_grows_on_demand() {
        let mut inbox = Inbox::new();
        inbox.push(&[0; 1000]);
        assert_eq!(inbox.room(), Inbox::DEFAULT_LIMIT - 1000);
        inbox.demand(100_000);
        assert_eq!(inbox.room(), 99_000);
        inbox.eat(1);
        assert_eq!(inbox.room(), Inbox::DEFAULT_LIMIT - 999);
    }

    #[test]
    fn spare_room_takes_no_more_than_the_limit() {
        let mut inbox = Inbox::new();
        inbox.push(&[0; Inbox::DEFAULT_LIMIT - 3]);
        let mut spare = inbox.spare(10);
        assert_eq!(spare.remaining_mut(), 3);
        spare.put_slice(b"xyz");
        drop(spare);
        assert_eq!(inbox.room(), 0);
        assert_eq!(inbox.spare(10).remaining_mut(), 0);
    }

    #[test]
    fn releasing_keeps_unread_bytes() {
        let mut inbox = Inbox::new();
        inbox.push(b"x");
        inbox.release();
        assert_eq!(inbox.as_slice(), b"x");
        assert_eq!(inbox.lend(1).len(), 1);
        inbox.release();
        assert_eq!(inbox.capacity(), 0);
    }

    #[cfg(feature = "std")]
    #[test]
    fn a_stream_that_has_nothing_yet_is_not_ended() {
        struct Empty(ErrorKind);
        impl std::io::Read for Empty {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(self.0.into())
            }
        }
        let mut inbox = Inbox::new();
        for kind in [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::Interrupted] {
            assert_eq!(inbox.read_from(&mut Empty(kind)).unwrap(), 0);
        }
        let reset = inbox.read_from(&mut Empty(ErrorKind::ConnectionReset));
        assert_eq!(reset.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert!(inbox.is_empty() && !inbox.is_ended());
    }

    #[cfg(feature = "std")]
    #[test]
    fn reading_nothing_marks_the_end() {
        let mut inbox = Inbox::new();
        let mut stream: &[u8] = b"hello";
        assert_eq!(inbox.read_from(&mut stream).unwrap(), 5);
        assert!(!inbox.is_ended());
        assert_eq!(inbox.read_from(&mut stream).unwrap(), 0);
        assert!(inbox.is_ended());
        assert_eq!(inbox.as_slice(), b"hello");
    }
}
