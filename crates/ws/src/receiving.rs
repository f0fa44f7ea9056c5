//! The receiving half, and every transition of a connection's state. Framing and sending have their
//! own files.

use alloc::sync::Arc;

use tidewire_core::{Inbox, Instant, Outbox, Payload};

use crate::close::{self, Closed, Side};
#[cfg(feature = "deflate")]
use crate::compression::Inflating;
use crate::keepalive::{Due, Keepalive, Written};
use crate::receive::{Kind, Messages, Received, Receiver, Scope};
use crate::reply::{Answer, Reply};
use crate::{CloseCode, Config, Error, Event, Text};

/// The receiving half of a connection: what the peer did, and when it is given up.
///
/// It writes nothing. What it owes the peer is in a [`Reply`], for the [`Sending`](crate::Sending)
/// half to write.
///
/// ```
/// use tidewire_core::{Inbox, Instant, Outbox};
/// use tidewire_ws::{Config, Connection, Event, Reply};
///
/// let connection = Connection::server(Config::default(), Instant::ORIGIN);
/// let (mut receiving, mut sending) = connection.split();
/// let (mut inbox, mut reply, mut outbox) = (Inbox::new(), Reply::default(), Outbox::new());
/// inbox.push(b"\x89\x81\x37\xfa\x21\x3d\x08");
/// let event = receiving.next_event(&mut inbox, &mut reply, Instant::ORIGIN);
/// assert!(matches!(event, Ok(Some(Event::Ping(_)))));
/// // Also after an error: the Close that says why is in the reply.
/// sending.apply(&reply.take(), &mut outbox, Instant::ORIGIN);
/// assert_eq!(bytes::Buf::chunk(&outbox), b"\x8a\x01?");
/// ```
#[derive(Debug)]
pub struct Receiving {
    config: Arc<Config>,
    state: State,
    pub(crate) side: Role,
    receiver: Receiver,
    keepalive: Keepalive,
    /// How many bytes the last call left in the inbox: more mean that the peer is alive.
    unread: usize,
}

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

/// Where in its life a connection is.
///
/// | state | message | ping | peer's Close | end of stream | deadline |
/// |---|---|---|---|---|---|
/// | `Open` | event | pong, event | echo, then server `Ended`, client `Lingering` | `Ended` | ping; idle: `Closing`; pong time-out: `Ended` |
/// | `Closing` | dropped | dropped | server `Ended`, client `Lingering` | `Ended` | `Ended` |
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
    /// Our side is ended.
    Ended,
}

impl Receiving {
    pub(crate) fn new(config: Arc<Config>, side: Role, now: Instant) -> Self {
        Self {
            state: State::Open,
            side,
            receiver: Receiver::new(side == Role::Server, &config, now),
            config,
            keepalive: Keepalive::new(now),
            unread: 0,
        }
    }

    #[cfg(feature = "deflate")]
    pub(crate) fn inflate(&mut self, inflating: Inflating) {
        self.receiver.inflate(inflating);
    }

