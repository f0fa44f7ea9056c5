//! What readers and publishers can rely on, one behaviour a test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::time::Duration;

use tidewire_core::Instant;
use tidewire_hub::{
    Batch, Config, Cursor, Hub, PublishError, Published, Read, Reset, ResetReason, Start,
    SubscribeError, SubscriberId,
};

const EPOCH: u64 = 5;
const NOW: Instant = Instant::ORIGIN;
const ALL: Batch = Batch { events: usize::MAX, bytes: usize::MAX };

fn hub(max_events: usize) -> Hub<&'static str> {
    let mut config = Config::default();
    config.max_events = max_events;
    Hub::new(config, EPOCH)
}

/// A hub that keeps the latest three of five events, alternately of the topics `odd` and `even`.
fn three_of_five() -> Hub<&'static str> {
    let mut hub = hub(3);
    for (number, topic) in (1..=5).zip(["odd", "even"].into_iter().cycle()) {
        assert_eq!(publish(&mut hub, topic), number);
    }
    hub
}

fn publish(hub: &mut Hub<&'static str>, topic: &str) -> u64 {
    hub.publish(topic, "", 10, None, NOW).unwrap().cursor.offset
}

fn at(offset: u64) -> Cursor {
    Cursor { epoch: EPOCH, offset }
}

fn subscribe(hub: &mut Hub<&'static str>, topics: &[&str], start: Start) -> SubscriberId {
    hub.subscribe(topics, start, NOW).unwrap().0
}

/// The offsets that a read yields, the position behind them, and whether more follow.
fn read(hub: &mut Hub<&'static str>, id: SubscriberId, max: Batch) -> (Vec<u64>, u64, bool) {
    match hub.read(id, max) {
        Read::Entries { entries, next, more } => {
            (entries.map(|record| record.offset).collect(), next.offset, more)
        }
        other => panic!("{other:?}"),
    }
}

fn waits(hub: &mut Hub<&'static str>, id: SubscriberId) -> bool {
    matches!(hub.read(id, ALL), Read::Waiting)
}

fn reset_of(hub: &mut Hub<&'static str>, start: Start) -> Option<Reset> {
    match hub.subscribe(&["odd"], start, NOW) {
        Err(SubscribeError::Reset(reset)) => Some(reset),
        _ => None,
    }
}

#[test]
fn b2_an_event_after_a_read_that_found_nothing_wakes_the_reader() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["odd"], Start::Now);
    assert!(waits(&mut hub, id));
    assert_eq!(hub.next_ready(), None);
    publish(&mut hub, "odd");
    assert_eq!(hub.next_ready(), Some(id));
    assert_eq!(hub.next_ready(), None);
    assert_eq!(read(&mut hub, id, ALL), (vec![1], 1, false));
}

#[test]
fn b2_an_event_between_subscribing_and_reading_is_read() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["odd"], Start::Now);
    publish(&mut hub, "odd");
    assert_eq!(hub.next_ready(), None, "who does not wait yet is not woken");
    assert_eq!(read(&mut hub, id, ALL), (vec![1], 1, false));
}

#[test]
fn b5_each_start_is_told_as_a_cursor() {
    let mut hub = three_of_five();
    let mut told = |start| hub.subscribe(&["odd"], start, NOW).unwrap().1;
    assert_eq!(told(Start::Oldest), at(2));
    assert_eq!(told(Start::Now), at(5));
    assert_eq!(told(Start::After(at(4))), at(4));
    assert_eq!(told(Start::Last(0)), at(5));
    assert_eq!(told(Start::Last(1)), at(4));
    assert_eq!(told(Start::Last(9)), at(2));
}

