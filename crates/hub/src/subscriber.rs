//! What a reader asks for, and what the hub knows of it. All its transitions stand in `hub::reading`.

use alloc::boxed::Box;

use crate::{Access, Cursor, Start, TopicId};

/// How a reader wants to be served. A [`Start`] alone leaves all else at its default.
///
/// ```
/// use tidewire_hub::{SlowPolicy, Start, Subscription};
///
/// let mut prices = Subscription::from(Start::Now);
/// prices.credit = Some(64 << 10);
/// prices.slow = SlowPolicy::Latest;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subscription {
    /// Where it begins.
    pub start: Start,
    /// How many bytes, as weighed by who published, it may be given before more
    /// [credit](crate::Hub::credit) comes. Default `None`: it reads when it has room.
    pub credit: Option<u64>,
    /// What becomes of it should it fall behind. Default [`SlowPolicy::Reset`].
    pub slow: SlowPolicy,
    /// Which topics it may read, asked again at each read. Default `None`: all that it names.
    pub access: Option<Access>,
}

/// What becomes of a reader that fell so far behind that events it had not read were dropped. It is
/// told so in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlowPolicy {
    /// It goes on with the oldest event that the log keeps.
    #[default]
    Reset,
    /// It goes on with the latest event of its topics: for those who want to know how things are
    /// now.
    Latest,
    /// It is removed.
    Close,
}

#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) topics: Box<[TopicId]>,
    /// Its place in the waiting list of each of them, while it waits.
    pub(crate) seats: Box<[u32]>,
    pub(crate) state: State,
    pub(crate) credit: Option<u64>,
    pub(crate) slow: SlowPolicy,
    pub(crate) access: Option<Access>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// Whoever holds the name reads when it likes.
    Reading { position: Cursor },
    /// At the head, in the waiting list of each of its topics.
    Waiting,
    /// In the hub's list of those who became readable, at this turn.
    Ready { position: Cursor, turn: u64 },
    /// Without credit.
    Spent { position: Cursor },
}

impl From<Start> for Subscription {
    fn from(start: Start) -> Self {
        Self { start, credit: None, slow: SlowPolicy::default(), access: None }
    }
}
