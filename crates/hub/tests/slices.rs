//! What someone who does not subscribe is given: a closed range, one behaviour a test.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

use tidewire_core::Instant;
use tidewire_hub::{Batch, Config, Cursor, Hub, Reset, ResetReason, SubscribeError};

const ALL: Batch = Batch { events: usize::MAX, bytes: usize::MAX };

/// A log of the epoch 5 that keeps the events from 11 to 20 of 20; every fifth has a topic of its own.
fn hub() -> Hub<()> {
    let mut config = Config::default();
    config.max_events = 10;
    let mut hub = Hub::new(config, 5);
    for number in 1..=20 {
        publish(&mut hub, if number % 5 == 0 { "rare" } else { "tide" });
    }
    hub
}

fn publish(hub: &mut Hub<()>, topic: &str) {
    hub.publish(topic, (), 10, None, Instant::ORIGIN).unwrap();
}

fn at(offset: u64) -> Cursor {
    Cursor { epoch: 5, offset }
}

/// The offsets of a range, the one of its `next`, and whether there is more.
type Told = Result<(Vec<u64>, u64, bool), SubscribeError>;

fn range(hub: &Hub<()>, topics: &[&str], from: Cursor, to: Cursor, max: Batch) -> Told {
    let range = hub.range(topics, from..=to, max)?;
    assert_eq!(range.next.epoch, hub.epoch());
    let offsets = range.entries.map(|record| record.offset).collect();
    Ok((offsets, range.next.offset, range.more))
}

#[test]
fn b69_both_ends_are_of_a_range_and_nothing_else_is() {
    let hub = hub();
    let told = |topics: &[&str], from, to| range(&hub, topics, at(from), at(to), ALL).unwrap();
    assert_eq!(told(&["tide"], 13, 16), (vec![13, 14, 16], 16, false));
    assert_eq!(told(&["tide"], 12, 12), (vec![12], 12, false));
    assert_eq!(told(&["tide"], 15, 15), (vec![], 15, false));
    assert_eq!(told(&["rare", "tide"], 14, 15), (vec![14, 15], 15, false));
    assert_eq!(told(&["rare"], 11, 20), (vec![15, 20], 20, false));
    assert_eq!(told(&["unknown"], 11, 20), (vec![], 20, false));
    assert_eq!(told(&["tide"], 13, 12), (vec![], 12, false));
    assert_eq!(told(&["tide"], 18, 11), (vec![], 11, false));
}

#[test]
fn b69_a_range_says_if_more_belongs_to_it_and_only_then() {
    let hub = hub();
    for max in [Batch { events: 2, bytes: 99 }, Batch { events: 99, bytes: 20 }] {
        let told = |topic, from, to| range(&hub, &[topic], at(from), at(to), max).unwrap();
        assert_eq!(told("tide", 13, 15), (vec![13, 14], 15, false));
        assert_eq!(told("tide", 13, 16), (vec![13, 14], 14, true));
        assert_eq!(told("rare", 11, 20), (vec![15, 20], 20, false));
    }
}

#[test]
fn a_range_whose_ends_the_log_does_not_keep_is_a_reset() {
    let hub = hub();
    let (other, reset) = (
        |offset| Cursor { epoch: 6, offset },
        |reason| Err(SubscribeError::Reset(Reset { reason, floor: at(11), head: at(20) })),
    );
    for (from, to, reason) in [
        (at(0), at(12), ResetReason::Expired),
        (at(10), at(12), ResetReason::Expired),
        (at(12), at(10), ResetReason::Expired),
        (at(12), at(21), ResetReason::Ahead),
        (at(21), at(12), ResetReason::Ahead),
        (other(12), at(13), ResetReason::Epoch),
        (at(12), other(13), ResetReason::Epoch),
    ] {
        assert_eq!(range(&hub, &["tide"], from, to, ALL), reset(reason), "{from} to {to}");
    }
    assert!(range(&hub, &["tide"], at(11), at(20), ALL).is_ok());
    assert_eq!(range(&hub, &[], at(11), at(20), ALL), Err(SubscribeError::NoTopic));
    let empty: Hub<()> = Hub::new(Config::default(), 5);
    assert!(range(&empty, &["tide"], at(0), at(0), ALL).is_err());
}

#[test]
fn b76_a_range_of_an_earlier_epoch_holds_up_to_the_fork() {
    let mut hub = hub();
    hub.fork(6, 15).unwrap();
    publish(&mut hub, "tide");
    let told = |to| range(&hub, &["tide"], at(14), to, ALL);
    assert_eq!(told(at(15)), Ok((vec![14], 15, false)));
    assert_eq!(told(Cursor { epoch: 6, offset: 16 }), Ok((vec![14, 16], 16, false)));
    assert!(told(at(16)).is_err());
}
