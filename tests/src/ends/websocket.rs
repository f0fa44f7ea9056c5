//! An end for either side of a WebSocket: in one piece or in halves, with messages whole or in parts,
//! compressed or as they are. It sends back what it gets.

use std::mem;
use std::sync::{Arc, Mutex};

use tidewire::ws::deflate::{self, Codecs, Pool};
use tidewire::ws::handshake::deflate::Agreement;
use tidewire::ws::{Config, Connection, Error, Event, Receiving, Reply, SendError, Sending};
use tidewire_core::{Inbox, Instant, Outbox, Protocol, earliest};

use super::SEED;
use crate::dice::Dice;
use crate::end::End;
use crate::trace::Trace;

/// The server's side of a WebSocket; it sends back what it gets.
#[must_use]
pub fn ws_server(config: Config) -> End<Connection> {
    WebSocket::new(Role::Server, config).end()
}

/// The client's side of a WebSocket; it sends back what it gets.
#[must_use]
pub fn ws_client(config: Config) -> End<Connection> {
    WebSocket::new(Role::Client, config).end()
}

/// Which side of a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It accepted the connection.
    Server,
    /// It opened the connection, and masks what it sends.
    Client,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Server => Self::Client,
            Self::Client => Self::Server,
        }
    }
}

/// One side of a WebSocket as it is to be, any number of times.
#[derive(Clone, Debug)]
pub struct WebSocket {
    /// Which side it is.
    pub role: Role,
    /// Its limits.
    pub config: Arc<Config>,
    /// How messages are compressed, if they are.
    pub deflate: Option<(Agreement, deflate::Config)>,
    /// Where compressors are lent from. Without a pool each connection has its own.
    pub pool: Option<Arc<Mutex<Pool>>>,
}

impl WebSocket {
    /// A side that compresses nothing.
    #[must_use]
    pub fn new(role: Role, config: impl Into<Arc<Config>>) -> Self {
        Self { role, config: config.into(), deflate: None, pool: None }
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> Connection {
        let (config, now) = (Arc::clone(&self.config), Instant::ORIGIN);
        let mut connection = match self.role {
            Role::Server => Connection::server(config, now),
            Role::Client => Connection::client(config, Dice::new(SEED).entropy(), now),
        };
        if let Some((agreement, config)) = self.deflate {
            connection.deflate(agreement, config, || self.codecs());
        }
        connection
    }

    /// The connection, which sends back what it gets.
    #[must_use]
    pub fn end(&self) -> End<Connection> {
        let mut echo = Echo::default();
        End::new(self.connection(), move |connection, event, outbox, _, trace| {
            echo.react(connection, &event, outbox, trace);
        })
    }

    /// The connection in halves, which sends back what it gets.
    #[must_use]
    pub fn halves(&self) -> End<Halves> {
        let mut echo = Echo::default();
        End::new(Halves::new(self.connection()), move |halves, event, outbox, _, trace| {
            echo.react(halves, &event, outbox, trace);
        })
    }

    fn codecs(&self) -> Codecs {
        match self.pool.clone() {
            None => Codecs::own(),
            Some(pool) => Codecs::lent(move |visit| {
                visit(&mut pool.lock().expect("nobody panics with the pool in hand"));
            }),
        }
    }
}

/// A connection in halves, with each reply carried over at once. It must not differ from one in one
/// piece.
#[derive(Debug)]
pub struct Halves {
    receiving: Receiving,
    sending: Sending,
    reply: Reply,
}

impl Halves {
    /// Takes the connection apart.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        let (receiving, sending) = connection.split();
        Self { receiving, sending, reply: Reply::default() }
    }
}

impl Protocol for Halves {
    type Event<'i> = Event<'i>;
    type Error = Error;

    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let told = self.receiving.next_event(inbox, &mut self.reply, now);
        self.sending.apply(&self.reply.take(), outbox, now);
        match told? {
            None => Ok(self.sending.on_written(outbox, now).then_some(Event::Drained)),
            event => Ok(event),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        earliest([self.receiving.deadline(), self.sending.deadline()])
    }
}

/// What sends messages.
pub(super) trait Sender {
    fn text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError>;
    fn binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError>;
}

impl Sender for Connection {
    fn text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_text(text, outbox)
    }

    fn binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_binary(bytes, outbox)
    }
}

impl Sender for Halves {
    fn text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.send_text(text, outbox)
    }

    fn binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.sending.send_binary(bytes, outbox)
    }
}

/// Notes events and sends messages back. Parts are joined first: then nothing tells them from a
/// message that was delivered whole.
#[derive(Debug, Default)]
pub(super) struct Echo {
    joined: Vec<u8>,
}

impl Echo {
    pub(super) fn react(
        &mut self,
        sender: &mut impl Sender,
        event: &Event<'_>,
        outbox: &mut Outbox,
        trace: &mut Trace,
    ) {
        // A slow peer loses its echo.
        let _ = match event {
            Event::TextPart { text, is_last } => match self.join(text.as_bytes(), *is_last) {
                None => Ok(()),
                Some(whole) => {
                    let text = str::from_utf8(&whole).expect("a character is never cut");
                    trace.event(format_args!("Text({text:?})"));
                    sender.text(text, outbox)
                }
            },
            Event::BinaryPart { bytes, is_last } => match self.join(bytes, *is_last) {
                None => Ok(()),
                Some(whole) => {
                    trace.event(format_args!("Binary(b\"{}\")", whole.escape_ascii()));
                    sender.binary(&whole, outbox)
                }
            },
            other => {
                trace.event(other);
                match other {
                    Event::Text(text) => sender.text(text, outbox),
                    Event::Binary(bytes) => sender.binary(bytes, outbox),
                    _ => Ok(()),
                }
            }
        };
    }

    fn join(&mut self, part: &[u8], is_last: bool) -> Option<Vec<u8>> {
        assert!(is_last || !part.is_empty(), "only the last part may be empty");
        self.joined.extend_from_slice(part);
        is_last.then(|| mem::take(&mut self.joined))
    }
}
