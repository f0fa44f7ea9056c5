//! What a poll is told. When it is told so is `park`'s business.

use core::time::Duration;

use tidewire_hub::{Batch, Cursor, Entries, Hub, Reset, Slice, Start, SubscribeError, TopicId};

use crate::HoldId;

/// What a poll is told.
#[derive(Debug)]
pub enum Answer<'a, T> {
    /// There is news.
    Events {
        /// The events, at least one, in the order of the log.
        entries: Entries<'a, T>,
        /// Where the asker stands now.
        next: Cursor,
        /// Whether there is more than fitted in: worth asking again at once.
        more: bool,
    },
    /// There is no news. The asker is told where it stands, for that may have moved past events of
    /// other topics.
    Empty {
        /// Where the asker stands now.
        next: Cursor,
        /// Why it is told so now.
        why: Why,
        /// How long the asker is to stay away. `None`, after a time-out, means that it may ask again at
        /// once; to a poll that did not want to wait say a period of your own, such as 1 s.
        poll_after: Option<Duration>,
    },
    /// The asker's cursor cannot be continued.
    Reset(Reset),
}

/// Why a poll is told that there is no news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its time was up, at once if it did not want to wait. Or a rule has taken some of its topics: asking
    /// again, it is [refused](crate::Refused).
    Timeout,
    /// A later poll of the same client took its place.
    Superseded,
    /// The server goes away. The connection should close after the answer.
    Drain,
    /// So many polls are held that new ones are not.
    Shed,
    /// All its topics are [closed](tidewire_hub::Hub::close), and it has been told what they had:
    /// nothing will come, and there is nothing to ask again for. Say so if the protocol has a word for
    /// it; who does not hear it is to stay away for a minute.
    Closed,
    /// It may read none of its topics any more. As with those that are closed, asking again is of no use.
    Revoked,
}

impl<'a, T> Answer<'a, T> {
    /// What there is for those who were told that there is news behind the cursor, of the topics that they
    /// may read.
    pub(crate) fn after(after: Cursor, hub: &'a Hub<T>, topics: &[TopicId], max: Batch) -> Self {
        if topics.is_empty() {
            return Self::empty(after, Why::Revoked);
        }
        let slice = hub.slice_of(topics, Start::After(after), max);
        Self::of(slice).unwrap_or(Self::empty(after, Why::Timeout))
    }

    /// What there is for those who stand at `start`.
    pub(crate) fn at(
        hub: &'a Hub<T>,
        topics: &[&str],
        start: Start,
        max: Batch,
    ) -> Result<Self, SubscribeError> {
        Self::of(hub.slice(topics, start, max))
    }

    fn of(slice: Result<Slice<'a, T>, SubscribeError>) -> Result<Self, SubscribeError> {
        match slice {
            Ok(Slice { entries, next, closed, .. }) if entries.len() == 0 => {
                Ok(Self::empty(next, if closed { Why::Closed } else { Why::Timeout }))
            }
            Ok(Slice { entries, next, more, .. }) => Ok(Self::Events { entries, next, more }),
            Err(SubscribeError::Reset(reset)) => Ok(Self::Reset(reset)),
            Err(error) => Err(error),
        }
    }

    fn empty(next: Cursor, why: Why) -> Self {
        let is_end = matches!(why, Why::Closed | Why::Revoked);
        Self::Empty { next, why, poll_after: is_end.then_some(ENDED_PAUSE) }
    }
}

/// What becomes of a poll that was not refused.
#[derive(Debug)]
pub enum Asked<'a, T> {
    /// It is answered at once.
    Answer(Answer<'a, T>),
    /// It is held. [`next_answer`](crate::Park::next_answer) will name it once, unless it is
    /// [cancelled](crate::Park::cancel).
    Held(HoldId),
}

/// One answer for some held polls, which are held no more.
#[derive(Debug)]
pub struct Answered<'a, T> {
    /// The polls. All get the same answer, so it is encoded once.
    pub holds: &'a [HoldId],
    /// Which answer of the park's it is. Where so many polls share one that they are named in several
    /// steps, it is the same as before, and what was encoded for it serves again.
    pub edition: u64,
    /// What they are told.
    pub answer: Answer<'a, T>,
}

/// How long someone for whom nothing will come stays away, should it not heed the end.
const ENDED_PAUSE: Duration = Duration::from_secs(60);
