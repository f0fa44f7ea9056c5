//! Reading by the names of topics that are found faster, against reading by their own.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

use proptest::prelude::*;
use tidewire_core::Instant;
use tidewire_hub::{Batch, Config, Cursor, Hub, Slice, Start, SubscribeError, TopicId};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const MAX: Batch = Batch { events: 2, bytes: 100 };

fn start() -> impl Strategy<Value = Start> {
    let cursor = (1..3_u64, 0..12_u64).prop_map(|(epoch, offset)| Cursor { epoch, offset });
    let last = (0..4_u64).prop_map(Start::Last);
    prop_oneof![cursor.prop_map(Start::After), Just(Start::Now), Just(Start::Oldest), last]
}

fn told(
    slice: Result<Slice<'_, ()>, SubscribeError>,
) -> Result<(Vec<u64>, Cursor, bool), SubscribeError> {
    slice.map(|slice| (slice.entries.map(|it| it.offset).collect(), slice.next, slice.more))
}

proptest! {
    #[test]
    fn a_topics_id_reads_what_its_name_does(
        published in prop::collection::vec(0..NAMES.len(), 1..10),
        wanted in prop::collection::vec(0..NAMES.len(), 1..4),
        start in start(),
    ) {
        let mut config = Config::default();
        config.max_events = 5;
        let mut hub = Hub::new(config, 1);
        for topic in published {
            hub.publish(NAMES[topic], (), 1, None, Instant::ORIGIN).unwrap();
        }
        let names: Vec<&str> = wanted.into_iter().map(|topic| NAMES[topic]).collect();
        let mut ids: Vec<TopicId> = names.iter().filter_map(|name| hub.topic(name)).collect();
        let by_name = told(hub.slice(&names, start, MAX));
        if ids.is_empty() {
            prop_assert_eq!(hub.caught_up(&ids, start), Err(SubscribeError::NoTopic));
            return Ok(());
        }
        let caught_up = by_name.clone().map(|(read, next, _)| read.is_empty().then_some(next));
        prop_assert_eq!(hub.caught_up(&ids, start), caught_up);
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(told(hub.slice_of(&ids, start, MAX)), by_name);
    }
}

#[test]
fn a_topics_id_does_not_outlive_its_use() {
    let mut config = Config::default();
    (config.max_events, config.max_topics_per_subscriber) = (1, 2);
    let mut hub = Hub::new(config, 1);
    let publish = |hub: &mut Hub<()>, topic| hub.publish(topic, (), 1, None, Instant::ORIGIN);
    publish(&mut hub, "a").unwrap();
    let old = hub.topic("a").unwrap();
    publish(&mut hub, "b").unwrap();
    assert_eq!(hub.topic("a"), None);
    publish(&mut hub, "a").unwrap();
    assert_ne!(hub.topic("a"), Some(old));
    assert_eq!(hub.caught_up(&[old], Start::Last(1)), Ok(Some(hub.head())));
    assert_eq!(told(hub.slice_of(&[old], Start::Last(1), MAX)), Ok((vec![], hub.head(), false)));
    let limit = 2;
    let refused = hub.caught_up(&[old; 3], Start::Now);
    assert_eq!(refused, Err(SubscribeError::TooManyTopics { limit }));
    let (open, shut) = (hub.topic("a").unwrap(), {
        hub.close("b").unwrap();
        hub.topic("b").unwrap()
    });
    assert_eq!(hub.caught_up(&[open, shut], Start::Now), Ok(Some(hub.head())));
    assert_eq!(hub.caught_up(&[shut], Start::Now), Ok(None));
    assert!(hub.slice_of(&[shut], Start::Now, MAX).unwrap().closed);
}
