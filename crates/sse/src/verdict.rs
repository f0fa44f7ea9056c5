//! What a source says of itself and to its caller. Why it says so is told elsewhere.

use crate::LimitError;

/// Where a [`Source`](crate::Source) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceState {
    /// Waits for the time to connect.
    Waiting,
    /// Has asked for a connection and waits for the response.
    Connecting,
    /// Receives events.
    Open,
    /// Is over for good.
    Stopped(Stop),
}

/// What the caller of a [`Source`](crate::Source) is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Connect and send a request with [`Source::request_fields`](crate::Source::request_fields).
    Connect,
    /// Drop the connection: it was too slow or too silent.
    /// [`Source::on_end`](crate::Source::on_end) need not be called.
    Disconnect(Ended),
}

/// What becomes of a [`Source`](crate::Source) after something happened to its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The connection is good: give its body to [`Source::decode`](crate::Source::decode).
    Open,
    /// The answer is elsewhere. The source goes on waiting for it: [judge](crate::redirect::judge)
    /// the place that `Location` names, send the request there with the
    /// [method](crate::redirect::method) and [what may go along](crate::redirect::Hop::carries), and
    /// give the head of the response to [`Source::on_response`](crate::Source::on_response) again. If
    /// that place must not be asked, [close](crate::Source::close) the source, or say that its
    /// connection [ended](crate::Source::on_end), to have it come back to the first place later.
    Redirect(Redirect),
    /// Drop the connection; another will be asked for at [`Source::deadline`](crate::Source::deadline).
    Retry,
    /// Drop the connection; none will be asked for again.
    Stopped(Stop),
}

/// For how long the answer is elsewhere. RFC 9110 §15.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// This time (302, 303, 307): the next connect begins at the first place again.
    Temporary,
    /// From now on (301, 308): the next connect may begin at the new place, if all before it on this
    /// way were permanent, too.
    Permanent,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// Whether it ended within a line or a block: what there was of an event is dropped. It may have been a
    /// comment, or a `retry`, and no event.
    pub open_block: bool,
    /// What comes next.
    pub verdict: Verdict,
}

/// Why a [`Source`](crate::Source) is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stop {
    /// By [`Source::close`](crate::Source::close).
    #[error("the event source was closed")]
    Closed,
    /// The server answered 204, its way to say "do not come back".
    #[error("peer answered 204 to end the event stream")]
    NoContent,
    /// The server answered with this status.
    #[error("peer answered {0} instead of an event stream")]
    Status(u16),
    /// The server answered 200 with something that is no `text/event-stream`.
    #[error("peer answered with another content type than text/event-stream")]
    ContentType,
    /// The server passed a limit, and [`OnExcess::Fail`](crate::OnExcess::Fail) is set.
    #[error(transparent)]
    Limit(LimitError),
    /// The connection ended, and [`SourceConfig::reconnect`](crate::SourceConfig::reconnect) forbids
    /// another.
    #[error("the event stream ended")]
    Ended,
    /// There were [`SourceConfig::max_reconnects`](crate::SourceConfig::max_reconnects) without
    /// progress.
    #[error("gave up the event stream after {reconnects} reconnects")]
    GaveUp {
        /// How many there were.
        reconnects: u32,
    },
}
