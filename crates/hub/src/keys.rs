//! The keys by which a repeated publish is recognised. What it repeats stays in the log, or not.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;

use tidewire_core::Instant;

use crate::topics::Topics;
use crate::{Config, TopicId};

/// A window over the latest keys. Each holds its topic, so that the topic is not forgotten and met
/// again under another name.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    offsets: BTreeMap<Publish, u64>,
    oldest_first: VecDeque<(Instant, Publish)>,
}

/// A topic and the key that came with an event for it.
pub(crate) type Publish = (TopicId, Arc<[u8]>);

impl Keys {
    /// The offset of the event that was published to the topic with this key.
    pub(crate) fn find(&self, publish: &Publish) -> Option<u64> {
        self.offsets.get(publish).copied()
    }

    pub(crate) fn insert(
        &mut self,
        publish: Publish,
        offset: u64,
        topics: &mut Topics,
        now: Instant,
    ) {
        topics.hold_again(publish.0);
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

    /// Forgets the keys of events above `at`, which the log has lost: whoever publishes them again
    /// is no repeater.
    pub(crate) fn forget_above(&mut self, at: u64, topics: &mut Topics) {
        self.oldest_first.retain(|(_, publish)| {
            let is_kept = self.offsets.get(publish).is_some_and(|&offset| offset <= at);
            if !is_kept {
                self.offsets.remove(publish);
                topics.release(publish.0);
            }
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::ORIGIN;

    /// A window of keys, each with its offset, over one topic that nothing else holds.
    fn keys(topics: &mut Topics, inserted: &[(&[u8], u64)]) -> (Keys, TopicId) {
        let (mut keys, topic) = (Keys::default(), topics.hold("t"));
        for &(key, offset) in inserted {
            keys.insert((topic, key.into()), offset, topics, NOW);
        }
        topics.release(topic);
        (keys, topic)
    }

    fn find(keys: &Keys, topic: TopicId, key: &[u8]) -> Option<u64> {
        keys.find(&(topic, key.into()))
    }

    #[test]
    fn b20_a_key_finds_the_event_of_its_topic_alone() {
        let mut topics = Topics::default();
        let (keys, topic) = keys(&mut topics, &[(b"a", 1), (b"b", 2)]);
        let other = topics.hold("other");
        assert_eq!(find(&keys, topic, b"a"), Some(1));
        assert_eq!(find(&keys, topic, b"b"), Some(2));
        assert_eq!(find(&keys, topic, b"c"), None);
        assert_eq!(find(&keys, other, b"a"), None);
    }

    #[test]
    fn b20_b46_the_key_of_an_event_that_was_lost_is_no_key_of_what_takes_its_place() {
        let mut topics = Topics::default();
        let (mut keys, topic) = keys(&mut topics, &[(b"a", 1), (b"b", 2), (b"c", 3)]);
        keys.forget_above(2, &mut topics);
        assert_eq!(find(&keys, topic, b"b"), Some(2));
        assert_eq!(find(&keys, topic, b"c"), None);
        assert_eq!(topics.len(), 1);
        keys.forget_above(0, &mut topics);
        assert_eq!(find(&keys, topic, b"a"), None);
        assert_eq!(topics.len(), 0);
    }

    #[test]
    fn b20_keys_are_kept_to_the_limits_and_let_go_of_their_topic_one_past_them() {
        let mut topics = Topics::default();
        let (mut keys, topic) = keys(&mut topics, &[(b"a", 1), (b"b", 2)]);
        let mut config = Config { max_keys: 2, ..Config::default() };
        keys.trim(&config, &mut topics, NOW + config.max_key_age);
        assert_eq!(find(&keys, topic, b"a"), Some(1));
        config.max_keys = 1;
        keys.trim(&config, &mut topics, NOW);
        assert_eq!((find(&keys, topic, b"a"), find(&keys, topic, b"b")), (None, Some(2)));
        keys.trim(
            &config,
            &mut topics,
            NOW + config.max_key_age + core::time::Duration::from_nanos(1),
        );
        assert_eq!((find(&keys, topic, b"b"), topics.len()), (None, 0));
    }
}
