//! From an event to the bytes of an event stream. When they are sent is the stream's business.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::iter;
use core::time::Duration;

use bytes::Bytes;
use memchr::memchr2;
use tidewire_core::Outbox;

use crate::{EventId, EventName};

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
    retry: Option<Duration>,
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
        self.retry = Some(wait);
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
        let mut len = 0;
        self.write(|part| len += part.len());
        len
    }

    /// Pushes the frame to `outbox`, for one receiver. For many, send the same
    /// [bytes](Self::to_bytes) to all.
    pub fn encode(&self, outbox: &mut Outbox) {
        self.write(|part| outbox.push(part));
    }

    /// The frame in one allocation of exactly its size, to be shared by all who receive it.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(self.encoded_len());
        self.write(|part| bytes.extend_from_slice(part));
        bytes.into()
    }

    fn write(&self, mut put: impl FnMut(&[u8])) {
        let mut field = |name: &str, value: &[u8]| {
            for part in [name.as_bytes(), b": ", value, b"\n"] {
                put(part);
            }
        };
        for line in self.comment.into_iter().flat_map(lines) {
            field("", line);
        }
        if let Some(name) = self.name {
            field("event", name.as_str().as_bytes());
        }
        if let Some(id) = self.id {
            field("id", id.as_str().as_bytes());
        }
        if let Some(wait) = self.retry {
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            field("retry", millis.to_string().as_bytes());
        }
        for line in self.data.into_iter().flat_map(lines) {
            field("data", line);
        }
        let is_comment = Self { comment: None, ..*self } == Self::new();
        if !is_comment {
            put(b"\n");
        }
    }
}

/// The lines of a text, at least one, as a receiver cuts them.
fn lines(text: &str) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text.as_bytes());
    iter::from_fn(move || {
        let text = rest.take()?;
        let Some(end) = memchr2(b'\r', b'\n', text) else { return Some(text) };
        let (line, tail) = text.split_at(end);
        rest = tail.strip_prefix(b"\r\n").or(tail.get(1..));
        Some(line)
    })
}
