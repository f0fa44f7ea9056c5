//! Following a log over an event stream.

use bytes::{Buf, Bytes};

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};
use tidewire_http::{self as http, Body, FieldName, FieldValue, client::Event as Http};
use tidewire_hub::Start;
use tidewire_sse::{self as sse, Action, Item, Source, SourceState, Verdict};

use super::{AskError, Config, Error, Event, Received, Stop, begins_at};

/// An event stream and how it comes about.
#[derive(Debug)]
pub(super) struct Stream {
    source: Source,
    /// The connection, if there is one.
    http: Option<http::Client>,
    /// What has arrived of the body and is yet to be decoded.
    body: Bytes,
}

impl Stream {
    pub(super) fn new(config: &Config, start: Start, entropy: Entropy, now: Instant) -> Self {
        let mut source = Source::new(config.event_stream.clone(), entropy, now);
        if let Start::After(cursor) = start {
            let id = sse::EventId::new(alloc::format!("{cursor}"));
            source.seed_last_event_id(&id.expect("a cursor holds no line break and no NUL"));
        }
        Self { source, http: None, body: Bytes::new() }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match (self.source.state(), &self.http) {
            (SourceState::Waiting, None) => self.source.deadline(),
            _ => None,
        }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        match self.source.state() {
            SourceState::Stopped(sse::Stop::Status(status)) => Some(Stop::Status(status)),
            SourceState::Stopped(stop) => Some(Stop::EventStream(stop)),
            _ => None,
        }
    }

    pub(super) fn connected(
        &mut self,
        config: &Config,
        after: Start,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), AskError> {
        let Some(Action::Connect) = self.source.next_action(now) else { return Ok(()) };
        let mut request = config.get(&config.target(&config.event_stream_path, after))?;
        for (name, value) in self.source.request_fields() {
            request = request.field(FieldName::new(name)?, FieldValue::new(value)?);
        }
        // A stream has no end; the decoder and the source's idle timer bound it instead.
        let mut limits = config.http.clone();
        limits.max_body_bytes = u64::MAX;
        limits.body_timeout = None;
        let mut http = http::Client::new(limits);
        http.request(&request, Body::Empty, outbox, now)?;
        self.http = Some(http);
        Ok(())
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        // A connection that could not be had counts as one that ended.
        if self.http.take().is_none() {
            let _ = self.source.next_action(now);
        }
        self.body.clear();
        self.source.on_end(now);
    }

    pub(super) fn next_event(
        &mut self,
        position: &mut Start,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event>, Error> {
        let Some(http) = &mut self.http else { return Ok(None) };
        loop {
            if !self.body.is_empty() {
                let received = decode(&mut self.source, &mut self.body, now)?;
                if let Some(received) = received {
                    if let Ok(cursor) = received.id.parse() {
                        *position = Start::After(cursor);
                    }
                    return Ok(Some(Event::Received(received)));
                }
                continue;
            }
            if is_live(&self.source) && self.source.next_action(now).is_some() {
                outbox.end();
                return Ok(None);
            }
            match http.next_event(inbox, outbox, now)? {
                Some(Http::Response(head)) => {
                    let fields = head.fields();
                    let (kind, away) = (fields.get("content-type"), fields.get("retry-after"));
                    match self.source.on_response(head.status(), kind, away, now) {
                        Verdict::Open => {
                            *position = begins_at(&head).unwrap_or(*position);
                            return Ok(Some(Event::Open));
                        }
                        _ => outbox.end(),
                    }
                }
                Some(Http::Body(piece)) => self.body = piece.into_bytes(),
                Some(Http::End) => {
                    self.source.on_end(now);
                    outbox.end();
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let source = if is_live(&self.source) { self.source.deadline() } else { None };
        self.http.as_ref().and_then(|http| earliest([http.deadline(), source]))
    }
}

/// Takes the next event off the front of `body`, or all of it if there is none.
fn decode(
    source: &mut Source,
    body: &mut Bytes,
    now: Instant,
) -> Result<Option<Received>, sse::LimitError> {
    let mut rest = &body[..];
    let received = match source.decode(&mut rest, now)? {
        Some(Item::Event(event)) => Some(Received {
            name: event.name().into(),
            data: event.data().to_str_lossy().into_owned(),
            id: event.last_event_id().into(),
        }),
        Some(_) | None => None,
    };
    let eaten = body.len() - rest.len();
    body.advance(eaten);
    Ok(received)
}

fn is_live(source: &Source) -> bool {
    matches!(source.state(), SourceState::Connecting | SourceState::Open)
}
