//! Publishing where nobody waits: what a bounded log costs by itself.

use bytes::Bytes;
use tidewire::core::Instant;
use tidewire::hub::{Config, Hub};

use super::EVENT;
use crate::sheet::{Rank, Sheet};
use crate::stopwatch::busy;

pub(crate) fn sheets(title: &str, rounds: usize) -> Vec<Sheet> {
    let mut sheet = Sheet::new(format!("{title}; topics:"), &TOPICS, NOTE);
    for topics in TOPICS {
        let names: Vec<String> = (0..topics).map(|topic| format!("topic-{topic:04}")).collect();
        for (name, has_key) in [("publish", false), ("publish with an idempotency key", true)] {
            let config = Config::default();
            // A log that has begun to drop events, as it does for good.
            let warm = config.max_events + config.max_events / 4;
            let mut hub = Hub::new(config, 7);
            let mut number = 0_u64;
            let mut publish = |count: usize| {
                for topic in names.iter().cycle().take(count) {
                    number += 1;
                    let key = u128::from(number).wrapping_mul(SPREAD).to_be_bytes();
                    let key = has_key.then_some(&key[..]);
                    let event = Bytes::from_static(&EVENT);
                    let published = hub.publish(topic, event, EVENT.len(), key, Instant::ORIGIN);
                    assert!(published.expect("within the limits").fresh, "no key comes again");
                }
            };
            publish(warm);
            for _ in 0..rounds {
                let took = busy(|| publish(PER_ROUND));
                sheet.add(name, Rank::Within(200.0), topics, took, PER_ROUND);
            }
        }
    }
    vec![sheet]
}

const TOPICS: [usize; 2] = [1, 1_000];
const PER_ROUND: usize = 10_000;
/// Numbers in a row become keys all over the place, as random ones are.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;
const NOTE: &str = "The log is full, so each event drops one; topics take turns, by name. Keys are 16 bytes, \
    each new, in a full window of 8,192.";
