//! The connection and every transition of its state. Framing, sending and timers have their own
//! files.

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Payload, Protocol, earliest};

use crate::close::{self, Closed, Side};
use crate::keepalive::Keepalive;
use crate::pong::OwedPong;
use crate::receive::{Kind, Messages, Received, Receiver};
use crate::write::Role;
use crate::{CloseCode, Config, Error, Event, FrameHeader, Opcode, SendError, Text};

/// A WebSocket connection behind its handshake, as either end. RFC 6455.
///
/// ```
/// use tidewire_core::{Inbox, Instant, Outbox, Protocol};
/// use tidewire_ws::{Config, Connection, Event};
///
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// let mut connection = Connection::server(Config::default(), Instant::ORIGIN);
/// inbox.push(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// while let Some(event) = connection.next_event(&mut inbox, &mut outbox, Instant::ORIGIN)? {
///     match event {
///         Event::Text(text) => connection.send_text(&text, &mut outbox)?,
///         Event::Binary(bytes) => connection.send_binary(&bytes, &mut outbox)?,
///         Event::Ping(_) | Event::Pong(_) => {}
///         Event::Closed(closed) => println!("closed: {:?} {}", closed.code, closed.reason),
///     }
/// }
/// assert_eq!(bytes::Buf::chunk(&outbox), b"\x81\x05Hello");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # States
///
/// ```text
///  Open ── close() ──▶ Closing
///    │                    │
///    └─── peer's Close ───┴──▶ client: Lingering ── end of stream, linger ──▶ Ended
///                              server: ─────────────────────────────────────▶ Ended
///  Open, Closing ─── violation, end of stream, time-out ────────────────────▶ Ended
/// ```
///
/// # Promises
///
/// - Pings are answered, Closes are echoed, silent peers are pinged, and no more than one Close is
///   sent. [`Event::Ping`] and [`Event::Pong`] may be ignored.
/// - [`Event::Closed`] comes once and is the last event, unless the peer broke the protocol: then
///   the [`Error`] is the last thing told.
/// - A message is delivered before anything behind it is judged. A text is judged as its bytes
///   arrive.
/// - A message that came in one frame is lent from the inbox, where it was unmasked in place.
/// - Nothing is reserved for a length that the peer only claims. Memory is bounded by `Config`.
///
/// # Left to the caller
///
/// The [`handshake`](crate::handshake). TLS. To drop the connection once the outbox
/// [is finished](Outbox::is_finished); the bytes that a server's peer still sends after that should
/// be read and dropped until its stream ends, lest the last frame be lost with them.
#[derive(Debug)]
pub struct Connection {
    pub(crate) config: Config,
    pub(crate) role: Role,
    /// The message that we have begun to send in fragments.
    pub(crate) sending: Option<Kind>,
    pub(crate) keepalive: Keepalive,
    state: State,
    receiver: Receiver,
    owed: Option<OwedPong>,
    /// How many bytes the last call left in the inbox: more mean that the peer is alive.
    unread: usize,
}

/// Where in its life a connection is.
///
/// | state | message | ping | peer's Close | end of stream | deadline |
/// |---|---|---|---|---|---|
/// | `Open` | event | pong, event | echo, then server `Ended`, client `Lingering` | `Ended` | ping; pong time-out: `Ended` |
/// | `Closing` | dropped | pong | server `Ended`, client `Lingering` | `Ended` | `Ended` |
/// | `Lingering` | dropped | dropped | dropped | `Ended` | `Ended` |
/// | `Ended` | dropped | dropped | dropped | | |
///
/// A violation leads from `Open`, with a Close, and from `Closing`, without one, to `Ended`.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Messages flow both ways.
    Open,
    /// Our Close left first.
    Closing { give_up: Instant },
    /// Both Closes are through, and the server has yet to end the stream.
    Lingering { until: Instant },
    /// The outbox is ended.
    Ended,
}

impl Connection {
    /// The server's end of a connection whose handshake is done.
    #[must_use]
    pub fn server(config: Config, now: Instant) -> Self {
        Self::new(config, Role::Server, now)
    }

