//! Which topics are in use, by events, subscribers or keys. A topic that none uses is forgotten.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::sync::Arc;
use core::ops::{Index, IndexMut};

use tidewire_core::{Key, Slab};

use crate::SubscriberId;

#[derive(Debug, Default)]
pub(crate) struct Topics {
    topics: Slab<Topic>,
    names: BTreeMap<Arc<str>, Key>,
}

#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) name: Arc<str>,
    /// The offsets of the topic's events that the log keeps, in order.
    pub(crate) offsets: VecDeque<u64>,
    /// Who waits for the topic's next event.
    pub(crate) waiting: BTreeSet<SubscriberId>,
    /// How many subscribers and keys keep the topic known.
    holders: usize,
}

impl Topics {
    pub(crate) fn find(&self, name: &str) -> Option<Key> {
        self.names.get(name).copied()
    }

    /// Keeps the topic known until it is [released](Self::release) as often.
    pub(crate) fn hold(&mut self, name: &str) -> Key {
        let key = self.find(name).unwrap_or_else(|| {
            let name: Arc<str> = name.into();
            let (offsets, waiting) = (VecDeque::new(), BTreeSet::new());
            let key =
                self.topics.insert(Topic { name: name.clone(), offsets, waiting, holders: 0 });
            self.names.insert(name, key);
            key
        });
        self.topics[key].holders += 1;
        key
    }

    /// Keeps a topic known once more that already is.
    pub(crate) fn hold_again(&mut self, topic: Key) {
        self.topics[topic].holders += 1;
    }

    pub(crate) fn release(&mut self, topic: Key) {
        self.topics[topic].holders -= 1;
        self.forget_unused(topic);
    }

    /// Drops the topic's oldest offset, because the log drops that event. A topic that was busy once
    /// gives its room back, so that many such topics take no more than the events that are kept.
    pub(crate) fn drop_oldest(&mut self, topic: Key) {
        let offsets = &mut self.topics[topic].offsets;
        offsets.pop_front();
        if offsets.is_empty() {
            *offsets = VecDeque::new();
        } else if offsets.len() < offsets.capacity() / 4 {
            offsets.shrink_to(2 * offsets.len());
        }
        self.forget_unused(topic);
    }

    /// The topic's first offset above `after` that the log keeps.
    pub(crate) fn following(&self, topic: Key, after: u64) -> Option<u64> {
        let offsets = &self.topics.get(topic)?.offsets;
        offsets.get(offsets.partition_point(|&offset| offset <= after)).copied()
    }

    /// How many of the topic's offsets lie above `after`.
    pub(crate) fn count(&self, topic: Key, after: u64) -> usize {
        let offsets = &self.topics[topic].offsets;
        offsets.len() - offsets.partition_point(|&offset| offset <= after)
    }

    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }

    fn forget_unused(&mut self, key: Key) {
        let topic = &self.topics[key];
        if topic.holders == 0 && topic.offsets.is_empty() {
            self.names.remove(&topic.name);
            self.topics.remove(key);
        }
    }
}

impl Index<Key> for Topics {
    type Output = Topic;

    fn index(&self, topic: Key) -> &Topic {
        &self.topics[topic]
    }
}

impl IndexMut<Key> for Topics {
    fn index_mut(&mut self, topic: Key) -> &mut Topic {
        &mut self.topics[topic]
    }
}