/// A position before older events of other topics would expire with them.
#[test]
fn b5_b16_the_last_of_a_quiet_topic_begin_as_late_as_they_can() {
    let mut hub = hub(5);
    let told = |hub: &mut Hub<_>, topics: &[&str], events| {
        let entries = hub.slice(topics, Start::Last(events), ALL).unwrap().entries.len();
        (hub.subscribe(topics, Start::Last(events), NOW).unwrap().1.offset, entries)
    };
    for topic in ["loud", "loud", "loud", "quiet", "loud"] {
        publish(&mut hub, topic);
    }
    assert_eq!(told(&mut hub, &["quiet"], 10), (3, 1));
    assert_eq!(told(&mut hub, &["quiet"], 0), (5, 0));
    assert_eq!(told(&mut hub, &["unknown"], 0), (5, 0));
    assert_eq!(told(&mut hub, &["unknown"], 10), (5, 0));
    assert_eq!(told(&mut hub, &["quiet", "loud"], 2), (3, 2));
    assert_eq!(told(&mut hub, &["quiet", "loud"], u64::MAX), (0, 5));
}

#[test]
fn b6_a_cursor_below_the_floor_is_reset() {
    let expected = Reset { reason: ResetReason::Expired, floor: at(3), head: at(5) };
    let reset = reset_of(&mut three_of_five(), Start::After(at(1))).unwrap();
    assert_eq!((reset, reset.resume()), (expected, at(2)));
}

#[test]
fn b7_a_cursor_just_below_the_floor_is_continued() {
    let mut hub = three_of_five();
    let id = subscribe(&mut hub, &["odd", "even"], Start::After(at(2)));
    assert_eq!(read(&mut hub, id, ALL), (vec![3, 4, 5], 5, false));
}

#[test]
fn b8_b43_a_cursor_of_another_life_of_the_log_is_reset() {
    let foreign = Cursor { epoch: EPOCH + 1, offset: 4 };
    let reset = reset_of(&mut three_of_five(), Start::After(foreign)).unwrap();
    assert_eq!((reset.reason, reset.resume()), (ResetReason::Epoch, at(2)));
    let reset = reset_of(&mut hub(3), Start::After(foreign)).unwrap();
    assert_eq!((reset.floor, reset.head, reset.resume()), (at(1), at(0), at(0)));
}

#[test]
fn b9_a_cursor_ahead_of_the_log_is_reset_and_never_waits() {
    let mut hub = three_of_five();
    assert_eq!(reset_of(&mut hub, Start::After(at(5))), None);
    let reset = reset_of(&mut hub, Start::After(at(6))).unwrap();
    assert_eq!((reset.reason, reset.resume()), (ResetReason::Ahead, at(5)));
    assert!(reset_of(&mut hub, Start::After(at(u64::MAX))).is_some());
}

#[test]
fn b11_two_events_of_one_instant_are_both_read() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["odd"], Start::Now);
    assert_eq!((publish(&mut hub, "odd"), publish(&mut hub, "odd")), (1, 2));
    assert_eq!(read(&mut hub, id, ALL), (vec![1, 2], 2, false));
}

#[test]
fn b12_offsets_have_no_hole_and_filtered_ones_lie_between_two_cursors() {
    let mut hub = hub(10);
    let offsets: Vec<_> = ["odd", "even", "odd", "x"].map(|topic| publish(&mut hub, topic)).into();
    assert_eq!(offsets, [1, 2, 3, 4]);
    let slice = hub.slice(&["even"], Start::Oldest, ALL).unwrap();
    assert_eq!((slice.entries.len(), slice.next, slice.more), (1, at(4), false));
}

#[test]
fn b13_a_cut_batch_says_so_and_the_next_one_goes_on() {
    let mut hub = three_of_five();
    let id = subscribe(&mut hub, &["odd", "even"], Start::Oldest);
    assert_eq!(read(&mut hub, id, Batch { events: 2, ..ALL }), (vec![3, 4], 4, true));
    assert_eq!(read(&mut hub, id, Batch { events: 2, ..ALL }), (vec![5], 5, false));
    let id = subscribe(&mut hub, &["odd", "even"], Start::Oldest);
    assert_eq!(read(&mut hub, id, Batch { bytes: 20, ..ALL }), (vec![3, 4], 4, true));
    assert_eq!(read(&mut hub, id, Batch { bytes: 19, ..ALL }), (vec![5], 5, false));
}

