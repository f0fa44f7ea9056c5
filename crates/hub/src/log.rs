//! The events that are kept, in order, and how to find those of some topics. Who reads them is the
//! hub's business.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::ops::RangeInclusive;

use tidewire_core::Instant;

use crate::topics::Topics;
use crate::{Batch, Config, Cursor, ForkError, Lineage, Reset, ResetReason, Start, TopicId};

/// An event in the log.
#[derive(Debug)]
#[non_exhaustive]
pub struct Record<T> {
    /// The event's number: 1 for a log's first event, one more for each that follows.
    pub offset: u64,
    /// The topic it was published to.
    pub topic: Arc<str>,
    /// What was published.
    pub item: T,
    /// What it weighs, as its publisher said.
    pub bytes: usize,
    key: TopicId,
    at: Instant,
}

#[derive(Debug)]
pub(crate) struct Log<T> {
    lineage: Lineage,
    /// The offset of the first record; one above the head if there is none.
    floor: u64,
    records: VecDeque<Record<T>>,
    bytes: usize,
    pub(crate) topics: Topics,
}

/// How far a batch reaches: the number of its entries and what they weigh, the position behind it,
/// whether more follow.
pub(crate) struct Span {
    pub(crate) entries: usize,
    pub(crate) bytes: usize,
    pub(crate) next: u64,
    pub(crate) more: bool,
}

impl<T> Log<T> {
    /// A log that goes on from another process. It keeps nothing yet: the events behind the offset
    /// `after` are appended to it again, in order, and give it its head.
    pub(crate) fn restored(lineage: Lineage, after: u64) -> Self {
        let (records, topics) = (VecDeque::new(), Topics::default());
        Self { lineage, floor: after.saturating_add(1), records, bytes: 0, topics }
    }

    pub(crate) fn cursor(&self, offset: u64) -> Cursor {
        Cursor { epoch: self.lineage.epoch(), offset }
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    pub(crate) fn floor(&self) -> u64 {
        self.floor
    }

    pub(crate) fn head(&self) -> u64 {
        self.floor - 1 + self.records.len() as u64
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends an event to a topic that is held.
    pub(crate) fn append(&mut self, topic: TopicId, item: T, bytes: usize, at: Instant) {
        let offset = self.head() + 1;
        let entry = &mut self.topics[topic];
        entry.offsets.push_back(offset);
        let name = entry.name.clone();
        self.records.push_back(Record { offset, topic: name, item, bytes, key: topic, at });
        self.bytes += bytes;
    }

    /// When the oldest event has grown too old; `None` is never.
    pub(crate) fn deadline(&self, config: &Config) -> Option<Instant> {
        Some(self.records.front()?.at + config.max_age?)
    }

    /// Drops the oldest events until the limits are kept, also after so many more events and bytes.
    pub(crate) fn trim(&mut self, config: &Config, events: usize, bytes: usize, now: Instant) {
        while let Some(oldest) = self.records.front() {
            let kept = self.records.len() <= config.max_events.max(1) - events
                && self.bytes <= config.max_bytes - bytes
                && self.deadline(config).is_none_or(|deadline| now < deadline);
            if kept {
                return;
            }
            self.bytes -= oldest.bytes;
            self.floor += 1;
            self.topics.drop_oldest(oldest.key);
            self.records.pop_front();
        }
    }

    /// Begins a new epoch behind the event at the offset `at`. What lies above it is dropped: it was
    /// lost where the log is stored, and its offsets will name other events.
    pub(crate) fn fork(&mut self, epoch: u64, at: u64, config: &Config) -> Result<(), ForkError> {
        let head = self.head();
        if at > head {
            return Err(ForkError::Ahead { head });
        }
        self.lineage.fork(epoch, at)?;
        self.lineage.keep(config.max_epochs);
        let kept = (at + 1).saturating_sub(self.floor);
        for record in self.records.drain(kept as usize..) {
            self.bytes -= record.bytes;
            self.topics.drop_newest(record.key);
        }
        if at + 1 < self.floor {
            self.floor = at + 1;
            self.topics.undrop_above(at);
        }
        Ok(())
    }

    /// The position that a reader of `topics` starts from.
    pub(crate) fn locate(&self, topics: &[TopicId], start: Start) -> Result<u64, Reset> {
        match start {
            Start::After(cursor) => self.continued(cursor),
            Start::Oldest => Ok(self.floor - 1),
            Start::Now => Ok(self.head()),
            Start::Last(events) => {
                let position = lowest(self.floor - 1..=self.head(), |position| {
                    let count: usize = topics.iter().map(|&t| self.topics.count(t, position)).sum();
                    count as u64 <= events
                });
                // Right before the first of them, for a position before older events expires sooner.
                let first = self.following(topics, position);
                Ok(first.map_or(self.head(), |record| record.offset - 1))
            }
        }
    }

    /// The cursor's offset, if no event is missing between it and what the log keeps.
    pub(crate) fn continued(&self, cursor: Cursor) -> Result<u64, Reset> {
        self.at_or_above(self.floor - 1, cursor)
    }

    /// The offset of a position, if no event of the topics is missing behind it. They must have been known
    /// since it was last found that nothing is.
    pub(crate) fn continued_by(&self, topics: &[TopicId], position: Cursor) -> Result<u64, Reset> {
        let is_missed = |&topic: &TopicId| self.topics[topic].dropped > position.offset;
        match self.continued(position) {
            Err(Reset { reason: ResetReason::Expired, .. }) if !topics.iter().any(is_missed) => {
                Ok(position.offset)
            }
            found => found,
        }
    }

    /// The event's offset, if the log keeps it.
    pub(crate) fn kept(&self, event: Cursor) -> Result<u64, Reset> {
        self.at_or_above(self.floor, event)
    }

    fn at_or_above(&self, lowest: u64, cursor: Cursor) -> Result<u64, Reset> {
        let reason = match self.lineage.continued(cursor) {
            None => ResetReason::Epoch,
            Some(offset) if offset > self.head() => ResetReason::Ahead,
            Some(offset) if offset < lowest => ResetReason::Expired,
            Some(offset) => return Ok(offset),
        };
        let (floor, head) = (self.cursor(self.floor), self.cursor(self.head()));
        Err(Reset { reason, floor, head })
    }

    /// The first event of `topics` behind the position `after`.
    pub(crate) fn following(&self, topics: &[TopicId], after: u64) -> Option<&Record<T>> {
        let offset = topics.iter().filter_map(|&t| self.topics.following(t, after)).min()?;
        self.records.get((offset - self.floor) as usize)
    }

    /// How far a batch reaches that starts behind the position `after` and is to end at `last`. If
    /// nothing more follows, it reaches that far, past all that other topics got.
    pub(crate) fn span(&self, topics: &[TopicId], after: u64, last: u64, max: Batch) -> Span {
        let (mut entries, mut bytes, mut next) = (0, 0_usize, after);
        while let Some(record) = self.following(topics, next)
            && record.offset <= last
        {
            let with_it = bytes.saturating_add(record.bytes);
            if entries > 0 && (entries >= max.events || with_it > max.bytes) {
                return Span { entries, bytes, next, more: true };
            }
            (entries, bytes) = (entries + 1, with_it);
            next = record.offset;
        }
        Span { entries, bytes, next: last, more: false }
    }
}

/// The lowest number in the range that `holds`, where it holds for the last one and, once it holds,
/// for all above.
fn lowest(range: RangeInclusive<u64>, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = range.into_inner();
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests;
