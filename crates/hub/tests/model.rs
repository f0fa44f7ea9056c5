//! The hub against a naive model: a list of everything, searched from the front.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use proptest::prelude::*;
use tidewire_core::Instant;
use tidewire_hub::{
    Batch, Config, Cursor, Hub, Read, Reset, ResetReason, Start, SubscribeError, SubscriberId,
};

const EPOCH: u64 = 5;
const TOPICS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Clone, Debug)]
enum Step {
    Publish { topic: usize, bytes: usize, key: Option<u8> },
    Subscribe { topics: Vec<usize>, start: Start },
    Unsubscribe(prop::sample::Index),
    Read { who: prop::sample::Index, max: Batch },
    NextReady,
    Slice { topics: Vec<usize>, start: Start, max: Batch },
    Advance(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let topics = || prop::collection::vec(0..TOPICS.len(), 1..4);
    let cursor = (prop_oneof![9 => Just(EPOCH), 1 => Just(6)], 0..40_u64)
        .prop_map(|(epoch, offset)| Start::After(Cursor { epoch, offset }));
    let last = (0..10_u64).prop_map(Start::Last);
    let start = prop_oneof![cursor, last, Just(Start::Oldest), Just(Start::Now)];
    let max = (0..5_usize, 0..60_usize).prop_map(|(events, bytes)| Batch { events, bytes });
    let key = prop::option::weighted(0.3, 0..4_u8);
    prop_oneof![
        4 => (0..TOPICS.len(), 0..50_usize, key)
            .prop_map(|(topic, bytes, key)| Step::Publish { topic, bytes, key }),
        2 => (topics(), start.clone()).prop_map(|(topics, start)| Step::Subscribe { topics, start }),
        1 => any::<prop::sample::Index>().prop_map(Step::Unsubscribe),
        4 => (any::<prop::sample::Index>(), max.clone())
            .prop_map(|(who, max)| Step::Read { who, max }),
        2 => Just(Step::NextReady),
        1 => (topics(), start, max)
            .prop_map(|(topics, start, max)| Step::Slice { topics, start, max }),
        1 => (0..8_u64).prop_map(Step::Advance),
    ]
}

fn config() -> Config {
    let mut config = Config::default();
    config.max_events = 12;
    config.max_bytes = 200;
    config.max_age = Some(Duration::from_secs(20));
    config.max_subscribers = 6;
    config.max_keys = 3;
    config.max_key_age = Duration::from_secs(15);
    config
}

struct Event {
    offset: u64,
    topic: usize,
    bytes: usize,
    at: u64,
}

struct Reader {
    topics: BTreeSet<usize>,
    position: u64,
    waits: bool,
}

#[derive(Default)]
struct Model {
    now: u64,
    head: u64,
    events: VecDeque<Event>,
    /// The last event of each topic that was dropped.
    dropped: BTreeMap<usize, u64>,
    keys: VecDeque<(usize, u8, u64, u64)>,
    readers: BTreeMap<SubscriberId, Reader>,
    ready: VecDeque<SubscriberId>,
}

/// Offsets, the position behind them, whether more follow.
type Batched = (Vec<u64>, u64, bool);

impl Model {
    fn floor(&self) -> u64 {
        self.head + 1 - self.events.len() as u64
    }

    fn trim(&mut self, limit_events: usize, limit_bytes: usize) {
        let now = self.now;
        let over = |events: &VecDeque<Event>| {
            events.len() > limit_events
                || events.iter().map(|e| e.bytes).sum::<usize>() > limit_bytes
                || events.front().is_some_and(|e| now - e.at >= 20)
        };
        while over(&self.events) {
            self.dropped.extend(self.events.pop_front().map(|event| (event.topic, event.offset)));
        }
        self.trim_keys();
    }

    fn trim_keys(&mut self) {
        while self.keys.len() > 3 || self.keys.front().is_some_and(|k| self.now - k.3 > 15) {
            self.keys.pop_front();
        }
    }

    fn publish(&mut self, topic: usize, bytes: usize, key: Option<u8>) -> (u64, bool) {
        self.trim_keys();
        if let Some(seen) = self.keys.iter().find(|k| (k.0, Some(k.1)) == (topic, key)) {
            return (seen.2, false);
        }
        self.trim(11, 200 - bytes);
        self.head += 1;
        self.events.push_back(Event { offset: self.head, topic, bytes, at: self.now });
        self.keys.extend(key.map(|key| (topic, key, self.head, self.now)));
        self.trim_keys();
        for (&id, reader) in &mut self.readers {
            if reader.waits && reader.topics.contains(&topic) {
                (reader.waits, reader.position) = (false, self.head - 1);
                self.ready.push_back(id);
            }
        }
        (self.head, true)
    }

