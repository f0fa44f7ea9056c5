//! What a poller asks for. How it is put into a request is for whoever owns the URL to say.

use core::time::Duration;

use tidewire_hub::{Cursor, Start};

/// What to ask for.
///
/// The request must forbid caches to store its answer: `Cache-Control: no-store`. RFC 9111
/// §5.2.1.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollRequest {
    /// Where to go on.
    pub after: Start,
    /// How long the server shall hold the poll; zero is an interval poll, or a long poller's first,
    /// for which there is no cursor yet.
    pub wait: Duration,
    /// The cursor for `If-None-Match`, as an [`EntityTag`](crate::EntityTag): if there is no news,
    /// 304 says so without a body. Interval polls alone have it.
    pub if_none_match: Option<Cursor>,
}
