//! How a stream behaves. The machine itself lives elsewhere.

use core::time::Duration;

use bytes::Bytes;

/// How a [`Stream`](crate::Stream) behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamConfig {
    /// How long the stream is silent before a sign of life is sent; `None` is for ever. Default
    /// 15 s, which the standard recommends since proxies drop silent connections (WHATWG HTML
    /// §9.2.7). Less than 1 ms counts as 1 ms.
    pub keep_alive_every: Option<Duration>,
    /// The sign of life, a whole frame. Default the comment `:` and a line end, without the blank
    /// line that some receivers take for an event. Scripts cannot see comments: give an event here
    /// if they are to notice silence.
    pub keep_alive: Bytes,
    /// How long the stream lives; its end is drawn from the last fifth, so that clients who came
    /// together do not come back together. Default `None`, for ever: a client that cannot resume
    /// would lose events at each end. Where it can, some minutes let clients follow a new server and
    /// let credentials expire.
    pub max_lifetime: Option<Duration>,
    /// How soon a client is to come back when the lifetime is over; clients keep to it from then on.
    /// Default 3 s, what browsers do unasked; `None` says nothing.
    pub retry: Option<Duration>,
    /// From how many unsent bytes on a frame is refused with [`SendError::OutboxFull`](crate::SendError::OutboxFull). Default
    /// 256 KiB: a client behind by that much resumes better from its ID.
    pub max_unsent_bytes: usize,
    /// How long bytes may wait without one of them being taken before the client counts as gone.
    /// Default 30 s; `None` is for ever.
    pub max_stall: Option<Duration>,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            keep_alive_every: Some(Duration::from_secs(15)),
            keep_alive: Bytes::from_static(b":\n"),
            max_lifetime: None,
            retry: Some(Duration::from_secs(3)),
            max_unsent_bytes: 256 << 10,
            max_stall: Some(Duration::from_secs(30)),
        }
    }
}
