//! One connection of the server: requests come, one of them may make it a stream, the log feeds it. It is
//! composed as a server composes it, with queues in the place of tasks. How bytes travel is `wire`'s
//! business.

use std::time::Duration;

use tidewire::CURSOR_FIELD;
use tidewire::core::{Inbox, Instant, Outbox, Protocol, earliest};
use tidewire::http::server::Event as Http;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};
use tidewire::hub::{Batch, Reset, Start, SubscriberId};
use tidewire::poll::{Client, HoldId};
use tidewire::server::{self, Event, Handshake};
use tidewire::sse::{self, Accepted, Resume, Stream};
use tidewire::ws::Event as WebSocket;
use tidewire::ws::handshake::server::Policy;

use super::clock::Clock;
use super::document::{self, Note, number};
use super::exchange::{Peer, answer, parameter, respond, start, text, topics};
use super::feed::{Feed, Query, Reply, Said};
use super::plan::{Plan, secs};
use crate::dice::Dice;

/// A connection as the server has it.
pub(super) struct Connection {
    wire: usize,
    machine: server::Connection,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    doing: Doing,
    writing: Writing,
    /// The reply to the poll that is held.
    pub(super) reply: Option<Reply>,
    /// Alarms alone: the time is the server's.
    pub(super) alarm: Clock,
}

/// What a connection is busy with.
enum Doing {
    Nothing,
    /// Reads a request to its end.
    Reading {
        head: RequestHead,
        body: Vec<u8>,
    },
    /// A poll is held.
    Holding {
        hold: HoldId,
        head: RequestHead,
    },
    /// The connection is a stream.
    Following(Following),
}

struct Following {
    id: SubscriberId,
    /// The start could not be continued, and the client is yet to be told.
    reset: Option<Reset>,
    /// What it was given of its credit, and is to get again once it has left.
    spent: u64,
}

/// How far our own bytes get.
#[derive(Clone, Copy)]
enum Writing {
    Idle,
    /// The wire took nothing since.
    Stalled {
        since: Instant,
    },
    /// Our side is shut down; what the peer still sends is dropped.
    Shut {
        since: Instant,
    },
}

/// What is needed to serve.
pub(super) struct Room<'a> {
    pub(super) feed: &'a mut Feed,
    pub(super) plan: &'a Plan,
    pub(super) dice: &'a mut Dice,
    pub(super) now: Instant,
}

/// A poll that was just held: which, and until when.
pub(super) type NewHold = (usize, Instant);

/// A client that takes none of our bytes for so long is given up.
const STALL: Duration = secs(10);
/// After our end the client gets this long to end its own side.
const LINGER: Duration = secs(2);
/// When a client is to come back that was told goodbye.
const RETRY: Duration = secs(1);
/// Most bytes that wait in an outbox while more is read from the log.
const MAX_PENDING_BYTES: usize = 4096;

impl Connection {
    pub(super) fn new(wire: usize, room: &Room<'_>) -> Self {
        Self {
            wire,
            machine: server::Connection::new(room.plan.server.clone(), room.now),
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            doing: Doing::Nothing,
            writing: Writing::Idle,
            reply: None,
            alarm: Clock::new(),
        }
    }

    /// Takes events and sends what there is. Tells of a poll that was held.
    pub(super) fn step(&mut self, room: &mut Room<'_>) -> Option<NewHold> {
        if let Writing::Shut { .. } = self.writing {
            self.inbox.eat(self.inbox.len());
        }
        let mut held = None;
        for steps in 0.. {
            assert!(steps < 10_000, "Quiet: a connection of the server never rests");
            match self.machine.next_event(&mut self.inbox, &mut self.outbox, room.now) {
                Ok(Some(event)) => {
                    let mut peer = Peer { machine: &mut self.machine, outbox: &mut self.outbox };
                    held = self.doing.on_event(event, self.wire, &mut peer, room).or(held);
                }
                Ok(None) => break,
                Err(error) => {
                    assert!(self.outbox.is_ended(), "Last word: {error} leaves the outbox open");
                    break;
                }
            }
        }
        if held.is_some() {
            assert!(self.inbox.is_empty(), "two polls of one client under way");
        }
        let mut peer = Peer { machine: &mut self.machine, outbox: &mut self.outbox };
        if let Some(reply) = self.reply.take()
            && let Doing::Holding { head, .. } = &self.doing
        {
            answer(&reply, head, &mut peer, room.now);
            self.doing = Doing::Nothing;
        }
        self.doing.deliver(&mut peer, room);
        held
    }

