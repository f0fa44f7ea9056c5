//! What becomes of readers that are slow, out of credit, at the end of a topic, or not allowed any
//! more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tidewire_core::Instant;
use tidewire_hub::{
    Access, Batch, Config, Cursor, End, Hub, Lineage, PublishError, Read, Reset, ResetReason,
    SlowPolicy, Start, SubscribeError, SubscriberId, Subscription,
};

const EPOCH: u64 = 5;
const NOW: Instant = Instant::ORIGIN;
const ALL: Batch = Batch { events: usize::MAX, bytes: usize::MAX };

fn hub(max_events: usize) -> Hub<u32> {
    let mut config = Config::default();
    config.max_events = max_events;
    Hub::new(config, EPOCH)
}

fn publish(hub: &mut Hub<u32>, topic: &str) -> u64 {
    hub.publish(topic, 0, 10, None, NOW).unwrap().cursor.offset
}

fn subscribe(
    hub: &mut Hub<u32>,
    topics: &[&str],
    subscription: impl Into<Subscription>,
) -> SubscriberId {
    hub.subscribe(topics, subscription, NOW).unwrap().0
}

fn with_credit(credit: u64) -> Subscription {
    let mut subscription = Subscription::from(Start::Oldest);
    subscription.credit = Some(credit);
    subscription
}

fn slow(slow: SlowPolicy) -> Subscription {
    let mut subscription = Subscription::from(Start::Oldest);
    subscription.slow = slow;
    subscription
}

fn allowed_by(access: &Access) -> Subscription {
    let mut subscription = Subscription::from(Start::Oldest);
    subscription.access = Some(access.clone());
    subscription
}

/// What a read says, with offsets for events.
#[derive(Debug, PartialEq)]
enum Said {
    Events(Vec<u64>),
    Waiting,
    Reset(Reset),
    Ended(End),
}

fn read(hub: &mut Hub<u32>, id: SubscriberId) -> Said {
    match hub.read(id, ALL) {
        Read::Entries { entries, .. } => Said::Events(entries.map(|e| e.offset).collect()),
        Read::Waiting => Said::Waiting,
        Read::Reset(reset) => Said::Reset(reset),
        Read::Ended(end) => Said::Ended(end),
    }
}

fn expired(floor: u64, head: u64) -> Reset {
    let at = |offset| Cursor { epoch: EPOCH, offset };
    Reset { reason: ResetReason::Expired, floor: at(floor), head: at(head) }
}

#[test]
fn credit_bounds_what_is_read_but_for_the_last_event() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["a"], with_credit(20));
    for _ in 0..4 {
        publish(&mut hub, "a");
    }
    assert_eq!(read(&mut hub, id), Said::Events(vec![1, 2]));
    assert_eq!(read(&mut hub, id), Said::Waiting);
    assert_eq!(hub.next_ready(), None, "without credit nothing makes it ready");
    publish(&mut hub, "a");
    assert_eq!(hub.next_ready(), None);
    assert!(hub.credit(id, 1));
    assert_eq!(hub.next_ready(), Some(id));
    assert_eq!(read(&mut hub, id), Said::Events(vec![3]));
    assert!(hub.credit(id, 21));
    assert_eq!(read(&mut hub, id), Said::Events(vec![4, 5]));
}

#[test]
fn credit_that_comes_while_there_is_nothing_lets_it_wait_for_news() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["a"], with_credit(10));
    publish(&mut hub, "a");
    assert_eq!(read(&mut hub, id), Said::Events(vec![1]));
    assert_eq!(read(&mut hub, id), Said::Waiting);
    assert!(!hub.is_waiting(id), "it waits for credit, not for news");
    hub.credit(id, 0);
    assert_eq!(hub.next_ready(), None, "no credit is none");
    hub.credit(id, 10);
    assert_eq!((hub.next_ready(), hub.is_waiting(id)), (None, true));
    publish(&mut hub, "a");
    assert_eq!(hub.next_ready(), Some(id));
    assert_eq!(read(&mut hub, id), Said::Events(vec![2]));
}

#[test]
fn who_has_no_bound_needs_no_credit_and_who_is_gone_gets_none() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["a"], Start::Now);
    assert!(hub.credit(id, 1));
    assert_eq!(read(&mut hub, id), Said::Waiting);
    hub.unsubscribe(id);
    assert!(!hub.credit(id, 1));
}

#[test]
fn who_has_no_credit_lags_and_is_told_of_what_it_lost() {
    let mut hub = hub(2);
    let id = subscribe(&mut hub, &["a"], with_credit(10));
    for _ in 0..5 {
        publish(&mut hub, "a");
    }
    assert_eq!(read(&mut hub, id), Said::Reset(expired(4, 5)));
    assert_eq!(read(&mut hub, id), Said::Events(vec![4]));
}

