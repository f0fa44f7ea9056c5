//! What a hub costs, counted at the allocator, against the formula that its limits promise.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

use std::time::Duration;

use allocation_counter::measure;
use tidewire_core::Instant;
use tidewire_hub::{Batch, Config, Hub, Start};

const NOW: Instant = Instant::ORIGIN;
/// Bytes for each event, as documented.
const PER_EVENT: usize = 150 + 2 * size_of::<u64>();

/// A hub at all its limits at once, each event, reader and key with a topic of its own.
#[test]
fn b54_a_hub_stays_within_the_formula_of_its_limits() {
    let mut config = Config::default();
    (config.max_events, config.max_subscribers, config.max_keys) = (1_000, 1_000, 500);
    let (events, readers, keys) = (1_000, 1_000, 500);
    let topics = events + keys + readers * 2;
    let used = measure(|| {
        let mut hub = Hub::new(config, 1);
        for number in 0..5_000 {
            let topic = format!("reader{}", number % 1_000);
            let topics = [topic.as_str(), &format!("second{number}")];
            if let Ok((id, _)) = hub.subscribe(&topics, Start::Now, NOW) {
                hub.read(id, Batch::default());
            }
        }
        for number in 0..5_000 {
            let (topic, key) = (format!("event{number:05}"), format!("{number:032}"));
            hub.publish(&topic, 0_u64, 1, Some(key.as_bytes()), NOW).unwrap();
        }
        assert_eq!((hub.len(), hub.subscribers()), (events, readers));
        std::mem::forget(hub);
    });
    let bound = events * PER_EVENT + readers * (100 + 2 * 30) + keys * 150 + topics * (400 + 12);
    assert!(used.bytes_current > 0);
    assert!(used.bytes_current as usize <= bound, "{} of {bound}", used.bytes_current);
}

/// Topics that a reader keeps known take no room for the events they had once. The log's own list is
/// at its largest just above a power of two.
#[test]
fn b54_topics_that_were_busy_in_turn_stay_within_the_formula() {
    let mut config = Config::default();
    config.max_events = 1_030;
    let topics: Vec<_> = (0..32).map(|number| format!("topic{number:02}")).collect();
    for turns in [1, 32] {
        let used = measure(|| {
            let mut hub = Hub::new(config.clone(), 1);
            assert!(hub.subscribe(&topics, Start::Now, NOW).is_ok());
            for topic in topics.iter().take(turns) {
                for item in 0..1_030_u64 {
                    hub.publish(topic, item, 1, None, NOW).unwrap();
                }
            }
            std::mem::forget(hub);
        });
        let bound = 1_030 * PER_EVENT + (100 + 32 * 30) + 32 * (400 + 7);
        assert!(used.bytes_current as usize <= bound, "{} of {bound}", used.bytes_current);
    }
}

/// Nor do they for the readers that waited for them in turn.
#[test]
fn b54_topics_that_a_crowd_walks_over_stay_within_the_formula() {
    const CROWD: usize = 1_000;
    let topics: Vec<_> = (0..32).map(|number| format!("topic{number:02}")).collect();
    let used = measure(|| {
        let mut hub: Hub<()> = Hub::new(Config::default(), 1);
        assert!(hub.subscribe(&topics, Start::Now, NOW).is_ok());
        for topic in &topics {
            let wait = |_| {
                let id = hub.subscribe(&[topic], Start::Now, NOW).unwrap().0;
                hub.read(id, Batch::default());
                id
            };
            let crowd: Vec<_> = (0..CROWD).map(wait).collect();
            crowd.into_iter().for_each(|id| assert!(hub.unsubscribe(id)));
        }
        std::mem::forget(hub);
    });
    let bound = (CROWD + 1) * 100 + (CROWD + 32) * 30 + 32 * (400 + 7);
    assert!(used.bytes_current as usize <= bound, "{} of {bound}", used.bytes_current);
}

#[test]
fn an_empty_hub_owns_no_heap() {
    let made = measure(|| {
        let mut hub: Hub<u64> = Hub::new(Config::default(), 1);
        hub.trim(NOW + Duration::from_secs(1));
        std::mem::forget(hub);
    });
    assert_eq!(made.count_total, 0);
}

#[test]
fn a_waiting_reader_is_served_without_allocating() {
    let mut hub = Hub::new(Config::default(), 1);
    let id = hub.subscribe(&["t"], Start::Oldest, NOW).unwrap().0;
    (0..100_u64).for_each(|item| assert!(hub.publish("t", item, 1, None, NOW).is_ok()));
    let read = measure(|| {
        for _ in 0..100 {
            hub.read(id, Batch { events: 1, bytes: 1 });
        }
    });
    assert_eq!(read.count_total, 0);
}

/// The rest is what the log and its lists grow by.
#[test]
fn a_publishers_key_is_allocated_once() {
    let mut hub = Hub::new(Config::default(), 1);
    hub.publish("t", 0, 1, Some(b"warm"), NOW).unwrap();
    let keys: Vec<_> = (0..100_u64).map(|item| (item, item.to_le_bytes())).collect();
    let published = measure(|| {
        for (item, key) in &keys {
            hub.publish("t", *item, 1, Some(key), NOW).unwrap();
        }
    });
    assert!(published.count_total < 150, "{} allocations", published.count_total);
}
