//! One connection of the server: requests come, one of them may make it a stream, the log feeds it. It is
//! composed as a server composes it, with queues in the place of tasks. How bytes travel is `wire`'s
//! business.

use std::time::Duration;

use tidewire::core::{Inbox, Instant, Outbox, Protocol, earliest};
use tidewire::http::server::Event as Http;
use tidewire::server::{self, Event};

use super::clock::Clock;
use super::doing::{Doing, Following};
use super::exchange::{Peer, answer};
use super::feed::Feed;
use super::plan::{Plan, secs};
use super::reply::Reply;
use super::tally::Mishap;
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
pub(super) const RETRY: Duration = secs(1);

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
                    let lets_go = match event {
                        Event::PeerAhead => Some(Mishap::PeerAhead),
                        Event::Http(Http::PeerEnded) => Some(Mishap::PeerEnded),
                        _ => None,
                    };
                    let mut peer = Peer { machine: &mut self.machine, outbox: &mut self.outbox };
                    held = self.doing.on_event(event, self.wire, &mut peer, room).or(held);
                    if let Some(mishap) = lets_go {
                        self.let_go(mishap, room);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    assert!(self.outbox.is_ended(), "Last word: {error} leaves the outbox open");
                    break;
                }
            }
        }
        let mut peer = Peer { machine: &mut self.machine, outbox: &mut self.outbox };
        if let Doing::Holding { .. } = self.doing {
            let is_ahead = !self.inbox.is_empty() || self.inbox.is_ended();
            assert!(!is_ahead, "a poll is held for a client that has gone on");
        }
        if let Some(reply) = self.reply.take()
            && let Doing::Holding { head, .. } = &self.doing
        {
            answer(&reply, head, &mut peer, room.now);
            self.doing = Doing::Nothing;
        }
        self.doing.deliver(&mut peer, room);
        self.doing.check_life(room.plan, room.now);
        held
    }

    /// The client goes on: a poll that is held is held no more.
    fn let_go(&mut self, mishap: Mishap, room: &mut Room<'_>) {
        if let Doing::Holding { .. } = self.doing {
            room.feed.tally.count(mishap);
        }
        let mut peer = Peer { machine: &mut self.machine, outbox: &mut self.outbox };
        self.doing.let_go(self.reply.take(), self.wire, &mut peer, room);
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
        self.doing.forget_life();
        self.machine.leave(RETRY, &mut self.outbox, now);
    }

    /// Gives up what the connection had of the log.
    pub(super) fn drop(self, feed: &mut Feed, now: Instant) {
        self.doing.give_up(feed, now);
    }
}
