//! The hub's readers: all their transitions. How events are kept and found is the log's business.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::mem;

use tidewire_core::Instant;

use super::Hub;
use crate::subscriber::{Reader, State};
use crate::topics::Seat;
use crate::{
    Batch, Cursor, End, Entries, Read, Reset, SlowPolicy, Start, SubscribeError, SubscriberId,
    Subscription, TopicId,
};

impl<T> Hub<T> {
    /// Adds a reader of `topics` and returns its name and the position it starts from. Topics that
    /// are named twice count once. It does not wait yet: read first.
    ///
    /// # Errors
    ///
    /// The start cannot be continued, a topic is forbidden, or a limit of [`Config`](crate::Config)
    /// was passed. The hub is as before.
    pub fn subscribe<S: AsRef<str>>(
        &mut self,
        topics: &[S],
        subscription: impl Into<Subscription>,
        now: Instant,
    ) -> Result<(SubscriberId, Cursor), SubscribeError> {
        let Subscription { start, credit, slow, access } = subscription.into();
        self.trim(now);
        let known = self.known(topics)?;
        let is_allowed = |topic: &S| access.as_ref().is_none_or(|a| a.allows(topic.as_ref()));
        if !topics.iter().all(is_allowed) {
            return Err(SubscribeError::Forbidden);
        }
        let position = self.log.locate(&known, start).map_err(SubscribeError::Reset)?;
        let limit = self.config.max_subscribers;
        if self.readers.len() >= limit {
            return Err(SubscribeError::Full { limit });
        }
        let mut held: Vec<TopicId> = Vec::with_capacity(topics.len());
        for name in topics {
            let topic = self.log.topics.hold(name.as_ref());
            if held.contains(&topic) {
                self.log.topics.release(topic);
            } else {
                held.push(topic);
            }
        }
        let position = self.log.cursor(position);
        let (seats, state) = (held.iter().map(|_| 0).collect(), State::Reading { position });
        let topics = held.into();
        let id = self.readers.insert(Reader { topics, seats, state, credit, slow, access });
        Ok((SubscriberId(id), position))
    }

    /// Removes a reader; `false` if it is gone already.
    pub fn unsubscribe(&mut self, id: SubscriberId) -> bool {
        if self.is_waiting(id) {
            self.stand_up(id, None);
        }
        let Some(reader) = self.readers.remove(id.0) else { return false };
        for topic in reader.topics {
            self.log.topics.release(topic);
        }
        true
    }

