//! What is going to happen, in the order of time. What it does is the world's business.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use tidewire_core::Instant;

/// Something that happens at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// Bytes, or the end behind them, come out of a wire at this side.
    Arrive { wire: usize, side: Side },
    /// A side learns that its wire is broken.
    Break { wire: usize, side: Side },
    /// A wire that swallowed bytes lets them through again.
    Heal { wire: usize },
    /// A machine's deadline has come.
    Alarm(Host),
    /// A connection of the server has news, or its reply.
    Wake { wire: usize },
    /// A stream whose bytes have left is given credit for more.
    Credit { wire: usize },
    /// A poll that was held must be held no more.
    HoldIsOver { wire: usize, poll: usize },
    /// A publisher has something new to say.
    Publish { publisher: usize },
    /// A reader that read slowly reads fast again.
    Hurry { reader: usize },
    /// A phone ends its side of its connection.
    EndSide { reader: usize },
    /// Someone looks at a phone that was put away.
    Resume { reader: usize },
    /// Something goes wrong.
    Mishap,
    /// A server that drains is gone, and comes back.
    Restart,
    /// Nothing goes wrong any more.
    Calm,
    /// All readers should have caught up.
    Settled,
    /// An event that each reader must get in time.
    Probe,
    /// A reader must have come so far.
    Due { reader: usize, epoch: u64, offset: u64 },
    /// All clients go.
    Farewell,
    /// Nothing may be left.
    End,
}

/// A side of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Side {
    Client,
    Server,
}

/// Whatever has deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Host {
    Reader(usize),
    Publisher(usize),
    Connection(usize),
    Feed,
}

/// What is going to happen. What is due at one instant happens in the order in which it was added.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Entry>,
    next_turn: u64,
}

#[derive(Debug)]
struct Entry {
    at: Instant,
    /// The instant in nanoseconds, and below it the turn: what is compared most is one number.
    order: u128,
    what: What,
}

impl Queue {
    pub(super) fn add(&mut self, at: Instant, what: What) {
        let order = at.since_origin().as_nanos() << 64 | u128::from(self.next_turn);
        self.heap.push(Entry { at, order, what });
        self.next_turn += 1;
    }

    pub(super) fn next(&mut self) -> Option<(Instant, What)> {
        self.heap.pop().map(|Entry { at, what, .. }| (at, what))
    }
}

impl Ord for Entry {
    /// What comes first is the greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.order.cmp(&self.order)
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Entry {}