#[test]
fn b16_credit_that_comes_late_finds_no_gap_where_none_is() {
    let mut hub = hub(2);
    let id = subscribe(&mut hub, &["a"], with_credit(10));
    let first = publish(&mut hub, "a");
    assert_eq!(read(&mut hub, id), Said::Events(vec![first]));
    assert_eq!(read(&mut hub, id), Said::Waiting);
    for _ in 0..5 {
        publish(&mut hub, "b");
    }
    assert!(hub.credit(id, 10));
    assert_eq!((hub.next_ready(), hub.is_waiting(id)), (None, true));
    let next = publish(&mut hub, "a");
    assert_eq!(hub.next_ready(), Some(id));
    assert_eq!(read(&mut hub, id), Said::Events(vec![next]));
}

#[test]
fn a_slow_reader_goes_on_with_the_oldest_or_the_latest_or_not_at_all() {
    let mut hub = hub(3);
    let policies = [SlowPolicy::Reset, SlowPolicy::Latest, SlowPolicy::Close];
    let ids = policies.map(|policy| subscribe(&mut hub, &["a"], slow(policy)));
    for topic in ["a", "a", "a", "a", "b"] {
        publish(&mut hub, topic);
    }
    assert_eq!(read(&mut hub, ids[0]), Said::Reset(expired(3, 5)));
    assert_eq!(read(&mut hub, ids[0]), Said::Events(vec![3, 4]));
    assert_eq!(read(&mut hub, ids[1]), Said::Reset(expired(3, 5)));
    assert_eq!(hub.position(ids[1]).unwrap().offset, 3);
    assert_eq!(read(&mut hub, ids[1]), Said::Events(vec![4]));
    assert_eq!(read(&mut hub, ids[2]), Said::Ended(End::Behind(expired(3, 5))));
    assert_eq!((hub.subscribers(), hub.position(ids[2])), (2, None));
    assert_eq!(read(&mut hub, ids[2]), Said::Waiting, "it is told once");
}

#[test]
fn b18_a_closed_topic_ends_who_waits_for_it_at_once() {
    let mut hub = hub(10);
    let (one, two) =
        (subscribe(&mut hub, &["a"], Start::Now), subscribe(&mut hub, &["a", "b"], Start::Now));
    assert_eq!((read(&mut hub, one), read(&mut hub, two)), (Said::Waiting, Said::Waiting));
    assert_eq!(hub.close("a"), Ok(true));
    assert_eq!((hub.next_ready(), hub.next_ready()), (Some(one), None));
    assert_eq!(read(&mut hub, one), Said::Ended(End::Closed));
    publish(&mut hub, "b");
    assert_eq!(hub.next_ready(), Some(two));
    assert_eq!(read(&mut hub, two), Said::Events(vec![1]));
    assert_eq!(read(&mut hub, two), Said::Waiting);
    assert_eq!((hub.close("a"), hub.close("b")), (Ok(false), Ok(true)));
    assert_eq!(hub.next_ready(), Some(two));
    assert_eq!(read(&mut hub, two), Said::Ended(End::Closed));
    assert_eq!(hub.subscribers(), 0);
}

#[test]
fn b18_what_a_closed_topic_had_is_read_first() {
    let mut hub = hub(10);
    publish(&mut hub, "a");
    let id = subscribe(&mut hub, &["a"], Start::Oldest);
    hub.close("a").unwrap();
    let refused = hub.publish("a", 0, 10, None, NOW);
    assert_eq!(refused, Err(PublishError::Closed));
    assert_eq!(read(&mut hub, id), Said::Events(vec![1]));
    assert_eq!(read(&mut hub, id), Said::Ended(End::Closed));
    let late = subscribe(&mut hub, &["a"], Start::Now);
    assert_eq!(read(&mut hub, late), Said::Ended(End::Closed));
    assert!(hub.slice(&["a"], Start::Now, ALL).unwrap().closed);
    assert!(!hub.slice(&["a", "unknown"], Start::Now, ALL).unwrap().closed);
}

