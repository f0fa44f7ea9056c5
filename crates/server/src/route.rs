//! From a request head to what is asked for. Whether and how it is answered is elsewhere.

use std::borrow::Cow;
use std::time::Duration;

use tidewire::http::RequestHead;
use tidewire::hub::{Cursor, Start};
use tidewire::poll::{Ask, cursor_from_etag};
use tidewire::sse::{self, Accepted, Resume};

use crate::page::{self, Asset};
use crate::refusal::Refusal;
use crate::seconds::seconds;

/// What a request asks for.
#[derive(Debug)]
pub(crate) enum Route {
    Asset(&'static Asset),
    Health,
    Publish(PublishQuery),
    Poll(PollQuery),
    Range(RangeQuery),
    EventStream(StreamQuery),
    WebSocket(StreamQuery),
    /// A browser asks whether a page of another origin may.
    Preflight,
}

#[derive(Debug)]
pub(crate) struct PublishQuery {
    pub(crate) topic: String,
    pub(crate) event: Option<String>,
}

#[derive(Debug)]
pub(crate) struct StreamQuery {
    pub(crate) topics: Vec<String>,
    /// `None`: not said.
    pub(crate) after: Option<Start>,
    /// Whether an event stream carries the JSON objects instead of the bare data.
    pub(crate) envelope: bool,
}

#[derive(Debug)]
pub(crate) struct PollQuery {
    pub(crate) topics: Vec<String>,
    pub(crate) after: Start,
    pub(crate) wait: Duration,
    pub(crate) limit: usize,
    /// A name that a client gives itself and a number that rises with each of its polls.
    pub(crate) client: Option<(String, u64)>,
}

/// Events from the one to the other, both included.
#[derive(Debug)]
pub(crate) struct RangeQuery {
    pub(crate) topics: Vec<String>,
    pub(crate) from: Cursor,
    pub(crate) to: Cursor,
}

/// Most events in one poll answer, and what is taken if the request does not say.
const POLL_EVENTS: usize = 256;

/// Finds what `head` asks for.
///
/// # Errors
///
/// 404, 405, 406 or 400, with the reason in words.
pub(crate) fn route(
    head: &RequestHead,
    event_streams: &sse::StreamConfig,
) -> Result<Route, Refusal> {
    let (methods, path): (&'static str, _) = match head.path() {
        "/v1/publish" => ("POST, OPTIONS", Path::Publish),
        "/v1/poll" => ("GET, HEAD, OPTIONS", Path::Poll),
        "/v1/log" => ("GET, HEAD, OPTIONS", Path::Range),
        "/v1/sse" => ("GET, HEAD, OPTIONS", Path::EventStream),
        "/v1/ws" => ("GET", Path::WebSocket),
        "/healthz" => ("GET, HEAD", Path::Health),
        // The server itself, RFC 9110 §9.3.7.
        "*" => ("OPTIONS", Path::Health),
        other => ("GET, HEAD", Path::Asset(page::asset(other).ok_or(Refusal::NotFound)?)),
    };
    if !methods.split(", ").any(|method| method == head.method()) {
        return Err(Refusal::MethodNotAllowed { allow: methods });
    }
    if head.method() == "OPTIONS" {
        return Ok(Route::Preflight);
    }
    let query = Query::of(head);
    Ok(match path {
        Path::Asset(asset) => Route::Asset(asset),
        Path::Health => Route::Health,
        Path::Publish => Route::Publish(publish(&query)?),
        Path::Poll => Route::Poll(poll(&query, head)?),
        Path::Range => Route::Range(range(&query)?),
        Path::EventStream => Route::EventStream(event_stream(&query, head, event_streams)?),
        Path::WebSocket => Route::WebSocket(stream(&query)?),
    })
}

enum Path {
    Publish,
    Poll,
    Range,
    EventStream,
    WebSocket,
    Health,
    Asset(&'static Asset),
}

fn publish(query: &Query<'_>) -> Result<PublishQuery, Refusal> {
    let mut topics = query.named("topic");
    let (Some(topic), None) = (topics.next(), topics.next()) else {
        return Err(Refusal::BadRequest("publish names exactly one topic: ?topic=…"));
    };
    Ok(PublishQuery { topic: topic.to_owned(), event: query.get("event").map(str::to_owned) })
}

fn stream(query: &Query<'_>) -> Result<StreamQuery, Refusal> {
    Ok(StreamQuery {
        topics: query.topics()?,
        after: query.after()?,
        envelope: query.get("envelope").is_some_and(|word| word != "false"),
    })
}

/// What an event stream's client has seen goes before what its URL says, which stays as it was when
/// the client began.
fn event_stream(
    query: &Query<'_>,
    head: &RequestHead,
    config: &sse::StreamConfig,
) -> Result<StreamQuery, Refusal> {
    let request = sse::RequestHead::new(head.method(), head.fields().iter());
    // The method has been looked at already.
    let accepted = sse::Stream::accept(&request, config).map_err(|_| Refusal::NotAcceptable)?;
    let seen = match accepted {
        Accepted::HeadOnly | Accepted::Stream(Resume::Fresh) => None,
        Accepted::Stream(Resume::After(id)) => Some(id.parse().unwrap_or(OF_ANOTHER_LOG)),
        Accepted::Stream(Resume::Lost) => Some(OF_ANOTHER_LOG),
    };
    let query = stream(query)?;
    Ok(StreamQuery { after: seen.map(Start::After).or(query.after), ..query })
}

/// Stands for an ID that is none of ours, so that its client is told of the gap: no log has this
/// epoch, but for one in 2⁶⁴.
const OF_ANOTHER_LOG: Cursor = Cursor { epoch: 0, offset: 0 };

fn poll(query: &Query<'_>, head: &RequestHead) -> Result<PollQuery, Refusal> {
    let wait = match query.get("wait") {
        None => Ask::DEFAULT_WAIT,
        Some(text) => text
            .parse()
            .ok()
            .and_then(seconds)
            .ok_or(Refusal::BadRequest("wait is not a number of seconds"))?,
    };
    let limit = match query.get("limit") {
        None => POLL_EVENTS,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=POLL_EVENTS).contains(limit))
            .ok_or(Refusal::BadRequest("limit is not a number from 1 to 256"))?,
    };
    let client = match (query.get("client"), query.get("seq")) {
        (None, None) => None,
        (Some(id), Some(seq)) => {
            if !(1..=128).contains(&id.len()) {
                return Err(Refusal::BadRequest("client has 1 to 128 bytes"));
            }
            let seq = seq.parse();
            let seq =
                seq.map_err(|_| Refusal::BadRequest("seq is not a whole number from 0 on"))?;
            Some((id.to_owned(), seq))
        }
        _ => return Err(Refusal::BadRequest("client and seq go together")),
    };
    let tagged = || cursor_from_etag(head.fields().get_all("if-none-match"));
    Ok(PollQuery {
        topics: query.topics()?,
        after: query.after()?.or_else(|| tagged().map(Start::After)).unwrap_or(Start::Now),
        // HEAD asks what an answer would look like; it never holds.
        wait: if head.method() == "HEAD" { Duration::ZERO } else { wait },
        limit,
        client,
    })
}

fn range(query: &Query<'_>) -> Result<RangeQuery, Refusal> {
    let end = |name| query.get(name).and_then(|cursor| cursor.parse().ok());
    let (Some(from), Some(to)) = (end("from"), end("to")) else {
        return Err(Refusal::BadRequest("from and to are required, and cursors of events"));
    };
    Ok(RangeQuery { topics: query.topics()?, from, to })
}

struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    fn of(head: &'a RequestHead) -> Self {
        Self(form_urlencoded::parse(head.query().unwrap_or_default().as_bytes()).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.named(name).next()
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| &**value)
    }

    fn topics(&self) -> Result<Vec<String>, Refusal> {
        let topics: Vec<_> = self.named("topic").map(str::to_owned).collect();
        if topics.is_empty() {
            return Err(Refusal::BadRequest("name at least one topic: ?topic=…"));
        }
        Ok(topics)
    }

    fn after(&self) -> Result<Option<Start>, Refusal> {
        let parsed = self.get("after").map(str::parse).transpose();
        parsed
            .map_err(|_| Refusal::BadRequest("after is not a cursor, `oldest`, `now` or `last:N`"))
    }
}
