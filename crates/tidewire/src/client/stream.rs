//! Following a log over an event stream.

use alloc::boxed::Box;
use alloc::string::ToString;

use bytes::{Buf, Bytes};

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};
use tidewire_http::{self as http, Body, FieldName, FieldValue, client::Event as Http};
use tidewire_hub::Start;
use tidewire_sse::{self as sse, Action, Item, Source, SourceState, Verdict};

use super::{AskError, Config, Error, Event, Received, Stop, begin_at};

/// An event stream, how it comes about and when it is tried again.
#[derive(Debug)]
pub(super) struct Stream {
    source: Source,
    connection: Connection,
}

#[derive(Debug)]
enum Connection {
    Apart,
    Up {
        http: Box<http::Client>,
        /// What has arrived of the body and is yet to be decoded.
        body: Bytes,
    },
    /// Of no more use; it is being left.
    Left,
}

impl Stream {
    pub(super) fn new(config: &Config, start: Start, entropy: Entropy, now: Instant) -> Self {
        let mut own = config.event_stream.clone();
        own.max_redirects = 0;
        // The target says where to resume as soon as a head has, and not the last event ID alone.
        if own.reconnect == sse::Reconnect::IfResumable {
            own.reconnect = sse::Reconnect::Always;
        }
        let mut source = Source::new(own, entropy, now);
        if let Start::After(cursor) = start {
            let id = sse::EventId::new(cursor.to_string());
            source.seed_last_event_id(&id.expect("a cursor holds no line break and no NUL"));
        }
        Self { source, connection: Connection::Apart }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match (self.source.state(), &self.connection) {
            (SourceState::Waiting, Connection::Apart) => self.source.deadline(),
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
        if self.connect_at().is_none_or(|at| now < at) {
            return Ok(());
        }
        let mut request = config.get(&config.target(&config.event_stream_path, after))?;
        for (name, value) in self.source.request_fields() {
            request = request.field(FieldName::new(name)?, FieldValue::utf8(value)?);
        }
        // A stream has no end; the decoder's limits and the source's idle timer bound it instead.
        let mut limits = config.http.clone();
        limits.max_body_bytes = u64::MAX;
        limits.body_timeout = None;
        let mut http = Box::new(http::Client::new(limits));
        http.request(&request, Body::Empty, outbox, now)?;
        let action = self.source.next_action(now);
        debug_assert_eq!(action, Some(Action::Connect));
        self.connection = Connection::Up { http, body: Bytes::new() };
        Ok(())
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        match self.connection {
            // A connection that could not be had counts as one that ended.
            Connection::Apart => drop(self.source.next_action(now)),
            Connection::Up { .. } | Connection::Left => {}
        }
        self.connection = Connection::Apart;
        self.source.on_end(now);
    }

    pub(super) fn next_event(
        &mut self,
        position: &mut Start,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event>, Error> {
        loop {
            let Connection::Up { http, body } = &mut self.connection else { return Ok(None) };
            if !body.is_empty() {
                match decode(&mut self.source, body, now)? {
                    Some(event) => {
                        if let Event::Received(received) = &event
                            && let Ok(cursor) = received.id.parse()
                        {
                            *position = Start::After(cursor);
                        }
                        return Ok(Some(event));
                    }
                    None => continue,
                }
            }
            match http.next_event(inbox, outbox, now)? {
                Some(Http::Response(head)) => {
                    let answer = sse::ResponseHead::new(head.status(), head.fields().iter());
                    match self.source.on_response(&answer, now) {
                        Verdict::Open => {
                            begin_at(&head, position);
                            return Ok(Some(Event::Open));
                        }
                        _ => self.leave(outbox),
                    }
                }
                Some(Http::Body(piece)) => *body = piece.into_bytes(),
                Some(Http::End) => {
                    self.source.on_end(now);
                    self.leave(outbox);
                }
                Some(_) => {}
                None => {
                    // What has arrived was not silence, however late it is read.
                    if is_live(&self.source) && self.source.next_action(now).is_some() {
                        self.leave(outbox);
                    }
                    return Ok(None);
                }
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let Connection::Up { http, .. } = &self.connection else { return None };
        let source = if is_live(&self.source) { self.source.deadline() } else { None };
        earliest([http.deadline(), source])
    }

    fn leave(&mut self, outbox: &mut Outbox) {
        outbox.end();
        self.connection = Connection::Left;
    }
}

/// Takes the next event off the front of `body`, or all of it if there is none.
fn decode(
    source: &mut Source,
    body: &mut Bytes,
    now: Instant,
) -> Result<Option<Event>, sse::LimitError> {
    let mut rest = &body[..];
    let event = match source.decode(&mut rest, now)? {
        Some(Item::Event(event)) => Some(Event::Received(Received {
            name: event.name().into(),
            data: event.data().to_str_lossy().into_owned(),
            id: event.last_event_id().into(),
        })),
        Some(Item::Skipped(limit)) => Some(Event::Skipped(limit)),
        Some(_) | None => None,
    };
    let eaten = body.len() - rest.len();
    body.advance(eaten);
    Ok(event)
}

fn is_live(source: &Source) -> bool {
    matches!(source.state(), SourceState::Connecting | SourceState::Open)
}