#[test]
fn b18_who_waits_for_credit_is_told_of_the_end_once_some_has_come() {
    let mut hub = hub(10);
    publish(&mut hub, "a");
    let [at_head, behind] = [20, 10].map(|credit| {
        let id = subscribe(&mut hub, &["a"], with_credit(credit));
        assert_eq!(read(&mut hub, id), Said::Events(vec![1]));
        id
    });
    publish(&mut hub, "a");
    assert_eq!(read(&mut hub, at_head), Said::Events(vec![2]));
    assert_eq!((read(&mut hub, at_head), read(&mut hub, behind)), (Said::Waiting, Said::Waiting));

    assert_eq!((hub.close("a"), hub.next_ready()), (Ok(true), None));
    assert_eq!((read(&mut hub, at_head), read(&mut hub, behind)), (Said::Waiting, Said::Waiting));
    assert!(hub.credit(at_head, 1) && hub.credit(behind, 10));
    assert_eq!((hub.next_ready(), hub.next_ready()), (Some(at_head), Some(behind)));
    assert_eq!(read(&mut hub, at_head), Said::Ended(End::Closed));
    assert_eq!(read(&mut hub, behind), Said::Events(vec![2]));
    assert!(hub.credit(behind, 1));
    assert_eq!(read(&mut hub, behind), Said::Ended(End::Closed));
}

#[test]
fn closed_topics_are_remembered_up_to_the_limit() {
    let mut config = Config::default();
    config.max_closed_topics = 2;
    let mut hub: Hub<u32> = Hub::new(config, EPOCH);
    for topic in ["a", "b"] {
        hub.close(topic).unwrap();
    }
    assert_eq!(hub.publish("a", 0, 10, None, NOW), Err(PublishError::Closed));
    hub.close("c").unwrap();
    assert!(hub.publish("a", 0, 10, None, NOW).is_ok());
    assert_eq!(hub.publish("b", 0, 10, None, NOW), Err(PublishError::Closed));
    assert_eq!(hub.topics(), 3);
    let limit_bytes = 128;
    assert_eq!(hub.close(""), Err(PublishError::TopicLength { limit_bytes }));
    assert_eq!(hub.close(&"x".repeat(129)), Err(PublishError::TopicLength { limit_bytes }));
    assert_eq!(hub.close(&"x".repeat(128)), Ok(true));
}

#[test]
fn what_may_not_be_read_is_not_subscribed_to() {
    let mut hub = hub(10);
    let access = Access::new(|topic| topic == "a");
    let refused = hub.subscribe(&["a", "b"], allowed_by(&access), NOW);
    assert_eq!(refused, Err(SubscribeError::Forbidden));
    assert_eq!((hub.subscribers(), hub.topics()), (0, 0));
    assert!(hub.subscribe(&["a"], allowed_by(&access), NOW).is_ok());
}

#[test]
fn a_rule_holds_for_the_backlog_too() {
    let mut hub = hub(10);
    let is_open = Arc::new(AtomicBool::new(true));
    let rule = Arc::clone(&is_open);
    let access = Access::new(move |topic| topic == "a" || rule.load(Ordering::Relaxed));
    for topic in ["a", "b", "a", "b"] {
        publish(&mut hub, topic);
    }
    let id = subscribe(&mut hub, &["a", "b"], allowed_by(&access));
    is_open.store(false, Ordering::Relaxed);
    assert_eq!(read(&mut hub, id), Said::Events(vec![1, 3]));
    is_open.store(true, Ordering::Relaxed);
    publish(&mut hub, "b");
    assert_eq!(read(&mut hub, id), Said::Waiting, "what was lost once is asked for anew");
}

#[test]
fn who_waits_is_ended_once_its_rule_is_asked_again() {
    let mut hub = hub(10);
    let is_open = Arc::new(AtomicBool::new(true));
    let rule = Arc::clone(&is_open);
    let access = Access::new(move |_| rule.load(Ordering::Relaxed));
    let id = subscribe(&mut hub, &["a"], allowed_by(&access));
    let other = subscribe(&mut hub, &["a"], Start::Now);
    assert_eq!((read(&mut hub, id), read(&mut hub, other)), (Said::Waiting, Said::Waiting));
    hub.recheck();
    assert_eq!(hub.next_ready(), None);
    is_open.store(false, Ordering::Relaxed);
    hub.recheck();
    assert_eq!((hub.next_ready(), hub.next_ready()), (Some(id), None));
    assert_eq!(read(&mut hub, id), Said::Ended(End::Revoked));
    assert_eq!(hub.subscribers(), 1);
}

/// One that waits for credit has read all there is, and would never read again.
#[test]
fn who_waits_for_credit_is_ended_once_its_rule_is_asked_again() {
    let mut hub = hub(10);
    let is_open = Arc::new(AtomicBool::new(true));
    let rule = Arc::clone(&is_open);
    let access = Access::new(move |_| rule.load(Ordering::Relaxed));
    let mut subscription = allowed_by(&access);
    subscription.credit = Some(1);
    let id = subscribe(&mut hub, &["a"], subscription);
    publish(&mut hub, "a");
    assert_eq!(read(&mut hub, id), Said::Events(vec![1]));
    assert_eq!(read(&mut hub, id), Said::Waiting);
    is_open.store(false, Ordering::Relaxed);
    hub.recheck();
    assert_eq!((hub.next_ready(), hub.next_ready()), (Some(id), None));
    assert_eq!(read(&mut hub, id), Said::Ended(End::Revoked));
}

