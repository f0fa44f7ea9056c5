//! Held polls that want the same, as one reader of the hub. What they do with news is `news`'s
//! business, when their time is up `park`'s.

mod news;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use hashbrown::HashTable;
use tidewire_core::{Instant, Key, Slab, Timers};
use tidewire_hub::{
    Access, Batch, Cursor, Hub, Start, SubscribeError, SubscriberId, Subscription, TopicId,
};

use self::news::{Lingering, Woken};
use crate::hold::Hold;
use crate::holds::Holds;
use crate::seed::Seed;

#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Slab<Group>,
    /// The slots of the groups that can be joined, by what they want.
    joinable: HashTable<u32>,
    /// The slots of all groups, by their readers.
    readers: HashTable<u32>,
    /// The groups that are to be answered, longest first.
    woken: BTreeMap<u64, Woken>,
    next_turn: u64,
    /// The groups that wait for more news than they have.
    lingering: Timers<Lingering>,
    /// The topics of the latest ask, sorted and each once. Its memory is used again.
    wanted: Vec<TopicId>,
    seed: Seed,
}

/// What polls have in common that share an answer: topics, sorted and each once, by which rule, and how much
/// of them. Their cursors need not agree: who waits has been told all there is.
#[derive(Debug)]
struct Group {
    topics: Box<[TopicId]>,
    access: Option<Access>,
    max: Batch,
    /// It subscribes as long as there is the group, which keeps the topics' ids good.
    reader: SubscriberId,
    /// The slots of its polls, each at its place. The longest held come first as long as none leaves:
    /// the last one takes its place.
    holds: Vec<u32>,
    /// How many of `holds`, from the first, were answered already.
    served: usize,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Told all there is; in `joinable`.
    Waiting,
    /// In `lingering` under this key: there is news, and more may join it.
    Lingering(Key),
    /// In `woken` at this turn.
    Woken(u64),
}

impl Groups {
    /// Takes another seed, as long as there is nothing to be found by it.
    pub(crate) fn seed(&mut self, seed: Seed) {
        debug_assert!(self.groups.is_empty());
        self.seed = seed;
    }

    /// Where someone stands who asks for these topics, if there is nothing to be told; `None` if there
    /// is. The topics are remembered for [`join`](Self::join).
    pub(crate) fn caught_up<T>(
        &mut self,
        topics: &[&str],
        start: Start,
        hub: &Hub<T>,
    ) -> Result<Option<Cursor>, SubscribeError> {
        if self.look_up(topics, hub) && self.wanted.len() == topics.len() {
            return hub.caught_up(&self.wanted, start);
        }
        let slice = hub.slice(topics, start, Batch { events: 1, bytes: 0 })?;
        Ok((slice.entries.len() == 0 && !slice.closed).then_some(slice.next))
    }

    /// Where a poll is to wait that was told all there is of the topics that were asked for last: in
    /// which group, and at which place. It is to be [entered](Self::enter) at once.
    pub(crate) fn join<T>(
        &mut self,
        topics: &[&str],
        access: Option<&Access>,
        max: Batch,
        hub: &mut Hub<T>,
        now: Instant,
    ) -> Result<(u32, u32), SubscribeError> {
        if let Some(group) = self.find(access, max) {
            // A group that has news is for those who waited before the news.
            if !self.wake_if_news(group, hub) {
                return Ok((group.slot(), self.groups[group].holds.len() as u32));
            }
        }
        let mut subscription = Subscription::from(Start::Now);
        subscription.access = access.cloned();
        let (reader, _) = hub.subscribe(topics, subscription, now)?;
        hub.read(reader, max);
        self.look_up(topics, hub);
        let group = Group {
            topics: self.wanted.as_slice().into(),
            access: access.cloned(),
            max,
            reader,
            holds: Vec::new(),
            served: 0,
            state: State::Waiting,
        };
        let hash = group.hash(self.seed);
        let group = self.groups.insert(group);
        let Self { groups, joinable, readers, seed, .. } = self;
        let hash_of = |&slot: &u32| at(groups, slot).map_or(0, |group| group.hash(*seed));
        joinable.insert_unique(hash, group.slot(), hash_of);
        let hash_of = |&slot: &u32| at(groups, slot).map_or(0, |group| seed.hash_one(group.reader));
        readers.insert_unique(seed.hash_one(reader), group.slot(), hash_of);
        Ok((group.slot(), 0))
    }

