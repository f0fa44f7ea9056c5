//! What held polls cost, counted at the allocator, against what their limits promise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use allocation_counter::measure;
use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Config, Hub, Start};
use tidewire_poll::{Ask, Asked, Client, Park, ParkConfig};

/// Holds so many polls, of so many sets of topics, and returns the bytes they take.
fn held_bytes(polls: u64, sets: u64) -> u64 {
    let mut hub: Hub<()> = Hub::new(Config::default(), 1);
    let mut entropy = Entropy::new(|bytes| bytes.fill(77));
    let mut park = Park::new(ParkConfig::default());
    let used = measure(|| {
        for number in 0..polls {
            let topic = format!("{:04}", number % sets);
            let topics = [topic.as_str()];
            let client = Some(Client { id: number.wrapping_mul(0x9e37_79b9_7f4a_7c15), seq: 1 });
            let ask = Ask { client, peer: Some(number / 100), ..Ask::new(&topics, Start::Now) };
            let asked = park.ask(&ask, &mut hub, &mut entropy, Instant::ORIGIN);
            assert!(matches!(asked, Ok(Asked::Held(_))));
        }
    });
    assert_eq!(park.groups() as u64, sets);
    used.bytes_current as u64
}

#[test]
fn b54_held_polls_take_what_is_documented() {
    let polls = 16_384;
    let of_one_topic = held_bytes(polls, 1);
    let of_many_topics = held_bytes(polls, 4_096);
    let (per_poll, per_set) =
        (of_one_topic / polls, of_many_topics.saturating_sub(of_one_topic) / 4_096);
    assert!(per_poll <= 200, "{per_poll} bytes a poll");
    assert!(per_set <= 650, "{per_set} bytes a set of topics");
}