/// Who reads unasked leaves its turn behind; a thousand such turns must not pile up.
#[test]
fn turns_that_were_not_taken_do_not_pile_up() {
    let mut hub = hub(10);
    let id = subscribe(&mut hub, &["a"], Start::Now);
    for _ in 0..1_000 {
        while read(&mut hub, id) != Said::Waiting {}
        publish(&mut hub, "a");
    }
    assert_eq!((hub.next_ready(), hub.next_ready()), (Some(id), None));
    let used = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            while read(&mut hub, id) != Said::Waiting {}
            publish(&mut hub, "a");
        }
    });
    assert!(used.bytes_current < 1_000, "{} bytes", used.bytes_current);
}

/// Leaving one's seat moves another's: all orders of three readers of two topics.
#[test]
fn b33_b37_seats_that_are_given_up_leave_the_others_in_theirs() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut hub = hub(10);
        let ids = [["a", "b"], ["b", "a"], ["a", "b"]].map(|t| subscribe(&mut hub, &t, Start::Now));
        for id in ids {
            assert_eq!(read(&mut hub, id), Said::Waiting);
        }
        for (count, &gone) in order.iter().enumerate() {
            let topic = ["a", "b"][count % 2];
            assert!(hub.unsubscribe(ids[gone]));
            publish(&mut hub, topic);
            let mut left: Vec<_> = order[count + 1..].iter().map(|&index| ids[index]).collect();
            let mut named: Vec<_> = std::iter::from_fn(|| hub.next_ready()).collect();
            left.sort();
            named.sort();
            assert_eq!(named, left);
            for &id in &left {
                while read(&mut hub, id) != Said::Waiting {}
            }
        }
    }
}

/// What a store has lost, those who have read it are told; the others go on.
#[test]
fn b46_a_fork_resets_those_alone_who_have_read_what_was_lost() {
    let mut hub = hub(10);
    let topics = ["a"];
    for _ in 0..3 {
        publish(&mut hub, "a");
    }
    let at = |offset| Start::After(Cursor { epoch: EPOCH, offset });
    let (behind, ahead) =
        (subscribe(&mut hub, &topics, at(1)), subscribe(&mut hub, &topics, at(3)));
    let waits = subscribe(&mut hub, &topics, at(3));
    assert_eq!(read(&mut hub, waits), Said::Waiting);
    hub.fork(6, 2).unwrap();
    assert_eq!((hub.next_ready(), hub.next_ready()), (Some(waits), None));
    let cursor = |offset| Cursor { epoch: 6, offset };
    let lost = Reset { reason: ResetReason::Epoch, floor: cursor(1), head: cursor(2) };
    assert_eq!(read(&mut hub, waits), Said::Reset(lost));
    assert_eq!(read(&mut hub, waits), Said::Events(vec![1, 2]));
    assert_eq!(read(&mut hub, behind), Said::Events(vec![2]));
    publish(&mut hub, "a");
    let head = cursor(3);
    assert_eq!(
        read(&mut hub, ahead),
        Said::Reset(Reset { head, ..lost }),
        "also behind new events"
    );
    assert_eq!(read(&mut hub, behind), Said::Events(vec![3]));
    assert_eq!(hub.lineage().epoch(), 6);
}

#[test]
fn b44_a_log_that_is_restored_goes_on_with_its_cursors() {
    let mut before = hub(10);
    for _ in 0..4 {
        publish(&mut before, "a");
    }
    let mut hub: Hub<u32> = Hub::restored(Config::default(), before.lineage().clone(), 2);
    assert_eq!((publish(&mut hub, "a"), publish(&mut hub, "a")), (3, 4));
    let start = Start::After(Cursor { epoch: EPOCH, offset: 3 });
    let id = subscribe(&mut hub, &["a"], start);
    assert_eq!(read(&mut hub, id), Said::Events(vec![4]));
}

#[test]
fn b44_a_log_that_is_restored_knows_no_more_epochs_than_allowed() {
    let mut lineage = Lineage::new(1);
    lineage.fork(2, 10).unwrap();
    lineage.fork(3, 10).unwrap();
    for (max_epochs, known) in [(3, [1, 2, 3].as_slice()), (2, &[2, 3]), (1, &[3]), (0, &[3])] {
        let mut config = Config::default();
        config.max_epochs = max_epochs;
        let hub: Hub<u32> = Hub::restored(config, lineage.clone(), 10);
        let ancestors = hub.lineage().ancestors().map(|cursor| cursor.epoch);
        assert_eq!(ancestors.chain([hub.epoch()]).collect::<Vec<_>>(), known);
    }
}