    fn check(&self, epoch: u64, offset: u64) -> Result<u64, Reset> {
        let reason = match () {
            () if epoch != EPOCH => ResetReason::Epoch,
            () if offset > self.head => ResetReason::Ahead,
            () if offset + 1 < self.floor() => ResetReason::Expired,
            () => return Ok(offset),
        };
        let cursor = |offset| Cursor { epoch: EPOCH, offset };
        Err(Reset { reason, floor: cursor(self.floor()), head: cursor(self.head) })
    }

    fn locate(&self, topics: &BTreeSet<usize>, start: Start) -> Result<u64, Reset> {
        match start {
            Start::After(cursor) => self.check(cursor.epoch, cursor.offset),
            Start::Oldest => Ok(self.floor() - 1),
            Start::Now => Ok(self.head),
            Start::Last(events) => {
                let of_topics: Vec<_> = self.matching(topics, 0).map(|e| e.offset).collect();
                let wanted = of_topics.len().min(events as usize);
                let last = &of_topics[of_topics.len() - wanted..];
                Ok(last.first().map_or(self.head, |first| first - 1))
            }
        }
    }

    fn matching<'a>(
        &'a self,
        topics: &'a BTreeSet<usize>,
        after: u64,
    ) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(move |e| e.offset > after && topics.contains(&e.topic))
    }

    fn batch(&self, topics: &BTreeSet<usize>, after: u64, max: Batch) -> Batched {
        let (mut offsets, mut bytes) = (Vec::new(), 0);
        for event in self.matching(topics, after) {
            bytes += event.bytes;
            if !offsets.is_empty() && (offsets.len() >= max.events || bytes > max.bytes) {
                let next = *offsets.last().unwrap();
                return (offsets, next, true);
            }
            offsets.push(event.offset);
        }
        (offsets, self.head, false)
    }
}

fn names(topics: &[usize]) -> Vec<&'static str> {
    topics.iter().map(|&topic| TOPICS[topic]).collect()
}