    /// Lets a poll wait in a slot at the place that was found for it.
    pub(crate) fn enter(&mut self, group: u32, slot: u32) {
        if let Some(key) = self.groups.key_at(group) {
            self.groups[key].holds.push(slot);
        }
    }

    /// Takes a poll that waits out of its group, and the group away if it was the last.
    pub(crate) fn leave<T>(&mut self, hold: Hold, holds: &mut Holds, hub: &mut Hub<T>) {
        let Some(key) = self.groups.key_at(hold.group) else { return };
        let group = &mut self.groups[key];
        let last = group.holds.pop();
        group.shrink();
        if let (Some(last), Some(left)) = (last, group.holds.get_mut(hold.place as usize)) {
            *left = last;
            holds.at(last).place = hold.place;
        } else if group.is_empty() {
            self.remove(key, hub);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether all topics are in use. If not, nobody waits for them, and none is remembered.
    fn look_up<T>(&mut self, topics: &[&str], hub: &Hub<T>) -> bool {
        self.wanted.clear();
        for name in topics {
            let Some(topic) = hub.topic(name) else {
                self.wanted.clear();
                return false;
            };
            self.wanted.push(topic);
        }
        self.wanted.sort_unstable();
        self.wanted.dedup();
        true
    }

    /// The group that can be joined by who wants so much of the topics that were asked for last.
    fn find(&self, access: Option<&Access>, max: Batch) -> Option<Key> {
        let is_it = |&slot: &u32| {
            at(&self.groups, slot).is_some_and(|it| {
                *it.topics == *self.wanted && it.access.as_ref() == access && it.max == max
            })
        };
        let found = self.joinable.find(hash(self.seed, &self.wanted, access, max), is_it);
        found.and_then(|&slot| self.groups.key_at(slot))
    }

    fn remove<T>(&mut self, key: Key, hub: &mut Hub<T>) -> Option<Group> {
        match self.groups[key].state {
            State::Waiting => {
                let hash = self.groups[key].hash(self.seed);
                self.unlist(key, hash);
            }
            State::Lingering(timer) => {
                self.lingering.cancel(timer);
            }
            State::Woken(turn) => {
                self.woken.remove(&turn);
            }
        }
        let group = self.groups.remove(key)?;
        hub.unsubscribe(group.reader);
        let is_this = |&slot: &u32| slot == key.slot();
        if let Ok(entry) = self.readers.find_entry(self.seed.hash_one(group.reader), is_this) {
            entry.remove();
        }
        Some(group)
    }

    /// Lets nobody join a group any more.
    fn unlist(&mut self, key: Key, hash: u64) {
        if let Ok(entry) = self.joinable.find_entry(hash, |&slot| slot == key.slot()) {
            entry.remove();
        }
    }
}

impl Group {
    fn is_empty(&self) -> bool {
        self.served == self.holds.len()
    }

    /// Gives back the room of a crowd that has left, so that many groups that had one in turn take no
    /// more than who waits.
    fn shrink(&mut self) {
        let len = self.holds.len();
        if len < self.holds.capacity() / 4 && self.holds.capacity() > FEW {
            self.holds.shrink_to(2 * len);
        }
    }

    fn hash(&self, seed: Seed) -> u64 {
        hash(seed, &self.topics, self.access.as_ref(), self.max)
    }
}

fn hash(seed: Seed, topics: &[TopicId], access: Option<&Access>, max: Batch) -> u64 {
    seed.hash_one((topics, access, max.events, max.bytes))
}

fn at(groups: &Slab<Group>, slot: u32) -> Option<&Group> {
    groups.key_at(slot).and_then(|key| groups.get(key))
}

/// Room for so many polls is kept once it was needed.
const FEW: usize = 16;
