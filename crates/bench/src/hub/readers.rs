//! Those who read a topic of a hub. When they read is the tables' business.

use std::hint::black_box;

use bytes::Bytes;
use tidewire::core::Instant;
use tidewire::hub::{Batch, Config, Hub, Read, Start, SubscriberId};

use super::EVENT;

/// A hub and those of its readers who were named and have not read yet.
pub(crate) struct Readers {
    hub: Hub<Bytes>,
    named: Vec<SubscriberId>,
}

impl Readers {
    /// So many readers wait.
    pub(crate) fn new(count: usize) -> Self {
        let mut config = Config::default();
        config.max_events = 1_024;
        let mut readers = Self { hub: Hub::new(config, 7), named: Vec::with_capacity(count) };
        readers.join(count);
        readers
    }

    /// So many more begin to wait.
    pub(crate) fn join(&mut self, count: usize) {
        for _ in 0..count {
            let subscribed = self.hub.subscribe(&["news"], Start::Now, Instant::ORIGIN);
            let (reader, _) = subscribed.expect("within the limits");
            assert!(matches!(self.hub.read(reader, Batch::default()), Read::Waiting));
        }
    }

    /// Publishes an event and learns who is to read it.
    pub(crate) fn publish(&mut self) {
        let event = Bytes::from_static(&EVENT);
        self.hub
            .publish("news", event, EVENT.len(), None, Instant::ORIGIN)
            .expect("within the limits");
        while let Some(reader) = self.hub.next_ready() {
            self.named.push(reader);
        }
    }

    /// Lets all who were named read until they wait again, and returns how many events they got.
    pub(crate) fn read(&mut self) -> usize {
        let mut count = 0;
        for reader in self.named.drain(..) {
            while let Read::Entries { entries, .. } = self.hub.read(reader, Batch::default()) {
                for record in entries {
                    black_box(record.item.clone());
                    count += 1;
                }
            }
        }
        count
    }

    /// Those who were named never read.
    pub(crate) fn fall_behind(&mut self) {
        self.named.clear();
    }
}
