//! Heads of requests and responses, as far as they matter here. What they mean is told elsewhere.

use crate::media_range::MediaRanges;

/// What a server needs to know of a request for an event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestHead<'r> {
    pub(crate) method: &'r str,
    pub(crate) accept: MediaRanges,
    pub(crate) last_event_id: Option<&'r [u8]>,
    pub(crate) query_id: &'r str,
}

/// What a client needs to know of the response to its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseHead<'r> {
    pub(crate) status: u16,
    pub(crate) content_type: Option<&'r [u8]>,
    pub(crate) location: Option<&'r [u8]>,
    pub(crate) retry_after: Option<&'r [u8]>,
    pub(crate) date: Option<&'r [u8]>,
}

impl<'r> RequestHead<'r> {
    /// A request with this method and these fields, of which `Accept` and `Last-Event-ID` count.
    ///
    /// The fields are names in any case and raw values without the white space around them. Nothing
    /// is copied. The `fields().iter()` of a head of `tidewire-http` are such, and so is a reference
    /// to a `HeaderMap` of the crate `http`, which hyper and axum have.
    ///
    /// ```
    /// use tidewire_sse::{Accepted, RequestHead, Resume, Stream, StreamConfig};
    ///
    /// let fields = [("accept", "text/event-stream"), ("last-event-id", "7.42")];
    /// let head = RequestHead::new("GET", fields);
    /// let accepted = Stream::accept(&head, &StreamConfig::default());
    /// assert_eq!(accepted, Ok(Accepted::Stream(Resume::After("7.42"))));
    /// ```
    #[must_use]
    pub fn new<N, V>(method: &'r str, fields: impl IntoIterator<Item = (N, &'r V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]> + ?Sized + 'r,
    {
        let (mut accept, mut last_event_id) = (MediaRanges::default(), None);
        for (name, value) in fields {
            let (name, value) = (name.as_ref(), value.as_ref());
            if name.eq_ignore_ascii_case("Accept") {
                accept.add(value);
            } else if name.eq_ignore_ascii_case("Last-Event-ID") {
                last_event_id.get_or_insert(value);
            }
        }
        Self { method, accept, last_event_id, query_id: "" }
    }

    /// The same request with a last event ID in a parameter of its query, percent-decoded, for
    /// clients that cannot set fields. The field wins over it; an empty one is none.
    #[must_use]
    pub const fn with_query_id(mut self, id: &'r str) -> Self {
        self.query_id = id;
        self
    }
}

impl<'r> ResponseHead<'r> {
    /// A response with this status and these fields, of which `Content-Type`, `Location`,
    /// `Retry-After` and `Date` count: the first line of each.
    ///
    /// The fields are names in any case and raw values without the white space around them. Nothing
    /// is copied. The `fields().iter()` of a head of `tidewire-http` are such, and so is a reference
    /// to a `HeaderMap` of the crate `http`, which hyper, reqwest and ureq have.
    ///
    /// ```
    /// use tidewire_sse::ResponseHead;
    ///
    /// struct Header<'h> { name: &'h str, value: &'h [u8] } // as httparse has them
    /// let headers = [Header { name: "content-type", value: b"text/event-stream" }];
    /// let head = ResponseHead::new(200, headers.iter().map(|line| (line.name, line.value)));
    /// assert_eq!(head, ResponseHead::new(200, [("Content-Type", "text/event-stream")]));
    /// ```
    #[must_use]
    pub fn new<N, V>(status: u16, fields: impl IntoIterator<Item = (N, &'r V)>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]> + ?Sized + 'r,
    {
        let mut known =
            ["Content-Type", "Location", "Retry-After", "Date"].map(|name| (name, None));
        for (name, value) in fields {
            let is_it = |(known, _): &&mut (&str, _)| known.eq_ignore_ascii_case(name.as_ref());
            if let Some((_, first)) = known.iter_mut().find(is_it) {
                first.get_or_insert(value.as_ref());
            }
        }
        let [content_type, location, retry_after, date] = known.map(|(_, value)| value);
        Self { status, content_type, location, retry_after, date }
    }
}
