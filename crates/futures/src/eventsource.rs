//! The method that turns bytes into events where they are. The stream itself lives elsewhere.

use bytes::Bytes;
use futures_core::Stream;

use crate::EventStream;

/// Gives each stream of bytes a method that reads the events in it.
pub trait Eventsource: Sized {
    /// The events in these bytes, with the limits of [`EventStream::new`].
    fn eventsource(self) -> EventStream<Self>;
}

impl<S, B, E> Eventsource for S
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
{
    fn eventsource(self) -> EventStream<Self> {
        EventStream::new(self)
    }
}
