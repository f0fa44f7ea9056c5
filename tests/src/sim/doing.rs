//! What a connection of the server is busy with. What a request makes of it is `requests`'s business, its
//! buffers and its patience `connection`'s.

use tidewire::Entry;
use tidewire::core::Instant;
use tidewire::http::RequestHead;
use tidewire::http::server::Event as Http;
use tidewire::hub::{Batch, Cursor, Reset, SubscriberId};
use tidewire::poll::HoldId;
use tidewire::server::Event;
use tidewire::ws::Event as WebSocket;

use super::connection::{NewHold, RETRY, Room};
use super::document::{self, number};
use super::ends::Ending;
use super::exchange::{Peer, answer};
use super::feed::Feed;
use super::plan::Plan;
use super::portal;
use super::reply::Reply;
use super::requests::{on_request_end, query, upgrade};
use super::streams::Part;
use super::tally::Mishap;

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
        /// Up to which it was told all there was.
        at: Cursor,
    },
    /// The connection is a stream.
    Following(Following),
}

pub(super) struct Following {
    pub(super) id: SubscriberId,
    /// The start could not be continued, and the client is yet to be told.
    pub(super) reset: Option<Reset>,
    /// What it was given of its credit, and is to get again once it has left.
    pub(super) spent: u64,
    /// Since when an event stream lives, if it is not to live for ever.
    pub(super) lives: Option<Instant>,
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
                self.replace(Self::Nothing, room);
                *self = match head.path() {
                    "/v1/ws" if room.is_met() => {
                        portal::answer(&head, peer, room);
                        Self::Nothing
                    }
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
                if let Self::Following(_) = self {
                    self.replace(Self::Nothing, room);
                }
            }
            Event::StreamEnded => {
                if let Self::Following(Following { lives: Some(since), .. }) = self {
                    let earliest = *since + room.plan.lifetime.unwrap_or_default() * 4 / 5;
                    assert!(room.now >= earliest, "a stream ends before {earliest:?}");
                    room.feed.tally.count(Mishap::StreamExpired);
                }
                self.replace(Self::Nothing, room);
            }
            Event::WebSocket(WebSocket::Text(text)) => {
                let wanted = text.strip_prefix("follow ").map(number);
                self.change(wanted.expect("a client has nothing else to say"), peer, room);
            }
            Event::Http(Http::Closed) | Event::WebSocket(WebSocket::Closed(_)) => {
                self.replace(Self::Nothing, room);
            }
            Event::PeerAhead | Event::Http(_) | Event::WebSocket(_) => {}
        }
        None
    }

    /// The client goes on or ends its side, and is not to wait for a poll that is held: it is told what
    /// there is.
    pub(super) fn let_go(
        &mut self,
        on_its_way: Option<Reply>,
        wire: usize,
        peer: &mut Peer<'_>,
        room: &mut Room<'_>,
    ) {
        match std::mem::replace(self, Self::Nothing) {
            Self::Holding { hold, head, at } => {
                let query = query(&head, true, wire);
                let reply = on_its_way.unwrap_or_else(|| {
                    room.feed.ask_instead(hold, at, &query, room.plan, wire, room.now)
                });
                room.feed.book.check_let_go(&reply, at, query.who);
                answer(&reply, &head, peer, room.now);
            }
            other @ (Self::Nothing | Self::Reading { .. } | Self::Following(_)) => *self = other,
        }
    }

    pub(super) fn replace(&mut self, next: Self, room: &mut Room<'_>) {
        std::mem::replace(self, next).give_up(room.feed, room.now);
    }

    pub(super) fn give_up(self, feed: &mut Feed, now: Instant) {
        match self {
            Self::Nothing | Self::Reading { .. } => {}
            Self::Holding { hold, .. } => feed.cancel(hold, now),
            Self::Following(Following { id, .. }) => feed.unsubscribe(id, now),
        }
    }

    /// Sends what the log has for a stream, as long as the client keeps up.
    pub(super) fn deliver(&mut self, peer: &mut Peer<'_>, room: &mut Room<'_>) {
        while let Self::Following(following) = self
            && let Some(bytes) = MAX_PENDING_BYTES.checked_sub(peer.outbox.len() + 1)
        {
            let now = room.now;
            let part = match following.reset.take() {
                Some(reset) => Part::Gap(reset.resume(), reset),
                None => room.feed.read(following.id, Batch { bytes, ..room.plan.batch }, now),
            };
            let sent = match part {
                Part::Entries(entries) if entries.is_empty() => return,
                Part::Entries(entries) => {
                    let weights = entries.iter().map(|entry| entry.message().len() as u64);
                    following.spent += weights.sum::<u64>();
                    entries.iter().try_for_each(|entry| peer.machine.send(entry, peer.outbox, now))
                }
                Part::Gap(resume, reset) => {
                    room.feed.tally.reset(reset.reason);
                    let document = document::gap(resume, reset);
                    peer.machine.send_gap(resume, &document, peer.outbox, now)
                }
                Part::End(ending, at) => {
                    room.feed.tally.count(match ending {
                        Ending::Closed => Mishap::EndClosed,
                        Ending::Revoked => Mishap::EndRevoked,
                    });
                    *self = Self::Nothing;
                    let document = document::end(ending, at);
                    let entry = Entry::new(at, &document, None, &document);
                    // If there is no room for it, the client comes back and is told then.
                    let _ = peer.machine.send(&entry, peer.outbox, now);
                    return peer.machine.leave(RETRY, peer.outbox, now);
                }
            };
            if sent.is_err() {
                self.replace(Self::Nothing, room);
                return peer.machine.leave(RETRY, peer.outbox, now);
            }
        }
    }

    /// Follows other topics, as a client asked over its WebSocket.
    fn change(&mut self, topics: u8, peer: &mut Peer<'_>, room: &mut Room<'_>) {
        let Self::Following(following) = self else { return };
        let Some((id, at, reset)) = room.feed.change(following.id, topics, room.plan, room.now)
        else {
            // It will ask anew, and be refused as everyone is.
            self.replace(Self::Nothing, room);
            return peer.machine.leave(RETRY, peer.outbox, room.now);
        };
        let gap = reset.or(following.reset.take());
        *following = Following { id, reset: None, spent: 0, lives: None };
        // The word of a gap comes first, for the client takes this cursor for its own.
        let gap = gap.map(|reset| {
            room.feed.tally.reset(reset.reason);
            document::gap(at, reset)
        });
        let words = gap.into_iter().chain([document::change(topics, at)]);
        let websocket = peer.machine.websocket().expect("it was asked over a WebSocket");
        let said: Result<(), _> =
            words.into_iter().try_for_each(|word| websocket.send_text(&word, peer.outbox));
        if said.is_err() {
            self.replace(Self::Nothing, room);
            peer.machine.leave(RETRY, peer.outbox, room.now);
        }
    }

    /// Fails if an event stream has outlived its time.
    pub(super) fn check_life(&self, plan: &Plan, now: Instant) {
        if let Self::Following(Following { lives: Some(since), .. }) = self {
            let until = *since + plan.lifetime.unwrap_or_default();
            assert!(now < until, "a stream lives on after {until:?}");
        }
    }

    /// The server says goodbye, whatever time there is left.
    pub(super) fn forget_life(&mut self) {
        if let Self::Following(following) = self {
            following.lives = None;
        }
    }
}

/// Most bytes that wait in an outbox while more is read from the log.
const MAX_PENDING_BYTES: usize = 4096;