    /// Learns whether the wire took anything. `true` if the connection is over.
    pub(super) fn wrote(&mut self, moved: bool, room: &mut Room<'_>) -> bool {
        let now = room.now;
        self.writing = match self.writing {
            Writing::Shut { since } => {
                if self.inbox.is_ended() || now >= since + LINGER {
                    return true;
                }
                Writing::Shut { since }
            }
            _ if self.outbox.is_finished() => Writing::Shut { since: now },
            _ if self.outbox.is_empty() => Writing::Idle,
            Writing::Stalled { since } if !moved => {
                if now >= since + STALL {
                    return true;
                }
                Writing::Stalled { since }
            }
            Writing::Idle | Writing::Stalled { .. } => Writing::Stalled { since: now },
        };
        false
    }

    /// Whether a stream is to be given the credit again that its bytes took, for they have left.
    pub(super) fn owes_credit(&self) -> bool {
        matches!(&self.doing, Doing::Following(Following { spent: 1.., .. }))
            && self.outbox.is_empty()
    }

    /// Gives it that credit.
    pub(super) fn restore_credit(&mut self, feed: &mut Feed, now: Instant) {
        if let Doing::Following(Following { id, spent, .. }) = &mut self.doing
            && *spent > 0
        {
            feed.credit(*id, std::mem::take(spent), now);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let limit = match self.writing {
            Writing::Idle => None,
            Writing::Stalled { since } => Some(since + STALL),
            Writing::Shut { since } => Some(since + LINGER),
        };
        earliest([self.machine.deadline(), limit])
    }

    pub(super) fn machine_deadline(&self) -> Option<Instant> {
        self.machine.deadline()
    }

    /// Says goodbye in the way of the transport.
    pub(super) fn leave(&mut self, now: Instant) {
        self.machine.leave(RETRY, &mut self.outbox, now);
    }

    /// Gives up what the connection had of the log.
    pub(super) fn drop(self, feed: &mut Feed) {
        self.doing.give_up(feed);
    }
}

impl Doing {
    fn on_event(
        &mut self,
        event: Event<'_>,
        wire: usize,
        peer: &mut Peer<'_>,
        room: &mut Room<'_>,
    ) -> Option<NewHold> {
        match event {
            Event::Http(Http::Request(head)) => {
                self.replace(Self::Nothing, room.feed);
                *self = match head.path() {
                    "/v1/ws" => upgrade(&head, wire, peer, room),
                    _ => Self::Reading { head, body: Vec::new() },
                };
            }
            Event::Http(Http::Body(piece)) => {
                if let Self::Reading { body, .. } = self {
                    body.extend_from_slice(&piece);
                }
            }
            Event::Http(Http::End) => {
                if let Self::Reading { head, body } = std::mem::replace(self, Self::Nothing) {
                    let held;
                    (*self, held) = on_request_end(head, &body, wire, peer, room);
                    return held;
                }
            }
            Event::Http(Http::PeerEnded) => {
                peer.machine.leave(RETRY, peer.outbox, room.now);
                match std::mem::replace(self, Self::Nothing) {
                    Self::Holding { hold, head } => {
                        room.feed.cancel(hold);
                        // The client may still read: it is told what there is.
                        let (doing, held) = poll(head, true, wire, peer, room);
                        assert!(held.is_none(), "a poll without a wait was held");
                        *self = doing;
                    }
                    following @ Self::Following(_) => following.give_up(room.feed),
                    other @ (Self::Nothing | Self::Reading { .. }) => *self = other,
                }
            }
            Event::Http(Http::Closed)
            | Event::StreamEnded
            | Event::WebSocket(WebSocket::Closed(_)) => self.replace(Self::Nothing, room.feed),
            Event::PeerAhead => panic!("two polls of one client under way"),
            Event::Http(_) | Event::WebSocket(_) => {}
        }
        None
    }

    fn replace(&mut self, next: Self, feed: &mut Feed) {
        std::mem::replace(self, next).give_up(feed);
    }

    fn give_up(self, feed: &mut Feed) {
        match self {
            Self::Nothing | Self::Reading { .. } => {}
            Self::Holding { hold, .. } => feed.cancel(hold),
            Self::Following(Following { id, .. }) => feed.unsubscribe(id),
        }
    }

