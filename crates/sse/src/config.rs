//! How a stream and a source behave. The machines themselves live elsewhere.

use core::time::Duration;

use bytes::Bytes;

use crate::{EventName, Interest, Limits};

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
    /// From how many unsent bytes on a frame is refused with
    /// [`SendError::OutboxFull`](crate::SendError::OutboxFull). Default 256 KiB: a client behind by
    /// that much resumes better from its ID.
    pub max_unsent_bytes: usize,
    /// How long bytes may wait without one of them being taken before the client counts as gone.
    /// Default 30 s; `None` is for ever.
    pub max_stall: Option<Duration>,
    /// The name of the event that [tells of a gap](crate::Stream::send_gap). Default `reset`. The
    /// standard has no word for a gap, so clients have to know this one.
    pub gap_name: EventName,
    /// The longest last event ID that [`Stream::accept`](crate::Stream::accept) reads. Default
    /// 1 KiB, which is also what a source sends at most. A longer one counts as
    /// [`Resume::Lost`](crate::Resume::Lost).
    pub max_last_event_id_bytes: usize,
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
            gap_name: EventName::from_static("reset"),
            max_last_event_id_bytes: 1 << 10,
        }
    }
}

/// How a [`Source`](crate::Source) behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceConfig {
    /// What the decoder takes from the server. Past a limit with
    /// [`OnExcess::Fail`](crate::OnExcess::Fail) the source stops, since the server would send the
    /// same again.
    pub limits: Limits,
    /// What [`Source::decode`](crate::Source::decode) tells beyond events.
    pub interest: Interest,
    /// Which answers are worth another try. Default [`StatusPolicy::Whatwg`].
    pub status_policy: StatusPolicy,
    /// Whether to connect again at all. Default [`Reconnect::Always`], which is for `GET` alone:
    /// see [`for_method`](Self::for_method).
    pub reconnect: Reconnect,
    /// How many redirects to follow before each response. Default 20, as in browsers (Fetch §4.4).
    /// One more counts as the answer and stops the source with
    /// [`Stop::Status`](crate::Stop::Status); 0 follows none.
    pub max_redirects: u32,
    /// How long to wait at least before connecting again, unless the server says otherwise by
    /// `retry`; its word can be [forgotten](crate::Source::forget_retry). Default 2 s: the standard
    /// asks for "a few seconds" (WHATWG HTML §9.2.2). The wait is never below 100 ms, whoever asks
    /// for less.
    pub retry: Duration,
    /// The longest wait, whatever `retry` and back-off say; `Retry-After` apart. Default 60 s: a
    /// server can slow a client down, not stop it for ever.
    pub max_wait: Duration,
    /// The longest `Retry-After` to obey. Default 10 min; zero obeys none. A longer one is cut to
    /// this. The wait for `retry` and back-off comes on top, so that clients who were all sent away
    /// until one instant come back apart. It is read only where
    /// [`status_policy`](Self::status_policy) has the source come back.
    pub max_retry_after: Duration,
    /// How often in a row to connect again without progress before the source stops with
    /// [`Stop::GaveUp`](crate::Stop::GaveUp); `None` is for ever. Default `None`, as in browsers.
    pub max_reconnects: Option<u32>,
    /// How long a connection must be open to count as a success even if the last event ID does not
    /// change. Default 10 s. Below that, a server that accepts and drops is asked ever less often.
    pub stable_after: Duration,
    /// How long to wait for the head of the response, redirects included. Default 30 s; `None` is for
    /// ever. Then the connection is dropped and tried again.
    pub connect_timeout: Option<Duration>,
    /// How long the server may be silent on an open stream, comments counting as sound. Default
    /// 60 s, four times the sign of life that the standard asks servers for; `None` is for ever.
    /// Then the connection is dropped and tried again.
    pub idle_timeout: Option<Duration>,
    /// The longest last event ID to send. Default 1 KiB, an eighth of the shortest common limit of
    /// a request head. A longer one is not sent, and the stream starts anew.
    pub max_last_event_id_bytes: usize,
}

impl SourceConfig {
    /// The defaults for requests with this method: a source of any but `GET`
    /// [never](Reconnect::Never) comes back by itself, since to send such a request twice may do twice
    /// what it asks for. Methods differ by case.
    ///
    /// Whoever knows that the request may be repeated sets [`reconnect`](Self::reconnect). `HEAD` has
    /// no stream to offer.
    ///
    /// ```
    /// use tidewire_sse::{Reconnect, SourceConfig};
    ///
    /// assert_eq!(SourceConfig::for_method("GET"), SourceConfig::default());
    /// assert_eq!(SourceConfig::for_method("POST").reconnect, Reconnect::Never);
    /// ```
    #[must_use]
    pub fn for_method(method: &str) -> Self {
        let reconnect = if method == "GET" { Reconnect::Always } else { Reconnect::Never };
        Self { reconnect, ..Self::default() }
    }
}

impl Default for SourceConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            interest: Interest::default(),
            status_policy: StatusPolicy::Whatwg,
            reconnect: Reconnect::Always,
            max_redirects: 20,
            retry: Duration::from_secs(2),
            max_wait: Duration::from_secs(60),
            max_retry_after: Duration::from_secs(600),
            max_reconnects: None,
            stable_after: Duration::from_secs(10),
            connect_timeout: Some(Duration::from_secs(30)),
            idle_timeout: Some(Duration::from_secs(60)),
            max_last_event_id_bytes: 1 << 10,
        }
    }
}

/// Which answers other than an event stream are worth another try.
///
/// | answer | [`Whatwg`](Self::Whatwg) | [`Resilient`](Self::Resilient) |
/// |---|---|---|
/// | 200 with `text/event-stream` | opens | opens |
/// | 200 with another type | stops | stops |
/// | 204, the server's "do not come back" | stops | stops |
/// | 301, 302, 303, 307, 308 with a `Location` | asks there | asks there |
/// | 408, 425, 429, 5xx | stops | waits, and connects again |
/// | any other | stops | stops |
/// | none, or one that was cut off | waits, and connects again | waits, and connects again |
///
/// What stops the source is told as a [`Stop`](crate::Stop). Whether it connects again at all is for
/// [`SourceConfig::reconnect`] to say: where not, it stops instead. Redirects past
/// [`SourceConfig::max_redirects`] are any other answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusPolicy {
    /// None, as in browsers: only a lost connection is tried again (WHATWG HTML §9.2.3).
    Whatwg,
    /// Those that tell of a passing trouble: 408, 425, 429 and 5xx, after `Retry-After` if given
    /// (RFC 9110 §10.2.3). For clients that outlive the restart of a server behind a proxy.
    Resilient,
}

/// Whether a source connects again when its connection is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reconnect {
    /// Yes, as in browsers.
    Always,
    /// Only if there is a last event ID to resume from, and the next request can carry it.
    IfResumable,
    /// No. For requests that must not be sent twice, such as a `POST`: whatever ends the first
    /// connection stops the source.
    Never,
}