proptest! {
    #[test]
    fn the_hub_does_what_a_list_of_everything_does(
        steps in prop::collection::vec(step(), 1..150),
    ) {
        let (mut hub, mut model) = (Hub::new(config(), EPOCH), Model::default());
        for step in steps {
            let now = Instant::from_origin(Duration::from_secs(model.now));
            let ids: Vec<_> = model.readers.keys().copied().collect();
            match step {
                Step::Publish { topic, bytes, key } => {
                    let key_bytes = key.map(|key| [key]);
                    let key_bytes = key_bytes.as_ref().map(|key| &key[..]);
                    let item = |cursor: Cursor| cursor.offset * 100 + topic as u64;
                    let published =
                        hub.publish_with(TOPICS[topic], bytes, key_bytes, now, item).unwrap();
                    let (offset, fresh) = model.publish(topic, bytes, key);
                    prop_assert_eq!((published.cursor.offset, published.fresh), (offset, fresh));
                }
                Step::Subscribe { topics, start } => {
                    model.trim(12, 200);
                    let subscribed = hub.subscribe(&names(&topics), start, now);
                    let topics = topics.into_iter().collect();
                    match model.locate(&topics, start) {
                        Err(reset) => {
                            prop_assert_eq!(subscribed, Err(SubscribeError::Reset(reset)));
                        }
                        Ok(_) if ids.len() == 6 => {
                            prop_assert_eq!(subscribed, Err(SubscribeError::Full { limit: 6 }));
                        }
                        Ok(position) => {
                            let (id, cursor) = subscribed.unwrap();
                            prop_assert_eq!(cursor, Cursor { epoch: EPOCH, offset: position });
                            let reader = Reader { topics, position, waits: false };
                            prop_assert!(model.readers.insert(id, reader).is_none());
                        }
                    }
                }
                Step::Unsubscribe(which) if !ids.is_empty() => {
                    let id = ids[which.index(ids.len())];
                    model.readers.remove(&id);
                    model.ready.retain(|&ready| ready != id);
                    prop_assert!(hub.unsubscribe(id));
                    prop_assert!(!hub.unsubscribe(id));
                    prop_assert!(matches!(hub.read(id, Batch::default()), Read::Waiting));
                }
                Step::Read { who, max } if !ids.is_empty() => {
                    let id = ids[who.index(ids.len())];
                    model.ready.retain(|&ready| ready != id);
                    let Reader { topics, position, waits } = &model.readers[&id];
                    let (read, mut after) = (hub.read(id, max), *position);
                    let mut now_waits = *waits;
                    let has_missed = |topic| model.dropped.get(topic) > Some(position);
                    match model.check(EPOCH, *position) {
                        _ if *waits => prop_assert!(matches!(read, Read::Waiting)),
                        Err(expected) if topics.iter().any(has_missed) => {
                            let Read::Reset(reset) = read else { panic!("{read:?}") };
                            prop_assert_eq!(reset, expected);
                            after = reset.resume().offset;
                        }
                        Ok(_) | Err(_) => {
                            let (offsets, behind, follows) = model.batch(topics, *position, max);
                            if offsets.is_empty() {
                                prop_assert!(matches!(read, Read::Waiting));
                                now_waits = true;
                            } else {
                                let Read::Entries { entries, next, more } = read else {
                                    panic!("{read:?}")
                                };
                                prop_assert_eq!(entries.len(), offsets.len());
                                for record in entries.clone() {
                                    let topic = TOPICS[(record.item % 100) as usize];
                                    prop_assert_eq!(&*record.topic, topic);
                                    prop_assert_eq!(record.item / 100, record.offset);
                                }
                                let got: Vec<_> = entries.map(|record| record.offset).collect();
                                prop_assert_eq!(got, offsets);
                                prop_assert_eq!((next.offset, more), (behind, follows));
                                after = behind;
                            }
                        }
                    }
                    let reader = model.readers.get_mut(&id).unwrap();
                    (reader.position, reader.waits) = (after, now_waits);
                }
                Step::Unsubscribe(_) | Step::Read { .. } => {}
                Step::NextReady => {
                    // Readers that one event woke come in any order.
                    let ready = hub.next_ready();
                    prop_assert_eq!(ready.is_some(), !model.ready.is_empty());
                    if let Some(id) = ready {
                        let oldest = model.readers[&model.ready[0]].position;
                        prop_assert_eq!(model.readers[&id].position, oldest);
                        model.ready.retain(|&other| other != id);
                    }
                }
                Step::Slice { topics, start, max } => {
                    let slice = hub.slice(&names(&topics), start, max);
                    let topics = topics.into_iter().collect();
                    match model.locate(&topics, start) {
                        Err(reset) => {
                            prop_assert_eq!(slice.unwrap_err(), SubscribeError::Reset(reset));
                        }
                        Ok(position) => {
                            let slice = slice.unwrap();
                            let got = slice.entries.map(|record| record.offset).collect();
                            let batched = (got, slice.next.offset, slice.more);
                            prop_assert_eq!(batched, model.batch(&topics, position, max));
                        }
                    }
                }
                Step::Advance(seconds) => {
                    model.now += seconds;
                    model.trim(12, 200);
                    let now = Instant::from_origin(Duration::from_secs(model.now));
                    hub.trim(now);
                    prop_assert!(hub.deadline().is_none_or(|deadline| deadline > now));
                }
            }
            let oldest = model.events.front().map(|event| Duration::from_secs(event.at + 20));
            prop_assert_eq!(hub.deadline(), oldest.map(Instant::from_origin));
            prop_assert_eq!(hub.len(), model.events.len());
            prop_assert_eq!(hub.bytes(), model.events.iter().map(|event| event.bytes).sum());
            prop_assert_eq!(hub.floor(), Cursor { epoch: EPOCH, offset: model.floor() });
            prop_assert_eq!(hub.head(), Cursor { epoch: EPOCH, offset: model.head });
            for (&id, reader) in &model.readers {
                let position = if reader.waits { model.head } else { reader.position };
                prop_assert_eq!(hub.position(id), Some(Cursor { epoch: EPOCH, offset: position }));
                prop_assert_eq!(hub.is_waiting(id), reader.waits);
            }
            let used: BTreeSet<_> = (model.events.iter().map(|event| event.topic))
                .chain(model.keys.iter().map(|key| key.0))
                .chain(model.readers.values().flat_map(|reader| reader.topics.iter().copied()))
                .collect();
            prop_assert_eq!(hub.topics(), used.len());
            prop_assert_eq!(hub.subscribers(), model.readers.len());
        }
    }
}