#[test]
fn b14_an_event_above_the_byte_cap_comes_alone() {
    let mut hub = three_of_five();
    let id = subscribe(&mut hub, &["odd", "even"], Start::Oldest);
    for (offset, more) in [(3, true), (4, true), (5, false)] {
        let none = Batch { events: 0, bytes: 0 };
        assert_eq!(read(&mut hub, id, none), (vec![offset], offset, more));
    }
}

#[test]
fn b15_a_cut_batch_does_not_move_past_what_it_yields() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["odd"], Start::Now);
    for topic in ["odd", "even", "even", "odd", "even"] {
        publish(&mut hub, topic);
    }
    assert_eq!(read(&mut hub, id, Batch { events: 1, ..ALL }), (vec![1], 1, true));
    assert_eq!(hub.position(id), Some(at(1)));
    assert_eq!(read(&mut hub, id, ALL), (vec![4], 5, false));
}

#[test]
fn b16_a_quiet_topic_never_falls_below_the_floor() {
    let mut hub = hub(3);
    let id = subscribe(&mut hub, &["quiet"], Start::Now);
    assert!(waits(&mut hub, id));
    for _ in 0..100 {
        publish(&mut hub, "loud");
    }
    assert_eq!(hub.position(id), Some(at(100)));
    publish(&mut hub, "quiet");
    assert_eq!(read(&mut hub, id, ALL), (vec![101], 101, false));
}

#[test]
fn b16_a_reader_that_does_not_wait_misses_no_more_than_its_own_events() {
    let mut hub = hub(3);
    let behind = subscribe(&mut hub, &["quiet"], Start::Now);
    let reading = subscribe(&mut hub, &["quiet", "still"], Start::Now);
    publish(&mut hub, "quiet");
    assert_eq!(read(&mut hub, reading, ALL), (vec![1], 1, false));
    for _ in 0..100 {
        publish(&mut hub, "loud");
    }
    // Either stands below the floor. What was dropped there, one of them had read.
    let Read::Reset(reset) = hub.read(behind, ALL) else { panic!("event 1 was dropped unread") };
    assert_eq!(reset, Reset { reason: ResetReason::Expired, floor: at(99), head: at(101) });
    publish(&mut hub, "still");
    assert_eq!(read(&mut hub, reading, ALL), (vec![102], 102, false));
}

#[test]
fn b16_b76_a_fork_below_the_floor_takes_back_what_was_dropped() {
    let mut hub = hub(3);
    for _ in 0..6 {
        publish(&mut hub, "odd");
    }
    let known = subscribe(&mut hub, &["odd"], Start::Now);
    hub.fork(EPOCH + 1, 1).unwrap();
    let id = subscribe(&mut hub, &["odd"], Start::Now);
    for _ in 0..5 {
        publish(&mut hub, "loud");
    }
    // Behind where it stands none of its topic was dropped: those above the fork are of another life.
    assert!(waits(&mut hub, id));
    assert!(
        matches!(hub.read(known, ALL), Read::Reset(reset) if reset.reason == ResetReason::Epoch)
    );
}

#[test]
fn b17_a_woken_reader_that_the_floor_has_passed_is_reset() {
    let mut hub = hub(3);
    let id = subscribe(&mut hub, &["odd"], Start::Now);
    assert!(waits(&mut hub, id));
    for _ in 0..4 {
        publish(&mut hub, "odd");
    }
    let Read::Reset(reset) = hub.read(id, ALL) else { panic!("the first event was dropped") };
    assert_eq!(reset, Reset { reason: ResetReason::Expired, floor: at(2), head: at(4) });
    assert_eq!(read(&mut hub, id, ALL), (vec![2, 3, 4], 4, false));
}

#[test]
fn b19_several_topics_come_in_the_order_of_the_log() {
    let mut hub = hub(100);
    let id = subscribe(&mut hub, &["c", "a", "b", "a"], Start::Now);
    for topic in ["b", "a", "x", "c", "b", "x", "a"] {
        publish(&mut hub, topic);
    }
    assert_eq!(read(&mut hub, id, ALL), (vec![1, 2, 4, 5, 7], 7, false));
}

