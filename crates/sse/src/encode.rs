//! From an event to the bytes of an event stream. When they are sent is the stream's business.

mod buf;
mod digits;
mod lines;

use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use bytes::Bytes;
use tidewire_core::Outbox;

use crate::scan::has_line_end;
use crate::{EventId, EventName};

pub use buf::FrameBuf;
use digits::Digits;
use lines::Lines;

/// One block of an event stream: an event, or only an ID, a reconnection time or a comment.
///
/// Nothing in it can forge a field. Data and comments are cut at each CRLF, CR and LF and written
/// line by line, so the receiver sees every line break as LF; names and IDs are
/// [checked](EventName) before. What is absent is not written, what is empty is.
///
/// Each field is written as `name: value`, with the space that keeps leading spaces of the value. A
/// blank line ends the block, unless it is a comment alone: some receivers take a lone blank line
/// for an event.
///
/// ```
/// use tidewire_sse::Frame;
///
/// assert_eq!(Frame::new().data("a\nb").to_bytes(), "data: a\ndata: b\n\n");
/// assert_eq!(Frame::new().data("").to_bytes(), "data: \n\n");
/// assert_eq!(Frame::new().comment("still here").to_bytes(), ": still here\n");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame<'a> {
    comment: Option<&'a str>,
    name: Option<&'a EventName>,
    id: Option<&'a EventId>,
    retry: Option<Digits>,
    data: Option<&'a str>,
}

impl<'a> Frame<'a> {
    /// A frame that says nothing, in no bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { comment: None, name: None, id: None, retry: None, data: None }
    }

    /// Puts a comment in front, which a browser's scripts cannot see.
    #[must_use]
    pub const fn comment(mut self, comment: &'a str) -> Self {
        self.comment = Some(comment);
        self
    }

    /// Names the event. Without data it says nothing.
    #[must_use]
    pub const fn name(mut self, name: &'a EventName) -> Self {
        self.name = Some(name);
        self
    }

    /// Sets the last event ID, with or without data.
    #[must_use]
    pub const fn id(mut self, id: &'a EventId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets how long a client waits before it connects again, in whole milliseconds, rounded down.
    #[must_use]
    pub const fn retry(mut self, wait: Duration) -> Self {
        let millis = wait.as_millis();
        let millis = if millis > u64::MAX as u128 { u64::MAX } else { millis as u64 };
        self.retry = Some(Digits::new(millis));
        self
    }

    /// Gives the event its data, without which it is none. Empty data makes an event, too.
    #[must_use]
    pub const fn data(mut self, data: &'a str) -> Self {
        self.data = Some(data);
        self
    }

    /// The number of bytes that the frame takes.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        match self.len_of_event() {
            Some(len) => len,
            None => Lines::new(self).map(|(prefix, value)| prefix.len() + value.len() + 1).sum(),
        }
    }

    /// Pushes the frame to `outbox`, for one receiver. For many, send the same
    /// [bytes](Self::to_bytes) to all.
    pub fn encode(&self, outbox: &mut Outbox) {
        if let Some(len) = self.len_of_event() {
            outbox.push_with(len, |room| self.fill_event(room));
            return;
        }
        for (prefix, value) in Lines::new(self) {
            for part in [prefix, value, b"\n"] {
                outbox.push(part);
            }
        }
    }

    /// The frame in one allocation of exactly its size, to be shared by all who receive it.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if let Some(len) = self.len_of_event() {
            let mut bytes = vec![0; len];
            self.fill_event(&mut bytes);
            return bytes.into();
        }
        let mut bytes = Vec::with_capacity(self.encoded_len());
        for (prefix, value) in Lines::new(self) {
            for part in [prefix, value, b"\n"] {
                bytes.extend_from_slice(part);
            }
        }
        bytes.into()
    }

    /// The frame piece by piece, for buffers of any size and for vectored writes.
    #[must_use]
    pub fn buf(&self) -> FrameBuf<'_> {
        FrameBuf::new(self)
    }

    /// Whether it is a comment alone, or nothing at all.
    fn is_comment(&self) -> bool {
        self.name.is_none() && self.id.is_none() && self.retry.is_none() && self.data.is_none()
    }

    /// The length of the most common frame: data of one line, a name and an ID if need be.
    #[inline]
    fn len_of_event(&self) -> Option<usize> {
        let (None, None, Some(data)) = (self.comment, &self.retry, self.data) else { return None };
        if has_line_end(data) {
            return None;
        }
        let name = self.name.map_or(0, |name| NAME.len() + name.as_str().len() + 1);
        let id = self.id.map_or(0, |id| ID.len() + id.as_str().len() + 1);
        Some(name + id + DATA.len() + data.len() + 2)
    }

    /// Writes that frame into a room of its length.
    #[inline]
    fn fill_event(&self, mut room: &mut [u8]) {
        let mut put = |part: &[u8]| {
            let (start, rest) = mem::take(&mut room).split_at_mut(part.len());
            start.copy_from_slice(part);
            room = rest;
        };
        if let Some(name) = self.name {
            put(NAME);
            put(name.as_str().as_bytes());
            put(b"\n");
        }
        if let Some(id) = self.id {
            put(ID);
            put(id.as_str().as_bytes());
            put(b"\n");
        }
        put(DATA);
        put(self.data.unwrap_or_default().as_bytes());
        put(b"\n\n");
    }
}

const NAME: &[u8] = b"event: ";
const ID: &[u8] = b"id: ";
const DATA: &[u8] = b"data: ";