    /// Whether messages are delivered.
    #[must_use]
    #[inline]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Whether nothing more will be told or owed.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    /// As [`Connection::next_event`](crate::Connection), but what is owed to the peer goes to
    /// `reply`: hand that to the other half after each call that fills it.
    ///
    /// A ping that goes out this way counts as left at once, so the way to the peer should be short
    /// beside [`Config::pong_timeout`]. [`Event::Drained`] is the sending half's to tell.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol or passed a limit of [`Config`]. The connection is over: `reply`
    /// holds the Close, and later calls return `Ok(None)`. RFC 6455 §7.1.7.
    pub fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        reply: &mut Reply,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        self.next(inbox, reply, now)
    }

    /// When to call [`next_event`](Self::next_event) again even if no bytes arrive.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Open => self.keepalive.deadline(&self.config),
            State::Closing { give_up } => Some(give_up),
            State::Lingering { until } => Some(until),
            State::Ended => None,
        }
    }

    /// Notes that the other half has written our Close: from now on messages are dropped, and the
    /// peer's Close is waited for no longer than [`Config::close_timeout`]. Until then a Close of
    /// the peer's counts as [its wish](Side::Peer), even if it answers ours.
    pub fn on_close_sent(&mut self, now: Instant) {
        if self.is_open() {
            self.state = State::Closing { give_up: now + self.config.close_timeout };
            self.receiver.end();
        }
    }

    /// Notes that the other half wrote a ping at `sent`: any byte must come within
    /// [`Config::pong_timeout`] after that. If one did come since, this changes nothing.
    pub fn on_ping_sent(&mut self, sent: Instant) {
        self.keepalive.on_ping_sent(&self.config, sent);
    }

    /// Notes that a ping of the caller's is the last thing in `outbox`.
    pub(crate) fn on_ping_written(&mut self, outbox: &Outbox, now: Instant) {
        self.keepalive.on_ping(&self.config, Some(Written::of(outbox)), now);
    }

    #[inline]
    pub(crate) fn next<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        answer: &mut impl Answer,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        if inbox.len() > self.unread {
            self.keepalive.on_bytes(now);
        }
        if self.is_open() {
            match self.receiver.receive_whole(inbox, &self.config) {
                Ok(Some((kind, len))) => {
                    self.unread = inbox.len() - len;
                    return Ok(Some(message(kind, Scope::Whole, inbox.lend(len))));
                }
                Ok(None) => {}
                Err(error) => {
                    self.fail(error, answer);
                    return Err(error);
                }
            }
        }
        match self.step(inbox, answer, now) {
            Err(error) => {
                self.fail(error, answer);
                Err(error)
            }
            told => told,
        }
    }

    /// Goes on until there is something to tell.
    #[inline(never)]
    fn step<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        answer: &mut impl Answer,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let received = loop {
            let messages = match self.state {
                State::Open => Messages::Deliver,
                State::Closing { .. } => Messages::Discard,
                State::Lingering { .. } | State::Ended => {
                    self.on_linger(inbox, answer, now);
                    return Ok(None);
                }
            };
            match (self.receiver.receive(messages, inbox, &self.config, now)?, messages) {
                (Some(received @ Received::Close(_)), _) | (Some(received), Messages::Deliver) => {
                    break received;
                }
                (Some(received), Messages::Discard) => inbox.eat(received.len_in_inbox()),
                (None, _) => return Ok(self.on_quiet(inbox, answer, now)?.map(Event::Closed)),
            }
        };
        self.unread = inbox.len() - received.len_in_inbox();
        Ok(Some(match received {
            Received::Lies(kind, scope, len) => message(kind, scope, inbox.lend(len)),
            Received::Owned(kind, scope, bytes) => message(kind, scope, bytes.into()),
            Received::Ping(len) => {
                if self.config.answer_pings {
                    answer.pong(&inbox.as_slice()[..len]);
                }
                Event::Ping(inbox.lend(len))
            }
            Received::Pong(len) => Event::Pong(inbox.lend(len)),
            Received::Close(len) => Event::Closed(self.on_close_frame(len, inbox, answer, now)?),
        }))
    }

    /// The peer's Close came whole; its payload is at the front of the inbox. RFC 6455 §5.5.1.
    fn on_close_frame(
        &mut self,
        len: usize,
        inbox: &mut Inbox,
        answer: &mut impl Answer,
        now: Instant,
    ) -> Result<Closed, Error> {
        let (code, reason) = close::decode(&inbox.as_slice()[..len])?;
        let by = if self.is_open() { Side::Peer } else { Side::Local };
        let closed = Closed { code, reason: reason.into(), clean: true, by };
        inbox.eat(len);
        answer.close(code);
        self.on_both_closed(answer, now);
        Ok(closed)
    }

    /// Both Closes are through: the server ends the stream, the client waits for that, so that the
    /// server's port is the one that rests. RFC 6455 §7.1.1.
    fn on_both_closed(&mut self, answer: &mut impl Answer, now: Instant) {
        self.receiver.end();
        match self.side {
            Role::Server => self.end(answer),
            Role::Client => {
                self.state = State::Lingering { until: now + self.config.linger };
            }
        }
    }

    /// No more can be made of the bytes: looks at the end of the stream and at the time.
    fn on_quiet(
        &mut self,
        inbox: &Inbox,
        answer: &mut impl Answer,
        now: Instant,
    ) -> Result<Option<Closed>, Error> {
        self.unread = inbox.len();
        if self.is_open() && !inbox.is_ended() {
            self.on_time(answer, now)?;
        }
        let given_up = match self.state {
            State::Open if inbox.is_ended() => Some(Side::Peer),
            State::Closing { give_up } if inbox.is_ended() || give_up <= now => Some(Side::Local),
            State::Open | State::Closing { .. } | State::Lingering { .. } | State::Ended => None,
        };
        Ok(given_up.map(|by| {
            self.end(answer);
            Closed::abnormal(by)
        }))
    }

    /// Does what is due while the connection is open.
    fn on_time(&mut self, answer: &mut impl Answer, now: Instant) -> Result<(), Error> {
        match self.keepalive.due(&self.config, now) {
            Some(Due::Ping) => {
                self.receiver.release();
                answer.ping();
                self.keepalive.on_ping(&self.config, answer.written(), now);
            }
            Some(Due::Close) => {
                answer.close(Some(CloseCode::GOING_AWAY));
                self.on_close_sent(now);
            }
            None => {}
        }
        self.keepalive.check(&self.config, answer.written(), now)
    }

    /// Drops what comes behind the peer's Close, and ends our side once the server has ended its.
    fn on_linger(&mut self, inbox: &mut Inbox, answer: &mut impl Answer, now: Instant) {
        inbox.eat(inbox.len());
        if let State::Lingering { until } = self.state
            && (inbox.is_ended() || until <= now)
        {
            self.end(answer);
        }
    }

    /// The peer broke a rule: tells it why, unless a Close has left before. RFC 6455 §7.1.7.
    #[cold]
    fn fail(&mut self, error: Error, answer: &mut impl Answer) {
        answer.close(Some(error.close_code()));
        self.end(answer);
    }

    fn end(&mut self, answer: &mut impl Answer) {
        answer.end();
        self.receiver.end();
        self.state = State::Ended;
    }
}

#[inline]
fn message(kind: Kind, scope: Scope, payload: Payload<'_>) -> Event<'_> {
    match (kind, scope) {
        (Kind::Text, Scope::Whole) => Event::Text(Text::new(payload)),
        (Kind::Binary, Scope::Whole) => Event::Binary(payload),
        (Kind::Text, Scope::Part { is_last }) => {
            Event::TextPart { text: Text::new(payload), is_last }
        }
        (Kind::Binary, Scope::Part { is_last }) => Event::BinaryPart { bytes: payload, is_last },
    }
}
