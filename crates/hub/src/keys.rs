//! The keys by which a repeated publish is recognised. What it repeats stays in the log, or not.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;

use tidewire_core::{Instant, Key};

use crate::Config;
use crate::topics::Topics;

/// A window over the latest keys. Each holds its topic, so that the topic is not forgotten and met
/// again under another name.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    offsets: BTreeMap<Publish, u64>,
    oldest_first: VecDeque<(Instant, Publish)>,
}

/// A topic and the key that came with an event for it.
type Publish = (Key, Arc<[u8]>);

impl Keys {
    /// The offset of the event that was published to the topic with this key.
    pub(crate) fn find(&self, topic: Key, key: &[u8]) -> Option<u64> {
        self.offsets.get(&(topic, key.into())).copied()
    }

    pub(crate) fn insert(
        &mut self,
        topic: Key,
        key: &[u8],
        offset: u64,
        topics: &mut Topics,
        now: Instant,
    ) {
        let publish = (topic, Arc::from(key));
        topics.hold_again(topic);
        self.offsets.insert(publish.clone(), offset);
        self.oldest_first.push_back((now, publish));
    }

    /// Forgets the oldest keys until the limits are kept.
    pub(crate) fn trim(&mut self, config: &Config, topics: &mut Topics, now: Instant) {
        while let Some((at, publish)) = self.oldest_first.front() {
            let age = now.saturating_duration_since(*at);
            if self.offsets.len() <= config.max_keys && age <= config.max_key_age {
                return;
            }
            self.offsets.remove(publish);
            topics.release(publish.0);
            self.oldest_first.pop_front();
        }
    }
}
