//! What a request for an event stream asks. The rules are those of the machine, and the answer is given
//! elsewhere.

use http::request::Parts;
use tidewire_sse::{Accepted, Refused, RequestHead, Resume, Stream, StreamConfig};

/// A request that gets an event stream, and where that is to go on: what
/// [`Stream::accept`](tidewire_sse::Stream::accept) says of it.
///
/// The last event ID is that of the field `Last-Event-ID`, which clients send when they reconnect; or
/// else that of the query's `lastEventId`, where those put it that cannot set fields.
///
/// With the feature `axum` a handler takes it as an argument. Of a longer ID than the
/// [default](StreamConfig::max_last_event_id_bytes) it then learns [`Resume::Lost`], and a request
/// that gets no event stream is answered with `Refusal`. Elsewhere:
///
/// ```
/// use http::Request;
/// use tidewire_sse::{Refused, Resume, StreamConfig};
/// use tidewire_tokio::SseRequest;
///
/// let (parts, ()) = Request::get("/events?lastEventId=7.42").body(())?.into_parts();
/// let request = SseRequest::of(&parts, &StreamConfig::default())?;
/// assert_eq!(request.resume(), Resume::After("7.42"));
///
/// let (parts, ()) = Request::post("/events").body(())?.into_parts();
/// let refused = SseRequest::of(&parts, &StreamConfig::default()).unwrap_err();
/// assert_eq!((refused, refused.status()), (Refused::Method, 405));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseRequest(Asked);

/// [`Accepted`], on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    HeadOnly,
    Fresh,
    After(Box<str>),
    Lost,
}

impl SseRequest {
    /// Reads the head of a request.
    ///
    /// # Errors
    ///
    /// The request gets no event stream, but an answer with this status and field.
    pub fn of(parts: &Parts, config: &StreamConfig) -> Result<Self, Refused> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let id = form_urlencoded::parse(query).find(|(name, _)| name == QUERY_ID);
        let id = id.as_ref().map_or("", |(_, id)| id);
        let head = RequestHead::new(parts.method.as_str(), &parts.headers).with_query_id(id);
        Ok(Self(match Stream::accept(&head, config)? {
            Accepted::HeadOnly => Asked::HeadOnly,
            Accepted::Stream(Resume::Fresh) => Asked::Fresh,
            Accepted::Stream(Resume::After(id)) => Asked::After(id.into()),
            Accepted::Stream(Resume::Lost) => Asked::Lost,
        }))
    }

    /// Where its stream is to go on. A `HEAD` counts as a fresh one: the host sends its head alone.
    #[must_use]
    pub fn resume(&self) -> Resume<'_> {
        match self.accepted() {
            Accepted::Stream(resume) => resume,
            Accepted::HeadOnly => Resume::Fresh,
        }
    }

    /// How to answer it. For `HEAD`, any [`Sse`](crate::Sse) will do: the host sends its head alone.
    #[must_use]
    pub fn accepted(&self) -> Accepted<'_> {
        match &self.0 {
            Asked::HeadOnly => Accepted::HeadOnly,
            Asked::Fresh => Accepted::Stream(Resume::Fresh),
            Asked::After(id) => Accepted::Stream(Resume::After(id)),
            Asked::Lost => Accepted::Stream(Resume::Lost),
        }
    }
}

/// The parameter of the query that polyfills of browsers' `EventSource` put the last event ID into.
const QUERY_ID: &str = "lastEventId";
