//! Which topics are in use, by events, subscribers or keys, or closed. Any other is forgotten.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

use tidewire_core::Slab;

use crate::{SubscriberId, TopicId};

#[derive(Debug, Default)]
pub(crate) struct Topics {
    topics: Slab<Topic>,
    names: BTreeMap<Arc<str>, TopicId>,
    /// Those that are closed and still known as such, oldest first.
    closed: VecDeque<TopicId>,
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: Arc<str>,
    /// The offsets of the topic's events that the log keeps, in order.
    pub(crate) offsets: VecDeque<u64>,
    /// The log has dropped none above this since the topic is known. Usually it is the last that was
    /// dropped; after a fork below that, where the log forked.
    pub(crate) dropped: u64,
    /// Who waits for the topic's next event.
    pub(crate) waiting: Vec<Seat>,
    /// How many subscribers and keys keep the topic known, and whether it is closed does.
    holders: usize,
    pub(crate) is_closed: bool,
}

/// A reader in a topic's waiting list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat {
    pub(crate) reader: SubscriberId,
    /// Which of the reader's topics this is.
    pub(crate) which: u32,
}

impl Topics {
    pub(crate) fn find(&self, name: &str) -> Option<TopicId> {
        self.names.get(name).copied()
    }

    /// Keeps the topic known until it is [released](Self::release) as often.
    pub(crate) fn hold(&mut self, name: &str) -> TopicId {
        let topic = self.find(name).unwrap_or_else(|| {
            let name: Arc<str> = name.into();
            let topic = TopicId(self.topics.insert(Topic::new(name.clone())));
            self.names.insert(name, topic);
            topic
        });
        self[topic].holders += 1;
        topic
    }

    /// Keeps a topic known once more that already is.
    pub(crate) fn hold_again(&mut self, topic: TopicId) {
        self[topic].holders += 1;
    }

    pub(crate) fn release(&mut self, topic: TopicId) {
        self[topic].holders -= 1;
        self.forget_unused(topic);
    }

    /// Drops the topic's oldest offset, because the log drops that event.
    pub(crate) fn drop_oldest(&mut self, topic: TopicId) {
        let Topic { offsets, dropped, .. } = &mut self[topic];
        *dropped = offsets.pop_front().unwrap_or(*dropped);
        self.shrink(topic);
    }

    /// Drops the topic's newest offset, because the log has lost that event.
    pub(crate) fn drop_newest(&mut self, topic: TopicId) {
        self[topic].offsets.pop_back();
        self.shrink(topic);
    }

    /// Takes back that offsets above `at` were dropped: they will name other events.
    pub(crate) fn undrop_above(&mut self, at: u64) {
        for &topic in self.names.values() {
            let dropped = &mut self.topics[topic.0].dropped;
            *dropped = at.min(*dropped);
        }
    }

    /// Gives back the room of a topic that was busy once, so that many such topics take no more than
    /// the events that are kept.
    fn shrink(&mut self, topic: TopicId) {
        let offsets = &mut self[topic].offsets;
        if offsets.is_empty() {
            *offsets = VecDeque::new();
        } else if offsets.len() < offsets.capacity() / 4 {
            offsets.shrink_to(2 * offsets.len());
        }
        self.forget_unused(topic);
    }

    /// The topic's first offset above `after` that the log keeps.
    pub(crate) fn following(&self, topic: TopicId, after: u64) -> Option<u64> {
        let offsets = &self.get(topic)?.offsets;
        offsets.get(offsets.partition_point(|&offset| offset <= after)).copied()
    }

    /// How many of the topic's offsets lie above `after`.
    pub(crate) fn count(&self, topic: TopicId, after: u64) -> usize {
        let offsets = &self[topic].offsets;
        offsets.len() - offsets.partition_point(|&offset| offset <= after)
    }

    /// Closes a topic, until `max` more are closed. `None` if it is closed already.
    pub(crate) fn close(&mut self, name: &str, max: usize) -> Option<TopicId> {
        let topic = self.hold(name);
        if self[topic].is_closed {
            self.release(topic);
            return None;
        }
        self[topic].is_closed = true;
        self.closed.push_back(topic);
        if self.closed.len() > max.max(1)
            && let Some(oldest) = self.closed.pop_front()
        {
            self[oldest].is_closed = false;
            self.release(oldest);
        }
        Some(topic)
    }

    pub(crate) fn all_closed(&self, topics: &[TopicId]) -> bool {
        topics.iter().all(|&topic| self.get(topic).is_some_and(|topic| topic.is_closed))
    }

    pub(crate) fn is_closed(&self, name: &str) -> bool {
        self.find(name).is_some_and(|topic| self[topic].is_closed)
    }

    pub(crate) fn get(&self, topic: TopicId) -> Option<&Topic> {
        self.topics.get(topic.0)
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }

    fn forget_unused(&mut self, topic: TopicId) {
        if self[topic].holders == 0 && self[topic].offsets.is_empty() {
            let unused = self.topics.remove(topic.0);
            unused.map(|unused| self.names.remove(&unused.name));
        }
    }
}

impl Topic {
    fn new(name: Arc<str>) -> Self {
        let (offsets, waiting) = (VecDeque::new(), Vec::new());
        Self { name, offsets, dropped: 0, waiting, holders: 0, is_closed: false }
    }

    /// Takes a seat away, and gives it to whoever has the last one: who that is. Room that a crowd has
    /// left is given back, so that many topics that had one in turn take no more than who waits.
    pub(crate) fn vacate(&mut self, seat: u32) -> Option<Seat> {
        let waiting = &mut self.waiting;
        waiting.swap_remove(seat as usize);
        if waiting.len() < waiting.capacity() / 4 && waiting.capacity() > FEW {
            waiting.shrink_to(2 * waiting.len());
        }
        waiting.get(seat as usize).copied()
    }
}

impl Index<TopicId> for Topics {
    type Output = Topic;

    fn index(&self, topic: TopicId) -> &Topic {
        &self.topics[topic.0]
    }
}

impl IndexMut<TopicId> for Topics {
    fn index_mut(&mut self, topic: TopicId) -> &mut Topic {
        &mut self.topics[topic.0]
    }
}

/// Room for so many who wait is kept once it was needed.
const FEW: usize = 8;
