//! What reading and publishing yield. How a batch is found is the log's business.

use alloc::borrow::Cow;
use core::fmt;

use crate::log::Log;
use crate::{Cursor, Record, Reset, TopicId};

/// What [`Hub::read`](crate::Hub::read) yields.
#[derive(Debug)]
pub enum Read<'a, T> {
    /// Events that the subscriber has not read yet. There may be more.
    Entries {
        /// The events, in the order of the log.
        entries: Entries<'a, T>,
        /// The position behind the batch: what the subscriber's cursor becomes.
        next: Cursor,
        /// Whether events are there that did not fit into the batch.
        more: bool,
    },
    /// There is nothing, or no [credit](crate::Hub::credit) to take it. The subscriber now waits, and
    /// is named by [`next_ready`](crate::Hub::next_ready) once that has changed.
    Waiting,
    /// The subscriber fell so far behind that events it had not read were dropped. It now stands at
    /// [`Reset::resume`], or before the latest event, as its
    /// [policy](crate::SlowPolicy) has it: [`position`](crate::Hub::position) tells.
    Reset(Reset),
    /// The subscriber is removed: there is nothing more to come.
    Ended(End),
}

/// Why a subscriber was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All its topics are [closed](crate::Hub::close), and it has read what they had.
    Closed,
    /// It may read none of its topics any more.
    Revoked,
    /// It fell behind, and had chosen to be [removed](crate::SlowPolicy::Close) then.
    Behind(Reset),
}

/// What [`Hub::slice`](crate::Hub::slice) and [`Hub::range`](crate::Hub::range) yield. `entries` may be empty.
#[derive(Debug)]
pub struct Slice<'a, T> {
    /// The events, in the order of the log.
    pub entries: Entries<'a, T>,
    /// The position behind the batch, past events of other topics.
    pub next: Cursor,
    /// Whether events are there that did not fit into the batch.
    pub more: bool,
    /// Whether all the topics are [closed](crate::Hub::close): behind what there is nothing will come.
    pub closed: bool,
}

/// What [`Hub::publish`](crate::Hub::publish) yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The position of the event.
    pub cursor: Cursor,
    /// Whether the event is new. If not, its key was seen before, and this is where it was published
    /// then.
    pub fresh: bool,
}

/// Events lent from the log, in order. It knows its length.
pub struct Entries<'a, T> {
    pub(crate) log: &'a Log<T>,
    pub(crate) topics: Cow<'a, [TopicId]>,
    pub(crate) after: u64,
    pub(crate) left: usize,
}

impl<'a, T> Iterator for Entries<'a, T> {
    type Item = &'a Record<T>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let record = self.log.following(&self.topics, self.after)?;
        self.after = record.offset;
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for Entries<'_, T> {}

impl<T> Clone for Entries<'_, T> {
    fn clone(&self) -> Self {
        Self { topics: self.topics.clone(), ..*self }
    }
}

impl<T: fmt::Debug> fmt::Debug for Entries<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
