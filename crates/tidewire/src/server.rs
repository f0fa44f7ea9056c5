//! The server's side of one connection: HTTP first, then whatever a request makes of it. Which
//! request gets what is the caller's decision.

#[cfg(feature = "deflate")]
mod codecs;
mod event;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::time::Duration;

use bytes::Buf;

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};
use tidewire_http::{self as http, Body, FieldName, FieldValue, RequestHead, Response};
use tidewire_hub::Cursor;
use tidewire_sse as sse;
use tidewire_ws::handshake::server as handshake;
use tidewire_ws::{self as ws, CloseCode};

use crate::Entry;

#[cfg(feature = "deflate")]
pub use codecs::Codecs;
pub use event::{Error, Event, Handshake, SendError};

/// One connection of a server.
///
/// ```text
///                open_event_stream   respond: polls, and all else
/// ┌──────────────┐ ◄────────────── ┌──────┐ accept_websocket ┌───────────┐
/// │ event stream │                 │ HTTP │ ───────────────► │ WebSocket │
/// └──────────────┘ ──────────────► └──────┘                  └───────────┘
///                  the stream ends
/// ```
///
/// Requests, their bodies and their ends are [`Event::Http`]; answer them through
/// [`http`](Self::http), or turn the connection into a stream. [`send`](Self::send) then delivers an
/// entry in the form of the transport, [`leave`](Self::leave) says goodbye in its way.
///
/// ```
/// use tidewire::core::{Inbox, Instant, Outbox, Protocol};
/// use tidewire::http::{Body, Response, server::Event as Http};
/// use tidewire::server::{Connection, Event};
///
/// let now = Instant::ORIGIN;
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// let mut connection = Connection::new(Default::default(), now);
/// inbox.push(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
/// while let Some(event) = connection.next_event(&mut inbox, &mut outbox, now)? {
///     if let (Event::Http(Http::End), Some(http)) = (event, connection.http()) {
///         let body = Body::Full("ok".into());
///         http.respond(&Response::new(200), body, &mut outbox, now)?;
///     }
/// }
/// assert!(bytes::Buf::chunk(&outbox).starts_with(b"HTTP/1.1 200 OK\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    config: Arc<Config>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Requests and responses; one of them may be an event stream, which a held poll has no room for.
    Http {
        http: http::Server,
        stream: Option<Box<sse::Stream>>,
        /// The present request was read, and that more came behind it was not told.
        watches_ahead: bool,
    },
    WebSocket(ws::Connection),
}

/// The limits and periods of a [`Connection`], shared by all connections of a server.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Config {
    /// Those of HTTP.
    pub http: http::ServerConfig,
    /// Those of event streams. Its bound of unsent bytes and its limit for stalls have no effect
    /// here: the outbox is HTTP's, and whoever writes it sees a stall.
    pub event_stream: sse::StreamConfig,
    /// Those of WebSockets. Each shares them.
    pub websocket: Arc<ws::Config>,
    /// How WebSockets compress, where the policy of a handshake lets them.
    #[cfg(feature = "deflate")]
    pub deflate: ws::deflate::Config,
    /// Where they get their compressors from. Default: each makes its own.
    #[cfg(feature = "deflate")]
    pub codecs: Codecs,
}

impl Connection {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(config: Arc<Config>, now: Instant) -> Self {
        let http = http::Server::new(config.http.clone(), now);
        Self { config, stage: Stage::Http { http, stream: None, watches_ahead: false } }
    }

    /// The HTTP machine, to respond with; `None` while the connection is a stream.
    pub fn http(&mut self) -> Option<&mut http::Server> {
        match &mut self.stage {
            Stage::Http { http, stream: None, .. } => Some(http),
            Stage::Http { stream: Some(_), .. } | Stage::WebSocket(_) => None,
        }
    }

    /// The WebSocket, if the connection is one.
    pub fn websocket(&mut self) -> Option<&mut ws::Connection> {
        match &mut self.stage {
            Stage::WebSocket(websocket) => Some(websocket),
            Stage::Http { .. } => None,
        }
    }

    /// Answers the present request with an event stream. `fields` are added to the response.
    /// `jitter` spreads the ends of streams whose lifetime is bounded. Whether the request is one for
    /// an event stream, [`sse::Stream::accept`] tells.
    ///
    /// A `HEAD` gets the head alone, and the connection stays as it is: see [`http`](Self::http).
    ///
    /// # Errors
    ///
    /// No request waits for its answer.
    pub fn open_event_stream(
        &mut self,
        fields: impl IntoIterator<Item = (FieldName, FieldValue)>,
        jitter: &mut Entropy,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        let Stage::Http { http, stream: stream @ None, .. } = &mut self.stage else {
            return Err(SendError::WrongStage);
        };
        let own = sse::Stream::response_fields()
            .map(|(name, value)| (FieldName::from_static(name), FieldValue::from_static(value)));
        let response = with(with(Response::new(200), own), fields);
        http.respond(&response, Body::Stream, outbox, now)?;
        let mut config = self.config.event_stream.clone();
        // It writes no connection of its own, so it cannot see one stall; whoever writes does.
        config.max_stall = None;
        *stream = http.is_sending().then(|| Box::new(sse::Stream::new(config, jitter, now)));
        Ok(())
    }

