//! What a decoder finds in an event stream. How it finds it is told elsewhere.

use alloc::sync::Arc;
use core::time::Duration;

use bytes::Bytes;

use crate::{LimitError, Text};

/// One thing that an event stream said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'a> {
    /// A block with data: an event was dispatched.
    Event(Event<'a>),
    /// The text of a comment line, without the colon and one space behind it. Told only to whoever
    /// [asked](crate::Interest::comments).
    Comment(Text<'a>),
    /// The peer set the reconnection time. Told only to whoever [asked](crate::Interest::retries).
    Retry(Duration),
    /// A block passed a limit and was dropped whole, its `id` apart.
    Skipped(LimitError),
}

/// An event, lent until the decoder reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// UTF-8, as is the ID.
    pub(crate) name: Text<'a>,
    pub(crate) data: Text<'a>,
    pub(crate) last_event_id: Text<'a>,
}

impl<'a> Event<'a> {
    /// The event's name; `message` if the stream named none.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'a str {
        match self.name.to_str() {
            Ok("") | Err(_) => "message",
            Ok(name) => name,
        }
    }

    /// The event's data lines, joined by LF.
    #[must_use]
    pub const fn data(&self) -> Text<'a> {
        self.data
    }

    /// The last event ID as of this event, which an earlier event may have set; empty if none did.
    #[must_use]
    pub fn last_event_id(&self) -> &'a str {
        self.last_event_id.to_str().unwrap_or_default()
    }
}

/// What an event stream said, on its own: [`Item`] for whoever keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedItem {
    /// As [`Item::Event`].
    Event(OwnedEvent),
    /// As [`Item::Comment`]; the bytes as received.
    Comment(Bytes),
    /// As [`Item::Retry`].
    Retry(Duration),
    /// As [`Item::Skipped`].
    Skipped(LimitError),
}

/// An event that outlives the decoder's next move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedEvent {
    /// Shared by events that follow each other with the same one.
    name: Option<Arc<str>>,
    data: Bytes,
    /// Shared by all events that carry it.
    last_event_id: Option<Arc<str>>,
}

impl OwnedEvent {
    pub(crate) const fn new(
        name: Option<Arc<str>>,
        data: Bytes,
        last_event_id: Option<Arc<str>>,
    ) -> Self {
        Self { name, data, last_event_id }
    }

    /// As [`Event::name`].
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("message")
    }

    /// As [`Event::data`].
    #[must_use]
    pub fn data(&self) -> Text<'_> {
        Text::new(&self.data)
    }

    /// The event's data as received, as [`Text::as_bytes`] has them.
    #[must_use]
    pub fn into_data(self) -> Bytes {
        self.data
    }

    /// As [`Event::last_event_id`].
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.last_event_id.as_deref().unwrap_or_default()
    }
}