    /// Sends what the log has for a stream, as long as the client keeps up.
    fn deliver(&mut self, peer: &mut Peer<'_>, room: &mut Room<'_>) {
        let Self::Following(following) = self else { return };
        let now = room.now;
        while let Some(bytes) = MAX_PENDING_BYTES.checked_sub(peer.outbox.len() + 1) {
            let read = match following.reset.take() {
                Some(reset) => Err((reset.resume(), reset)),
                None => room.feed.read(following.id, Batch { bytes, ..room.plan.batch }),
            };
            let sent = match read {
                Ok(entries) if entries.is_empty() => return,
                Ok(entries) => {
                    let weights = entries.iter().map(|entry| entry.message().len() as u64);
                    following.spent += weights.sum::<u64>();
                    entries.iter().try_for_each(|entry| peer.machine.send(entry, peer.outbox, now))
                }
                Err((resume, reset)) => {
                    room.feed.tally.reset(reset.reason);
                    let document = document::gap(resume, reset);
                    peer.machine.send_gap(resume, &document, peer.outbox, now)
                }
            };
            if sent.is_err() {
                self.replace(Self::Nothing, room.feed);
                return peer.machine.leave(RETRY, peer.outbox, now);
            }
        }
    }
}

/// The request is complete: answers it, holds it or makes it a stream.
fn on_request_end(
    head: RequestHead,
    body: &[u8],
    wire: usize,
    peer: &mut Peer<'_>,
    room: &mut Room<'_>,
) -> (Doing, Option<NewHold>) {
    match head.path() {
        "/v1/poll" => poll(head, false, wire, peer, room),
        "/v1/sse" => (open_stream(&head, wire, peer, room), None),
        _ => {
            publish(&head, body, peer, room);
            (Doing::Nothing, None)
        }
    }
}

fn poll(
    head: RequestHead,
    at_once: bool,
    wire: usize,
    peer: &mut Peer<'_>,
    room: &mut Room<'_>,
) -> (Doing, Option<NewHold>) {
    let wait = if at_once { 0.0 } else { parameter(&head, "wait").map_or(0.0, number) };
    let topics = topics(&head);
    let query = Query {
        topics: &topics,
        after: start(&head),
        wait: Duration::from_secs_f64(wait),
        // Later connections have higher numbers, so a poll that comes late is known to be old.
        client: Client { id: parameter(&head, "client").map_or(0, number), seq: wire as u64 },
    };
    match room.feed.ask(&query, wire, room.now) {
        Said::Now(reply) => {
            answer(&reply, &head, peer, room.now);
            (Doing::Nothing, None)
        }
        Said::Later { hold, poll, until } => (Doing::Holding { hold, head }, Some((poll, until))),
    }
}

fn open_stream(head: &RequestHead, wire: usize, peer: &mut Peer<'_>, room: &mut Room<'_>) -> Doing {
    let request = sse::RequestHead::new(head.method(), head.fields().iter());
    let after = match Stream::accept(&request, &room.plan.server.event_stream) {
        Ok(Accepted::Stream(Resume::After(id))) => Start::After(number(id)),
        Ok(Accepted::Stream(Resume::Fresh)) => start(head),
        other => panic!("no request for an event stream: {other:?}"),
    };
    let (following, field) = follow(head, after, wire, room);
    let mut jitter = Dice::new(room.dice.bits()).entropy();
    let opened = peer.machine.open_event_stream([field], &mut jitter, peer.outbox, room.now);
    opened.expect("the request waits for its answer");
    Doing::Following(following)
}

fn upgrade(head: &RequestHead, wire: usize, peer: &mut Peer<'_>, room: &mut Room<'_>) -> Doing {
    let (following, field) = follow(head, start(head), wire, room);
    let policy = Policy::default();
    let done = peer.machine.accept_websocket(head, &policy, [field], peer.outbox, room.now);
    assert_eq!(done, Ok(Handshake::Accepted));
    Doing::Following(following)
}

/// Takes a place in the log, and says in a field of the response where it is.
fn follow(
    head: &RequestHead,
    start: Start,
    wire: usize,
    room: &mut Room<'_>,
) -> (Following, (FieldName, FieldValue)) {
    let Room { feed, plan, now, .. } = room;
    let (id, cursor, reset) = feed.subscribe(&topics(head), start, plan, wire, *now);
    (Following { id, reset, spent: 0 }, (CURSOR_FIELD, text(cursor)))
}

fn publish(head: &RequestHead, body: &[u8], peer: &mut Peer<'_>, room: &mut Room<'_>) {
    let key = head.fields().get("idempotency-key").and_then(|key| std::str::from_utf8(key).ok());
    let key = number(key.unwrap_or_default());
    let (_, note) = Note::read(&String::from_utf8_lossy(body));
    let cursor = room.feed.publish(note, key, true, room.now);
    let body = Body::Full(cursor.to_string().into());
    respond(&Response::new(201), body, peer, room.now);
}