    /// Answers the request `head` with the upgrade to WebSocket. `fields` are added to the response,
    /// also to a refusal.
    /// Bytes behind the head stay in the inbox for the WebSocket. A request that is no handshake that
    /// `policy` allows is answered with the status that says so, and the connection ends.
    ///
    /// # Errors
    ///
    /// No request waits for its answer.
    pub fn accept_websocket(
        &mut self,
        head: &RequestHead,
        policy: &handshake::Policy,
        fields: impl IntoIterator<Item = (FieldName, FieldValue)>,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Handshake, SendError> {
        let Stage::Http { http, stream: None, .. } = &mut self.stage else {
            return Err(SendError::WrongStage);
        };
        match handshake::accept(head, policy) {
            Ok(accepted) => {
                http.upgrade(&with(accepted.response, fields), outbox)?;
                let config = Arc::clone(&self.config.websocket);
                #[cfg_attr(not(feature = "deflate"), expect(unused_mut))]
                let mut websocket = ws::Connection::server(config, now);
                #[cfg(feature = "deflate")]
                if let Some(agreement) = accepted.deflate {
                    websocket.deflate(agreement, self.config.deflate, || self.config.codecs.make());
                }
                self.stage = Stage::WebSocket(websocket);
                Ok(Handshake::Accepted)
            }
            Err(refused) => {
                // What follows a refused upgrade may be frames; it must never be read as requests.
                http.close(outbox);
                let response = with(refused.response(), fields);
                http.respond(&response, Body::Empty, outbox, now)?;
                Ok(Handshake::Refused(refused))
            }
        }
    }

    /// Delivers an entry over the stream that the connection is.
    ///
    /// # Errors
    ///
    /// The connection is no stream, has ended, or its outbox is full: stop reading from the log and
    /// go on once the outbox has emptied.
    pub fn send(
        &mut self,
        entry: &Entry,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        match &mut self.stage {
            Stage::Http { http, stream: Some(stream), .. } => {
                if !stream.is_open() {
                    return Err(sse::SendError::NotOpen.into());
                }
                http.send_chunk(entry.chunk(), outbox)?;
                Ok(stream.touch(now)?)
            }
            Stage::Http { stream: None, .. } => Err(SendError::WrongStage),
            Stage::WebSocket(websocket) => Ok(websocket.send_prepared(entry.prepared(), outbox)?),
        }
    }

    /// Tells over the stream that the connection is that events are missing which can no longer be
    /// sent, and that it goes on behind `resume`. `document` says so: as a message of a WebSocket, and
    /// as the data of an event with the [name for gaps](sse::StreamConfig::gap_name) of an event
    /// stream.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn send_gap(
        &mut self,
        resume: Cursor,
        document: &str,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        let name = &self.config.event_stream.gap_name;
        let gap = Entry::new(resume, document, Some(name), document);
        self.send(&gap, outbox, now)
    }

    /// Says goodbye in the way of the transport: the present response, or none, is the last on this
    /// connection; an event stream ends with a hint to come back after `retry`; a WebSocket closes
    /// with 1001, going away.
    pub fn leave(&mut self, retry: Duration, outbox: &mut Outbox, now: Instant) {
        match &mut self.stage {
            Stage::Http { http, stream, .. } => {
                http.close(outbox);
                if let Some(stream) = stream {
                    let mut body = Outbox::new();
                    if stream.finish(Some(retry), &mut body).is_ok() {
                        pass(&mut body, http, outbox, now);
                    }
                }
            }
            Stage::WebSocket(websocket) => {
                // Closing already is goodbye enough.
                let _ = websocket.close(CloseCode::GOING_AWAY, "", outbox, now);
            }
        }
    }
}

impl Protocol for Connection {
    type Event<'i> = Event<'i>;
    type Error = Error;

    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        match &mut self.stage {
            Stage::Http { http, stream: present, watches_ahead } => {
                if let Some(stream) = present {
                    let mut body = Outbox::new();
                    // Without a limit for stalls it has no error.
                    let ended = stream.next_event(&mut Inbox::new(), &mut body, now);
                    let ended = ended.unwrap_or_default();
                    // Behind unsent bytes a sign of life says nothing, and would pile up.
                    if outbox.is_empty() || body.is_ended() {
                        pass(&mut body, http, outbox, now);
                    }
                    if let Some(sse::StreamEvent::Ended(_)) = ended {
                        *present = None;
                        return Ok(Some(Event::StreamEnded));
                    }
                }
                if *watches_ahead && http.awaits_response() && !inbox.is_empty() {
                    *watches_ahead = false;
                    return Ok(Some(Event::PeerAhead));
                }
                let event = http.next_event(inbox, outbox, now).inspect_err(|_| *present = None)?;
                match event {
                    Some(http::server::Event::Request(_)) => *watches_ahead = false,
                    Some(http::server::Event::End) => *watches_ahead = true,
                    _ => {}
                }
                Ok(event.map(Event::Http))
            }
            Stage::WebSocket(websocket) => {
                Ok(websocket.next_event(inbox, outbox, now)?.map(Event::WebSocket))
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Http { http, stream, .. } => {
                earliest([http.deadline(), stream.as_ref().and_then(|stream| stream.deadline())])
            }
            Stage::WebSocket(websocket) => websocket.deadline(),
        }
    }
}

fn with(response: Response, fields: impl IntoIterator<Item = (FieldName, FieldValue)>) -> Response {
    fields.into_iter().fold(response, |response, (name, value)| response.field(name, value))
}

/// Passes what an event stream wrote on as the body of the response. What finds no room is left out:
/// a sign of life, or the hint when to come back; the end needs none.
fn pass(body: &mut Outbox, http: &mut http::Server, outbox: &mut Outbox, now: Instant) {
    while body.has_remaining() {
        let piece = body.copy_to_bytes(body.chunk().len());
        if http.send_body(piece, outbox).is_err() {
            break;
        }
    }
    if body.is_ended() {
        // It fails only if the response is over, which is what is wanted.
        let _ = http.finish(outbox, now);
    }
}
