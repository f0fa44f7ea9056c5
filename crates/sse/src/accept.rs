//! What a request for an event stream is answered with, and where the stream is to go on. The answer
//! itself is written elsewhere.

use crate::{RequestHead, Stream, StreamConfig};

/// How to answer a request for an event stream: 200 with
/// [`Stream::response_fields`], and then a body or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted<'r> {
    /// With a [`Stream`] as its body.
    Stream(Resume<'r>),
    /// With the head alone: that was `HEAD` (RFC 9110 §9.3.2).
    HeadOnly,
}

/// Where a client wants its stream to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume<'r> {
    /// It is new.
    Fresh,
    /// Behind the event with this ID. It is the client's to choose: look it up at bounded cost, and
    /// only among what this client may see. If it is unknown, proceed as if it were
    /// [`Lost`](Self::Lost).
    After(&'r str),
    /// Behind an event whose ID is none: it is no UTF-8, has a line end or a NUL, or is longer than
    /// [`StreamConfig::max_last_event_id_bytes`]. A refusal would meet the client again at each
    /// reconnect, so begin anew, and first [tell it of the gap](Stream::send_gap), which gives it
    /// another ID.
    Lost,
}

/// Why a request gets no event stream. Answer it with the [status](Self::status) and the
/// [field](Self::field) that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Its method is neither `GET` nor `HEAD`.
    #[error("peer asked for an event stream with another method than GET")]
    Method,
    /// Its `Accept` rules `text/event-stream` out.
    #[error("peer does not accept an event stream")]
    NotAcceptable,
}

impl Stream {
    /// Judges a request for an event stream: whether it gets one, and where that goes on. The last
    /// event ID is that of the field, or else that of the query; an empty one is none.
    ///
    /// ```
    /// use tidewire_sse::{Accepted, RequestHead, Resume, Stream, StreamConfig};
    ///
    /// let head = RequestHead::new("GET", [("Accept", "text/event-stream"), ("Last-Event-ID", "7.42")]);
    /// let accepted = Stream::accept(&head, &StreamConfig::default())?;
    /// assert_eq!(accepted, Accepted::Stream(Resume::After("7.42")));
    /// # Ok::<(), tidewire_sse::Refused>(())
    /// ```
    ///
    /// Whether the page that asks may is the caller's to say, by the request's `Origin`: it is asked
    /// with the visitor's cookies. So is whether the client should come at all: 204 instead of a stream
    /// keeps it from coming back (WHATWG HTML §9.2.2).
    ///
    /// # Errors
    ///
    /// The request gets no event stream. To answer a `POST` with one, open it without asking here.
    pub fn accept<'r>(
        head: &RequestHead<'r>,
        config: &StreamConfig,
    ) -> Result<Accepted<'r>, Refused> {
        match head.method {
            "GET" | "HEAD" if !head.accept.take_event_streams() => Err(Refused::NotAcceptable),
            "GET" => Ok(Accepted::Stream(Resume::of(head, config.max_last_event_id_bytes))),
            "HEAD" => Ok(Accepted::HeadOnly),
            _ => Err(Refused::Method),
        }
    }
}

impl<'r> Resume<'r> {
    fn of(head: &RequestHead<'r>, max_bytes: usize) -> Self {
        let field = head.last_event_id.filter(|id| !id.is_empty());
        match field.unwrap_or(head.query_id.as_bytes()) {
            [] => Self::Fresh,
            id if id.len() > max_bytes => Self::Lost,
            id if id.iter().any(|byte| b"\r\n\0".contains(byte)) => Self::Lost,
            id => str::from_utf8(id).map_or(Self::Lost, Self::After),
        }
    }
}

impl Refused {
    /// The status that says so.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Method => 405,
            Self::NotAcceptable => 406,
        }
    }

    /// The name and value that the response needs, if it needs any (RFC 9110 §15.5.6).
    #[must_use]
    pub const fn field(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Method => Some(("Allow", "GET, HEAD")),
            Self::NotAcceptable => None,
        }
    }
}
