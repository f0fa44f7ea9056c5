//! What the hub knows of a reader. All its transitions are the hub's business.

use alloc::boxed::Box;

use tidewire_core::Key;

/// Names a subscriber of one hub. A name that outlived its subscriber names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriberId(pub(crate) Key);

#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) topics: Box<[Key]>,
    pub(crate) state: State,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// Whoever holds the name reads when it likes.
    Reading { position: u64 },
    /// At the head, in the waiting list of each of its topics.
    Waiting,
    /// In the hub's list of those who became readable, at this turn.
    Ready { position: u64, turn: u64 },
}