#[test]
fn b20_a_publisher_that_repeats_its_key_gets_the_same_cursor_and_one_event() {
    let mut hub = hub(2);
    let mut publish = |topic, key: &[u8]| hub.publish(topic, "", 1, Some(key), NOW).unwrap();
    assert_eq!(publish("odd", b"k"), Published { cursor: at(1), fresh: true });
    assert_eq!(publish("odd", b"k"), Published { cursor: at(1), fresh: false });
    assert_eq!(publish("even", b"k"), Published { cursor: at(2), fresh: true });
    assert_eq!(publish("even", b"l"), Published { cursor: at(3), fresh: true });
    assert_eq!(publish("odd", b"k"), Published { cursor: at(1), fresh: false });
    assert_eq!(hub.head(), at(3));
}

#[test]
fn b20_an_empty_key_is_refused_and_is_no_key_of_two_events() {
    let mut hub = hub(10);
    for item in ["one", "other"] {
        let refused = hub.publish("odd", item, 1, Some(b""), NOW);
        assert_eq!(refused, Err(PublishError::KeyLength { limit_bytes: 128 }));
    }
    assert_eq!((hub.head(), hub.topics()), (at(0), 0));
}

#[test]
fn b28_time_that_runs_backwards_drops_nothing() {
    let mut config = Config::default();
    config.max_age = Some(Duration::from_secs(10));
    let mut hub = Hub::new(config, EPOCH);
    let later = NOW + Duration::from_secs(100);
    hub.publish("odd", "", 1, None, later).unwrap();
    hub.trim(NOW);
    hub.trim(later + Duration::from_millis(9_999));
    assert_eq!(hub.len(), 1);
    hub.trim(later + Duration::from_secs(10));
    assert_eq!((hub.len(), hub.floor(), hub.head()), (0, at(2), at(1)));
}

#[test]
fn the_hub_tells_when_its_oldest_event_expires() {
    let mut config = Config::default();
    config.max_age = Some(Duration::from_secs(10));
    let mut hub = Hub::new(config, EPOCH);
    assert_eq!(hub.deadline(), None);
    let seconds = |seconds| NOW + Duration::from_secs(seconds);
    for second in [1, 4, 4] {
        hub.publish("odd", "", 1, None, seconds(second)).unwrap();
    }
    for (second, kept) in [(11, 2), (14, 0)] {
        assert_eq!(hub.deadline(), Some(seconds(second)));
        hub.trim(seconds(second));
        assert_eq!(hub.len(), kept);
    }
    assert_eq!(hub.deadline(), None);
    let mut ageless = three_of_five();
    ageless.trim(seconds(1_000_000));
    assert_eq!((ageless.len(), ageless.deadline()), (3, None));
}

#[test]
fn b33_a_reader_that_is_gone_leaves_nothing_behind() {
    let mut hub = hub(10);
    let waiting = subscribe(&mut hub, &["x", "y"], Start::Now);
    let ready = subscribe(&mut hub, &["y", "z"], Start::Now);
    assert!(waits(&mut hub, waiting) && waits(&mut hub, ready));
    publish(&mut hub, "z");
    assert!(hub.unsubscribe(ready) && hub.unsubscribe(waiting));
    assert_eq!((hub.subscribers(), hub.topics(), hub.next_ready()), (0, 1, None));
}

#[test]
fn b36_a_name_that_outlived_its_reader_names_nobody() {
    let mut hub = hub(10);
    let old = subscribe(&mut hub, &["odd"], Start::Now);
    assert!(hub.unsubscribe(old));
    let new = subscribe(&mut hub, &["odd"], Start::Now);
    assert!(!hub.unsubscribe(old));
    assert_eq!((hub.position(old), hub.position(new)), (None, Some(at(0))));
    assert!(waits(&mut hub, old) && !hub.is_waiting(new));
}