    /// The client's end of a connection whose handshake is done.
    ///
    /// Each frame takes its mask key from `entropy`, which must be cryptographically strong.
    /// RFC 6455 §10.3.
    #[must_use]
    pub fn client(config: Config, entropy: Entropy, now: Instant) -> Self {
        Self::new(config, Role::Client(entropy), now)
    }

    /// Whether messages can be sent and received.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// The limits and periods that the connection keeps.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Starts the closing handshake: writes a Close frame.
    ///
    /// What the peer still sends is dropped until its own Close comes, or
    /// [`Config::close_timeout`] has passed; its pings are answered while there is room. A message that was begun in fragments stays unfinished.
    ///
    /// # Errors
    ///
    /// [`SendError::NotOpen`], or [`SendError::ReasonTooLong`] if `reason` has more than 123 bytes.
    /// Nothing is written and the state is as before.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        if reason.len() > close::MAX_REASON_LEN {
            return Err(SendError::ReasonTooLong);
        }
        self.write_close(Some(code), reason, outbox);
        self.state = State::Closing { give_up: now + self.config.close_timeout };
        Ok(())
    }

    fn new(config: Config, role: Role, now: Instant) -> Self {
        Self {
            state: State::Open,
            receiver: Receiver::new(matches!(role, Role::Server), now),
            keepalive: Keepalive::new(now),
            config,
            role,
            sending: None,
            owed: None,
            unread: 0,
        }
    }

    /// Goes on until there is something to tell.
    fn step<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let received = loop {
            let messages = match self.state {
                State::Open => Messages::Deliver,
                State::Closing { .. } => Messages::Discard,
                State::Lingering { .. } | State::Ended => {
                    self.on_linger(inbox, outbox, now);
                    return Ok(None);
                }
            };
            match (self.receiver.receive(messages, inbox, &self.config, now)?, messages) {
                (Some(received @ Received::Close(_)), _) | (Some(received), Messages::Deliver) => {
                    break received;
                }
                (Some(received), Messages::Discard) => {
                    if let Received::Ping(len) = received {
                        self.answer_in_closing(&inbox.as_slice()[..len], outbox);
                    }
                    inbox.eat(received.len_in_inbox());
                }
                (None, _) => return Ok(self.on_quiet(inbox, outbox, now)?.map(Event::Closed)),
            }
        };
        self.unread = inbox.len() - received.len_in_inbox();
        match received {
            Received::Message(kind, len) => self.message(kind, inbox.lend(len)),
            Received::Assembled(kind, bytes) => self.message(kind, bytes.into()),
            Received::Ping(len) => {
                self.answer(&inbox.as_slice()[..len], outbox, now);
                Ok(Event::Ping(inbox.lend(len)))
            }
            Received::Pong(len) => Ok(Event::Pong(inbox.lend(len))),
            Received::Close(len) => self.on_close_frame(len, inbox, outbox, now).map(Event::Closed),
        }
        .map(Some)
    }

    fn message<'i>(&self, kind: Kind, payload: Payload<'i>) -> Result<Event<'i>, Error> {
        match kind {
            Kind::Text => Text::new(payload, self.receiver.utf8()).map(Event::Text),
            Kind::Binary => Ok(Event::Binary(payload)),
        }
    }

    /// Writes the pong, or remembers it in place of an earlier one. RFC 6455 §5.5.3.
    fn answer(&mut self, payload: &[u8], outbox: &mut Outbox, now: Instant) {
        if self.has_room(payload.len(), outbox) {
            self.role.write(Opcode::Pong, true, payload, outbox);
            self.owed = None;
        } else {
            self.owed = Some(OwedPong::new(payload, now));
        }
    }

    /// Writes the pong if there is room: until the peer's Close has come, it is due behind ours, too.
    /// RFC 6455 §5.5.2.
    fn answer_in_closing(&mut self, payload: &[u8], outbox: &mut Outbox) {
        if self.has_room(payload.len(), outbox) {
            self.role.write(Opcode::Pong, true, payload, outbox);
        }
    }

    /// The peer's Close came whole; its payload is at the front of the inbox. RFC 6455 §5.5.1.
    fn on_close_frame(
        &mut self,
        len: usize,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Closed, Error> {
        let (code, reason) = close::decode(&inbox.as_slice()[..len])?;
        let by = if self.is_open() { Side::Peer } else { Side::Local };
        let closed = Closed { code, reason: reason.into(), clean: true, by };
        inbox.eat(len);
        if self.is_open() {
            self.write_close(code, "", outbox);
        }
        self.on_both_closed(outbox, now);
        Ok(closed)
    }

    /// Both Closes are through: the server ends the stream, the client waits for that, so that the
    /// server's port is the one that rests. RFC 6455 §7.1.1.
    fn on_both_closed(&mut self, outbox: &mut Outbox, now: Instant) {
        match self.role {
            Role::Server => self.end(outbox),
            Role::Client(_) => {
                self.state = State::Lingering { until: now + self.config.linger };
            }
        }
    }

    /// No more can be made of the bytes: looks at the end of the stream and at the time.
    fn on_quiet(
        &mut self,
        inbox: &Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Closed>, Error> {
        self.unread = inbox.len();
        let given_up = match self.state {
            State::Open if inbox.is_ended() => Some(Side::Peer),
            State::Closing { give_up } if inbox.is_ended() || give_up <= now => Some(Side::Local),
            State::Open => {
                self.on_time(outbox, now)?;
                None
            }
            State::Closing { .. } | State::Lingering { .. } | State::Ended => None,
        };
        Ok(given_up.map(|by| {
            self.end(outbox);
            Closed::abnormal(by)
        }))
    }

    /// Does what is due while the connection is open.
    fn on_time(&mut self, outbox: &mut Outbox, now: Instant) -> Result<(), Error> {
        if let Some(owed) = self.owed.take() {
            self.answer(owed.payload(), outbox, now);
        }
        if self.keepalive.is_due(&self.config, now) {
            self.receiver.release();
            self.role.write(Opcode::Ping, true, &[], outbox);
            self.keepalive.on_ping(&self.config, outbox, now);
        }
        self.keepalive.check(&self.config, outbox, now)
    }

    /// Drops what comes behind the peer's Close, and ends our side once the server has ended its.
    fn on_linger(&mut self, inbox: &mut Inbox, outbox: &mut Outbox, now: Instant) {
        inbox.eat(inbox.len());
        if let State::Lingering { until } = self.state
            && (inbox.is_ended() || until <= now)
        {
            self.end(outbox);
        }
    }

    /// The peer broke a rule: tells it why, unless a Close has left before. RFC 6455 §7.1.7.
    fn fail(&mut self, error: Error, outbox: &mut Outbox) {
        if self.is_open() {
            self.write_close(Some(error.close_code()), "", outbox);
        }
        self.end(outbox);
    }

    fn write_close(&mut self, code: Option<CloseCode>, reason: &str, outbox: &mut Outbox) {
        let mut buffer = [0; FrameHeader::MAX_CONTROL_LEN];
        let payload = code.map_or(&[][..], |code| close::encode(code, reason, &mut buffer));
        self.role.write(Opcode::Close, true, payload, outbox);
    }

    fn end(&mut self, outbox: &mut Outbox) {
        outbox.end();
        self.state = State::Ended;
    }
}

impl Protocol for Connection {
    type Event<'i> = Event<'i>;
    type Error = Error;

    /// Returns the next thing the peer did, or `None` until more bytes or more time arrive.
    ///
    /// Eats a frame's header once it is complete, and its payload when it is delivered. May push a
    /// pong for a ping, the answer to a Close, and a ping after a long silence.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol or passed a limit of [`Config`]. The connection is over: our
    /// Close is in `outbox`, which is ended, and later calls return `Ok(None)`. RFC 6455 §7.1.7.
    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        if inbox.len() > self.unread {
            self.keepalive.on_bytes(now);
        }
        self.step(inbox, outbox, now).inspect_err(|&error| self.fail(error, outbox))
    }

    fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Open => earliest([
                self.keepalive.deadline(&self.config),
                self.owed.as_ref().map(OwedPong::retry_at),
            ]),
            State::Closing { give_up } => Some(give_up),
            State::Lingering { until } => Some(until),
            State::Ended => None,
        }
    }
}
