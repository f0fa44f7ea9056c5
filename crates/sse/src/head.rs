//! Heads of requests and responses as the plain values that matter here. What they mean is told
//! elsewhere.

/// What a server needs to know of a request for an event stream. A field that the request does not
/// have is `None`; the values are raw, without the white space around them.
///
/// ```
/// use tidewire_sse::RequestHead;
///
/// let mut head = RequestHead::new("GET");
/// head.last_event_id = Some(b"7.42");
/// assert_eq!(head.accept, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestHead<'r> {
    /// The method.
    pub method: &'r str,
    /// The value of `Accept`; if there are several lines, all of them with commas between.
    pub accept: Option<&'r [u8]>,
    /// The value of `Last-Event-ID`.
    pub last_event_id: Option<&'r [u8]>,
    /// The last event ID in a parameter of the query, percent-decoded, for clients that cannot set
    /// fields. The field wins over it.
    pub query_id: Option<&'r str>,
}

/// What a client needs to know of the response to its request. A field that the response does not
/// have is `None`; the values are raw, without the white space around them.
///
/// ```
/// use tidewire_sse::ResponseHead;
///
/// let mut head = ResponseHead::new(200);
/// head.content_type = Some(b"text/event-stream");
/// assert_eq!(head.location, None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHead<'r> {
    /// The status.
    pub status: u16,
    /// The value of `Content-Type`.
    pub content_type: Option<&'r [u8]>,
    /// The value of `Location`.
    pub location: Option<&'r [u8]>,
    /// The value of `Retry-After`.
    pub retry_after: Option<&'r [u8]>,
    /// The value of `Date`, without which a date in `Retry-After` says nothing.
    pub date: Option<&'r [u8]>,
}

impl<'r> RequestHead<'r> {
    /// A request with this method and none of the fields.
    #[must_use]
    pub const fn new(method: &'r str) -> Self {
        Self { method, accept: None, last_event_id: None, query_id: None }
    }
}

impl ResponseHead<'_> {
    /// A response with this status and none of the fields.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, content_type: None, location: None, retry_after: None, date: None }
    }
}