#[test]
fn b48_readers_are_named_in_the_order_in_which_they_were_woken() {
    let mut hub = hub(10);
    let ids = ["c", "a", "b"].map(|topic| subscribe(&mut hub, &[topic], Start::Now));
    assert!(ids.iter().all(|&id| waits(&mut hub, id)));
    for topic in ["b", "a", "c", "b"] {
        publish(&mut hub, topic);
    }
    let named: Vec<_> = std::iter::from_fn(|| hub.next_ready()).collect();
    assert_eq!(named, [ids[2], ids[1], ids[0]]);
}

#[test]
fn a_refused_publish_leaves_the_hub_as_it_was() {
    let mut config = Config::default();
    (config.max_topic_bytes, config.max_key_bytes, config.max_bytes) = (4, 2, 100);
    let mut hub = Hub::new(config, EPOCH);
    let refused = [
        (hub.publish("", "", 1, None, NOW), PublishError::TopicLength { limit_bytes: 4 }),
        (hub.publish("12345", "", 1, None, NOW), PublishError::TopicLength { limit_bytes: 4 }),
        (hub.publish("t", "", 1, Some(b"123"), NOW), PublishError::KeyLength { limit_bytes: 2 }),
        (hub.publish("t", "", 101, None, NOW), PublishError::TooBig { limit_bytes: 100 }),
    ];
    for (result, expected) in refused {
        assert_eq!(result, Err(expected));
    }
    assert_eq!((hub.head(), hub.topics()), (at(0), 0));
    assert!(hub.publish("1234", "", 100, Some(b"12"), NOW).unwrap().fresh);
    assert_eq!(hub.bytes(), 100);
}

#[test]
fn a_refused_subscriber_leaves_the_hub_as_it_was() {
    let mut config = Config::default();
    (config.max_topics_per_subscriber, config.max_topic_bytes) = (2, 4);
    config.max_subscribers = 1;
    let mut hub: Hub<()> = Hub::new(config, EPOCH);
    let mut subscribe = |topics: &[&str]| hub.subscribe(topics, Start::Now, NOW).map(|_| ());
    assert_eq!(subscribe(&[]), Err(SubscribeError::NoTopic));
    assert_eq!(subscribe(&["a", "b", "c"]), Err(SubscribeError::TooManyTopics { limit: 2 }));
    assert_eq!(subscribe(&["a", "12345"]), Err(SubscribeError::TopicLength { limit_bytes: 4 }));
    assert_eq!(subscribe(&["a", ""]), Err(SubscribeError::TopicLength { limit_bytes: 4 }));
    assert_eq!(subscribe(&["a", "1234"]), Ok(()));
    assert_eq!(subscribe(&["x"]), Err(SubscribeError::Full { limit: 1 }));
    assert_eq!((hub.subscribers(), hub.topics()), (1, 2));
}

#[test]
fn the_log_keeps_no_more_than_its_limits() {
    let mut config = Config::default();
    (config.max_events, config.max_bytes) = (3, 100);
    let mut hub = Hub::new(config, EPOCH);
    let mut kept = |bytes| {
        hub.publish("t", "", bytes, None, NOW).unwrap();
        (hub.len(), hub.bytes())
    };
    let steps = [10, 10, 10, 10, 80, 1, 100].map(&mut kept);
    assert_eq!(steps, [(1, 10), (2, 20), (3, 30), (3, 30), (3, 100), (3, 91), (1, 100)]);
}

#[test]
fn keys_are_forgotten_by_number_and_by_age() {
    let mut config = Config::default();
    (config.max_keys, config.max_key_age) = (2, Duration::from_secs(10));
    let mut hub = Hub::new(config, EPOCH);
    let mut fresh = |key: &[u8], seconds| {
        let now = NOW + Duration::from_secs(seconds);
        hub.publish("t", "", 1, Some(key), now).unwrap().fresh
    };
    assert!(fresh(b"a", 0) && fresh(b"b", 0) && !fresh(b"a", 0));
    assert!(fresh(b"c", 1) && fresh(b"a", 1), "the third key pushed the first out");
    assert!(!fresh(b"c", 11));
    assert!(fresh(b"c", 12));
}
