//! Held polls that want the same, as one reader of the hub. When a poll is answered is `park`'s
//! business.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;

use tidewire_core::{Instant, Key, Slab};
use tidewire_hub::{Batch, Cursor, Hub, Start, SubscribeError, SubscriberId};

use crate::HoldId;

/// What polls have in common that share an answer: topics, sorted and each once, and how much of
/// them. Their cursors need not agree: who waits has been told all there is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interest {
    pub(crate) topics: Arc<[Box<str>]>,
    pub(crate) max: Batch,
}

#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Slab<Group>,
    /// The groups that wait, and can be joined.
    waiting: BTreeMap<Interest, Key>,
    readers: BTreeMap<SubscriberId, Key>,
    /// The groups that have news, longest first.
    woken: BTreeMap<u64, Key>,
    next_turn: u64,
}

#[derive(Debug)]
struct Group {
    interest: Interest,
    holds: BTreeSet<HoldId>,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// In `Groups::waiting` and `Groups::readers`.
    Waiting(SubscriberId),
    /// In `Groups::woken` at this turn, with news after the cursor.
    Woken { after: Cursor, turn: u64 },
}

impl Interest {
    pub(crate) fn new(topics: &[&str], max: Batch) -> Self {
        let mut topics: Vec<Box<str>> = topics.iter().copied().map(Box::from).collect();
        topics.sort_unstable();
        topics.dedup();
        Self { topics: topics.into(), max }
    }
}

impl Groups {
    /// Puts a poll that was told all there is into the group with its interest.
    pub(crate) fn join<T>(
        &mut self,
        interest: Interest,
        hold: HoldId,
        hub: &mut Hub<T>,
        now: Instant,
    ) -> Result<Key, SubscribeError> {
        if let Some(&group) = self.waiting.get(&interest) {
            self.wake_if_news(group, hub);
        }
        // A group that has news is for those who waited before the news.
        if let Some(&group) = self.waiting.get(&interest) {
            self.groups[group].holds.insert(hold);
            return Ok(group);
        }
        let (reader, _) = hub.subscribe(&interest.topics, Start::Now, now)?;
        hub.read(reader, interest.max);
        let group = self.groups.insert(Group {
            interest: interest.clone(),
            holds: BTreeSet::from([hold]),
            state: State::Waiting(reader),
        });
        self.waiting.insert(interest, group);
        self.readers.insert(reader, group);
        Ok(group)
    }

    /// Takes a poll out, and its group with it if it was the last.
    pub(crate) fn leave<T>(&mut self, group: Key, hold: HoldId, hub: &mut Hub<T>) {
        self.groups[group].holds.remove(&hold);
        if !self.groups[group].holds.is_empty() {
            return;
        }
        let Some(Group { interest, state, .. }) = self.groups.remove(group) else { return };
        match state {
            State::Waiting(reader) => self.stop_reading(reader, &interest, hub),
            State::Woken { turn, .. } => {
                self.woken.remove(&turn);
            }
        }
    }

    /// The group that reads the hub under this name.
    pub(crate) fn of_reader(&self, reader: SubscriberId) -> Option<Key> {
        self.readers.get(&reader).copied()
    }

    /// Lets a group that waits be answered if the hub has news for it. It reads no more: what it is
    /// to be told is fixed by its cursor.
    pub(crate) fn wake_if_news<T>(&mut self, group: Key, hub: &mut Hub<T>) {
        let Group { interest, state, .. } = &mut self.groups[group];
        let State::Waiting(reader) = *state else { return };
        if hub.is_waiting(reader) {
            return;
        }
        let after = hub.position(reader).unwrap_or_else(|| hub.head());
        *state = State::Woken { after, turn: self.next_turn };
        self.woken.insert(self.next_turn, group);
        self.next_turn += 1;
        let interest = interest.clone();
        self.stop_reading(reader, &interest, hub);
    }

    /// Moves at most `max` polls of the group that has had news longest into `holds`, and returns
    /// their interest and where they stand. If polls are left, the group queues again.
    pub(crate) fn next_woken(
        &mut self,
        max: usize,
        holds: &mut Vec<HoldId>,
    ) -> Option<(Interest, Cursor)> {
        let (_, key) = self.woken.pop_first()?;
        let group = &mut self.groups[key];
        holds.extend(core::iter::from_fn(|| group.holds.pop_first()).take(max));
        let interest = group.interest.clone();
        let State::Woken { after, turn } = &mut group.state else { return None };
        let after = *after;
        if group.holds.is_empty() {
            self.groups.remove(key);
        } else {
            *turn = self.next_turn;
            self.woken.insert(self.next_turn, key);
            self.next_turn += 1;
        }
        Some((interest, after))
    }

    /// Where the polls of a group stand.
    pub(crate) fn position<T>(&self, group: Key, hub: &Hub<T>) -> Cursor {
        match self.groups[group].state {
            State::Waiting(reader) => hub.position(reader).unwrap_or_else(|| hub.head()),
            State::Woken { after, .. } => after,
        }
    }

    pub(crate) fn any_woken(&self) -> bool {
        !self.woken.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    fn stop_reading<T>(&mut self, reader: SubscriberId, interest: &Interest, hub: &mut Hub<T>) {
        hub.unsubscribe(reader);
        self.readers.remove(&reader);
        self.waiting.remove(interest);
    }
}
