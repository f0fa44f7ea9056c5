//! Batches for those who do not subscribe. Those who do are `reading`'s business.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::Hub;
use crate::{Batch, Cursor, Entries, Slice, Start, SubscribeError, TopicId};

impl<T> Hub<T> {
    /// Returns a batch for someone who does not subscribe.
    ///
    /// # Errors
    ///
    /// The start cannot be continued, or a limit of [`Config`](crate::Config) was passed.
    pub fn slice<S: AsRef<str>>(
        &self,
        topics: &[S],
        start: Start,
        max: Batch,
    ) -> Result<Slice<'_, T>, SubscribeError> {
        let known = self.known(topics)?;
        let after = self.log.locate(&known, start).map_err(SubscribeError::Reset)?;
        Ok(self.cut(known, after, self.log.head(), max, self.are_closed(topics)))
    }

    /// Returns what the topics have from one event to another, both included, whatever topics those
    /// two are of. If all of it fits, and there is no [`more`](Slice::more), it is the same for good,
    /// and [`next`](Slice::next) is the last event. It is empty if the last lies before the first.
    ///
    /// ```
    /// use tidewire_core::Instant;
    /// use tidewire_hub::{Batch, Config, Cursor, Hub};
    ///
    /// let mut hub = Hub::new(Config::default(), 7);
    /// for item in ["low", "rising", "high"] {
    ///     hub.publish("tide", item, 10, None, Instant::ORIGIN)?;
    /// }
    /// let event = |offset| Cursor { epoch: 7, offset };
    /// let range = hub.range(&["tide"], event(2)..=event(3), Batch::default())?;
    /// assert!(!range.more);
    /// assert!(range.entries.map(|record| record.item).eq(["rising", "high"]));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The log keeps one of the two events no more, or never had it: a
    /// [reset](SubscribeError::Reset). Or a limit of [`Config`](crate::Config) was passed.
    pub fn range<S: AsRef<str>>(
        &self,
        topics: &[S],
        events: RangeInclusive<Cursor>,
        max: Batch,
    ) -> Result<Slice<'_, T>, SubscribeError> {
        let known = self.known(topics)?;
        let kept = |event: &Cursor| self.log.kept(*event).map_err(SubscribeError::Reset);
        let (first, last) = (kept(events.start())?, kept(events.end())?);
        Ok(self.cut(known, first - 1, last, max, self.are_closed(topics)))
    }

    /// What topics that are in use have behind one position and up to another.
    pub(super) fn cut(
        &self,
        topics: Vec<TopicId>,
        after: u64,
        last: u64,
        max: Batch,
        closed: bool,
    ) -> Slice<'_, T> {
        let span = self.log.span(&topics, after, last, max);
        let topics = Cow::Owned(topics);
        let entries = Entries { log: &self.log, topics, after, left: span.entries };
        Slice { entries, next: self.log.cursor(span.next), more: span.more, closed }
    }

    fn are_closed<S: AsRef<str>>(&self, topics: &[S]) -> bool {
        topics.iter().all(|name| self.log.topics.is_closed(name.as_ref()))
    }
}