    /// Returns the next batch for a reader and moves it behind the batch, or lets it wait.
    ///
    /// A name that is not subscribed any more waits for ever.
    pub fn read(&mut self, id: SubscriberId, max: Batch) -> Read<'_, T> {
        let Some(reader) = self.readers.get_mut(id.0) else { return Read::Waiting };
        let position = match reader.state {
            State::Waiting => return Read::Waiting,
            State::Reading { position }
            | State::Ready { position, .. }
            | State::Spent { position } => position,
        };
        if reader.access.is_some() && !self.keep_allowed(id) {
            return self.end(id, End::Revoked);
        }
        let after = match self.log.continued_by(&self.readers[id.0].topics, position) {
            Ok(after) => after,
            Err(reset) => return self.fall_behind(id, reset),
        };
        let Reader { topics, state, credit, .. } = &mut self.readers[id.0];
        if *credit == Some(0) {
            *state = State::Spent { position };
            return Read::Waiting;
        }
        let room = credit.and_then(|credit| credit.try_into().ok()).unwrap_or(usize::MAX);
        let max = Batch { bytes: max.bytes.min(room), ..max };
        let span = self.log.span(topics, after, self.log.head(), max);
        if span.entries == 0 {
            return self.wait(id);
        }
        let next = self.log.cursor(span.next);
        *credit = credit.map(|credit| credit.saturating_sub(span.bytes as u64));
        *state = State::Reading { position: next };
        let (log, topics) = (&self.log, Cow::Borrowed(&*self.readers[id.0].topics));
        let entries = Entries { log, topics, after, left: span.entries };
        Read::Entries { entries, next, more: span.more }
    }

    /// Lets a reader be given so many bytes more; `false` if it is gone. One that has no bound on its
    /// credit needs none.
    ///
    /// A batch holds at least one event while there is credit, so the last may weigh more than is
    /// left; that is forgiven. One that ran out and now has something to read is named by
    /// [`next_ready`](Self::next_ready).
    pub fn credit(&mut self, id: SubscriberId, bytes: u64) -> bool {
        let Some(Reader { topics, state, credit, .. }) = self.readers.get_mut(id.0) else {
            return false;
        };
        *credit = credit.map(|credit| credit.saturating_add(bytes));
        if let State::Spent { position } = *state
            && *credit != Some(0)
        {
            let at_head = self.log.continued_by(topics, position).is_ok_and(|after| {
                self.log.following(topics, after).is_none() && !self.log.topics.all_closed(topics)
            });
            if at_head {
                self.sit_down(id);
            } else {
                self.make_ready(id, position);
            }
        }
        true
    }

    /// Names a reader that waited and for which there now is something to read. Each wait is named
    /// at most once, the longest first; one that read meanwhile is not named.
    pub fn next_ready(&mut self) -> Option<SubscriberId> {
        loop {
            let (turn, id) = self.ready.pop_front()?;
            if let Some(position) = self.readers.get(id.0).and_then(|reader| reader.ready_at(turn))
            {
                self.readers[id.0].state = State::Reading { position };
                return Some(id);
            }
        }
    }

    /// Asks all rules anew, and names each waiting reader that has lost a topic by
    /// [`next_ready`](Self::next_ready), also one that waits for credit. Who reads is asked anyway.
    /// Takes time for each reader.
    pub fn recheck(&mut self) {
        let keys: Vec<_> = self.readers.keys().map(SubscriberId).collect();
        for id in keys {
            let position = match self.readers[id.0].state {
                State::Waiting => self.head(),
                State::Spent { position } => position,
                State::Reading { .. } | State::Ready { .. } => continue,
            };
            if !self.readers[id.0].topics.iter().all(|&topic| self.allows(id, topic)) {
                if self.is_waiting(id) {
                    self.stand_up(id, None);
                }
                self.make_ready(id, position);
            }
        }
    }

    /// Where a reader stands, or `None` if it is gone. While it waits it moves along with the head,
    /// so this is the cursor to tell a client on a quiet topic.
    #[must_use]
    pub fn position(&self, id: SubscriberId) -> Option<Cursor> {
        Some(match self.readers.get(id.0)?.state {
            State::Reading { position }
            | State::Ready { position, .. }
            | State::Spent { position } => position,
            State::Waiting => self.head(),
        })
    }

    /// Whether a reader waits: it has read everything there is.
    #[must_use]
    pub fn is_waiting(&self, id: SubscriberId) -> bool {
        matches!(self.readers.get(id.0), Some(Reader { state: State::Waiting, .. }))
    }

    /// The number of readers.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.readers.len()
    }

    /// Makes all who wait for `topic` ready to read the event at `offset`.
    pub(super) fn wake(&mut self, topic: TopicId, offset: u64) {
        let position = self.log.cursor(offset - 1);
        for Seat { reader, .. } in mem::take(&mut self.log.topics[topic].waiting) {
            self.stand_up(reader, Some(topic));
            self.make_ready(reader, position);
        }
    }

    /// Makes those ready who wait for closed topics alone.
    pub(super) fn wake_ended(&mut self, topic: TopicId) {
        let seats = self.log.topics[topic].waiting.iter();
        let ended = |seat: &&Seat| self.log.topics.all_closed(&self.readers[seat.reader.0].topics);
        let readers: Vec<_> = seats.filter(ended).map(|seat| seat.reader).collect();
        for id in readers {
            self.stand_up(id, None);
            self.make_ready(id, self.head());
        }
    }

    /// Makes all who wait ready, for their `position` is the head no more.
    pub(super) fn wake_all(&mut self, position: Cursor) {
        let keys: Vec<_> = self.readers.keys().map(SubscriberId).collect();
        for id in keys {
            if self.is_waiting(id) {
                self.stand_up(id, None);
                self.make_ready(id, position);
            }
        }
    }

    fn make_ready(&mut self, id: SubscriberId, position: Cursor) {
        let turn = self.next_turn;
        self.next_turn += 1;
        self.readers[id.0].state = State::Ready { position, turn };
        if self.ready.len() > 2 * self.readers.len() {
            let readers = &self.readers;
            let is_ready = |id: SubscriberId, turn| readers.get(id.0)?.ready_at(turn);
            self.ready.retain(|&(turn, id)| is_ready(id, turn).is_some());
        }
        self.ready.push_back((turn, id));
    }

    /// Lets a reader wait that has read everything, or ends it if no more can come.
    fn wait(&mut self, id: SubscriberId) -> Read<'_, T> {
        if self.log.topics.all_closed(&self.readers[id.0].topics) {
            return self.end(id, End::Closed);
        }
        self.sit_down(id);
        Read::Waiting
    }

    /// Takes a seat in the waiting list of each topic.
    fn sit_down(&mut self, id: SubscriberId) {
        let Reader { topics, seats, state, .. } = &mut self.readers[id.0];
        *state = State::Waiting;
        for ((which, &topic), seat) in (0..).zip(&**topics).zip(seats) {
            let waiting = &mut self.log.topics[topic].waiting;
            *seat = waiting.len() as u32;
            waiting.push(Seat { reader: id, which });
        }
    }

    /// Gives a waiting reader's seats up, but for the one in a list that is gone already.
    fn stand_up(&mut self, id: SubscriberId, gone: Option<TopicId>) {
        for which in 0..self.readers[id.0].topics.len() {
            let Reader { topics, seats, .. } = &self.readers[id.0];
            let (topic, seat) = (topics[which], seats[which]);
            if Some(topic) == gone {
                continue;
            }
            if let Some(Seat { reader, which }) = self.log.topics[topic].vacate(seat) {
                self.readers[reader.0].seats[which as usize] = seat;
            }
        }
    }

    fn fall_behind(&mut self, id: SubscriberId, reset: Reset) -> Read<'_, T> {
        let reader = &mut self.readers[id.0];
        let position = match reader.slow {
            SlowPolicy::Reset => reset.resume(),
            SlowPolicy::Latest => {
                let latest = self.log.locate(&reader.topics, Start::Last(1));
                latest.map_or(reset.head, |offset| self.log.cursor(offset))
            }
            SlowPolicy::Close => return self.end(id, End::Behind(reset)),
        };
        reader.state = State::Reading { position };
        Read::Reset(reset)
    }

    fn end(&mut self, id: SubscriberId, end: End) -> Read<'_, T> {
        self.unsubscribe(id);
        Read::Ended(end)
    }

    fn allows(&self, id: SubscriberId, topic: TopicId) -> bool {
        let access = self.readers[id.0].access.as_ref();
        access.is_none_or(|access| access.allows(&self.log.topics[topic].name))
    }

    /// Drops the topics that a reader, which does not wait, may read no more; `false` if none is
    /// left.
    fn keep_allowed(&mut self, id: SubscriberId) -> bool {
        let (kept, lost): (Vec<_>, Vec<_>) =
            self.readers[id.0].topics.iter().partition(|&&topic| self.allows(id, topic));
        if !lost.is_empty() {
            let reader = &mut self.readers[id.0];
            (reader.seats, reader.topics) = (kept.iter().map(|_| 0).collect(), kept.into());
            for topic in lost {
                self.log.topics.release(topic);
            }
        }
        !self.readers[id.0].topics.is_empty()
    }
}

impl Reader {
    /// Where it stands if it is ready since this turn.
    fn ready_at(&self, turn: u64) -> Option<Cursor> {
        match self.state {
            State::Ready { position, turn: since } if since == turn => Some(position),
            _ => None,
        }
    }
}
