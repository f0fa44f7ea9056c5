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
    /// let mut head = RequestHead::new("GET");
    /// head.accept = Some(b"text/event-stream");
    /// head.last_event_id = Some(b"7.42");
    /// let accepted = Stream::accept(&head, &StreamConfig::default())?;
    /// assert_eq!(accepted, Accepted::Stream(Resume::After("7.42")));
    /// # Ok::<(), tidewire_sse::Refused>(())
    /// ```
    ///
    /// Whether the page that asks may is the caller's to say, by the request's `Origin`: it is asked
    /// with the visitor's cookies.
    ///
    /// # Errors
    ///
    /// The request gets no event stream. To answer a `POST` with one, open it without asking here.
    pub fn accept<'r>(
        head: &RequestHead<'r>,
        config: &StreamConfig,
    ) -> Result<Accepted<'r>, Refused> {
        let is_taken = head.accept.is_none_or(takes_event_streams);
        match head.method {
            "GET" | "HEAD" if !is_taken => Err(Refused::NotAcceptable),
            "GET" => Ok(Accepted::Stream(Resume::of(head, config.max_last_event_id_bytes))),
            "HEAD" => Ok(Accepted::HeadOnly),
            _ => Err(Refused::Method),
        }
    }
}

impl<'r> Resume<'r> {
    fn of(head: &RequestHead<'r>, max_bytes: usize) -> Self {
        let query = head.query_id.unwrap_or_default().as_bytes();
        match head.last_event_id.filter(|id| !id.is_empty()).unwrap_or(query) {
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

/// Whether an `Accept` lets an event stream through: the most specific range that fits decides, and
/// a weight of zero rules out (RFC 9110 §12.5.1). A list of nothing asks for nothing else.
fn takes_event_streams(accept: &[u8]) -> bool {
    let ranges = accept.split(|&byte| byte == b',');
    match ranges.filter_map(fit).max() {
        Some((_, is_taken)) => is_taken,
        None => accept.iter().all(|byte| b" \t,".contains(byte)),
    }
}

/// How exactly a media range fits `text/event-stream`, and whether it takes it.
fn fit(range: &[u8]) -> Option<(Precision, bool)> {
    let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
    let precision = match parts.next()? {
        b"*/*" => Precision::Any,
        essence if essence.eq_ignore_ascii_case(b"text/*") => Precision::Text,
        essence if essence.eq_ignore_ascii_case(b"text/event-stream") => Precision::EventStream,
        _ => return None,
    };
    let is_nothing =
        |weight: &[u8]| weight.starts_with(b"0") && weight.iter().all(|byte| b"0.".contains(byte));
    let weight = parts.find_map(|part| part.strip_prefix(b"q=").or(part.strip_prefix(b"Q=")));
    Some((precision, !weight.is_some_and(is_nothing)))
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Any,
    Text,
    EventStream,
}
