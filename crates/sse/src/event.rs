//! What a decoder finds in an event stream. How it finds it is told elsewhere.

use core::time::Duration;

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
    pub(crate) name: &'a str,
    pub(crate) data: Text<'a>,
    pub(crate) last_event_id: &'a str,
}

impl<'a> Event<'a> {
    /// The event's name; `message` if the stream named none.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        if self.name.is_empty() { "message" } else { self.name }
    }

    /// The event's data lines, joined by LF.
    #[must_use]
    pub const fn data(&self) -> Text<'a> {
        self.data
    }

    /// The last event ID as of this event, which an earlier event may have set; empty if none did.
    #[must_use]
    pub const fn last_event_id(&self) -> &'a str {
        self.last_event_id
    }
}
