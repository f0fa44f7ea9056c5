//! What a connection of the server is busy with, and what a request makes of it. Its buffers and its
//! patience are `connection`'s business.

use std::time::Duration;

use tidewire::CURSOR_FIELD;
use tidewire::http::server::Event as Http;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response};
use tidewire::hub::{Batch, Reset, Start, SubscriberId};
use tidewire::poll::{Client, HoldId};
use tidewire::server::{Event, Handshake};
use tidewire::sse::{self, Accepted, Resume, Stream};
use tidewire::ws::Event as WebSocket;
use tidewire::ws::handshake::server::Policy;

use super::connection::{NewHold, RETRY, Room};
use super::document::{self, Note, number};
use super::exchange::{Peer, answer, parameter, respond, start, text, topics};
use super::feed::Feed;
use super::polls::{Query, Said};
use crate::dice::Dice;

/// What a connection is busy with.
pub(super) enum Doing {
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

pub(super) struct Following {
    pub(super) id: SubscriberId,
    /// The start could not be continued, and the client is yet to be told.
    reset: Option<Reset>,
    /// What it was given of its credit, and is to get again once it has left.
    pub(super) spent: u64,
}

impl Doing {
    pub(super) fn on_event(
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

    pub(super) fn give_up(self, feed: &mut Feed) {
        match self {
            Self::Nothing | Self::Reading { .. } => {}
            Self::Holding { hold, .. } => feed.cancel(hold),
            Self::Following(Following { id, .. }) => feed.unsubscribe(id),
        }
    }

    /// Sends what the log has for a stream, as long as the client keeps up.
    pub(super) fn deliver(&mut self, peer: &mut Peer<'_>, room: &mut Room<'_>) {
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

/// Most bytes that wait in an outbox while more is read from the log.
const MAX_PENDING_BYTES: usize = 4096;
