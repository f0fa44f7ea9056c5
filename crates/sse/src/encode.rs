//! From an event to the bytes of an event stream. When they are sent is the stream's business.

mod buf;
mod digits;
mod lines;

use alloc::vec::Vec;
use core::mem;
use core::time::Duration;

use bytes::Bytes;
use tidewire_core::Outbox;

use crate::scan::is_line;
use crate::{EventId, EventName};

pub use buf::FrameBuf;
use digits::Digits;

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

    /// The number of bytes that the frame takes: so much room
    /// [`copy_to_slice`](bytes::Buf::copy_to_slice) of its [`buf`](Self::buf) fills in one go.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        self.plan().len
    }

    /// Pushes the frame to `outbox`, for one receiver. For many, send the same
    /// [bytes](Self::to_bytes) to all.
    pub fn encode(&self, outbox: &mut Outbox) {
        let plan = self.plan();
        outbox.push_with(plan.len, |mut room| {
            self.each_line(plan.is_data_line, |name, value| {
                let (start, rest) = mem::take(&mut room).split_at_mut(name.len() + value.len() + 1);
                start[..name.len()].copy_from_slice(name);
                start[name.len()..][..value.len()].copy_from_slice(value);
                start[name.len() + value.len()] = b'\n';
                room = rest;
            });
        });
    }

    /// The frame in one allocation of exactly its size, to be shared by all who receive it.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let plan = self.plan();
        let mut bytes = Vec::with_capacity(plan.len);
        self.each_line(plan.is_data_line, |name, value| {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(value);
            bytes.push(b'\n');
        });
        bytes.into()
    }

    /// The frame piece by piece, for buffers of any size and for vectored writes. It borrows the
    /// frame, since the digits of a reconnection time lie there.
    #[must_use]
    pub fn buf(&self) -> FrameBuf<'_> {
        FrameBuf::new(self)
    }

    /// Whether it is a comment alone, or nothing at all.
    fn is_comment(&self) -> bool {
        self.name.is_none() && self.id.is_none() && self.retry.is_none() && self.data.is_none()
    }

    #[inline]
    fn plan(&self) -> Plan {
        let (mut len, is_data_line) = (0, self.data.is_some_and(is_line));
        self.each_line(is_data_line, |name, value| len += name.len() + value.len() + 1);
        Plan { len, is_data_line }
    }

    /// Shows the name and the value of each line, the blank one included.
    #[inline]
    fn each_line(&self, is_data_line: bool, mut line: impl FnMut(&[u8], &[u8])) {
        if let Some(text) = self.comment {
            lines::each(text, |value| line(COMMENT, value));
        }
        if let Some(name) = self.name {
            line(NAME, name.as_str().as_bytes());
        }
        if let Some(id) = self.id {
            line(ID, id.as_str().as_bytes());
        }
        if let Some(digits) = &self.retry {
            line(RETRY, digits.as_bytes());
        }
        match self.data {
            Some(text) if is_data_line => line(DATA, text.as_bytes()),
            Some(text) => lines::each(text, |value| line(DATA, value)),
            None => {}
        }
        if !self.is_comment() {
            line(b"", b"");
        }
    }
}

/// What a look at the texts of a frame tells.
#[derive(Clone, Copy, Debug)]
struct Plan {
    len: usize,
    /// Whether the data are a single line.
    is_data_line: bool,
}

const COMMENT: &[u8] = b": ";
const NAME: &[u8] = b"event: ";
const ID: &[u8] = b"id: ";
const RETRY: &[u8] = b"retry: ";
const DATA: &[u8] = b"data: ";
