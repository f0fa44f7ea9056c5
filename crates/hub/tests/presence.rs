//! Who is told to have come and gone, one behaviour a test.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

use std::time::Duration;

use allocation_counter::measure;
use tidewire_core::{Instant, Timers};
use tidewire_hub::{JoinError, Presence, PresenceChange, PresenceConfig};

const LINGER: Duration = Duration::from_secs(60);

fn presence() -> Presence {
    Presence::new(PresenceConfig::default())
}

fn at(elapsed: Duration) -> Instant {
    Instant::from_origin(elapsed)
}

fn seconds(seconds: u64) -> Instant {
    at(Duration::from_secs(seconds))
}

fn joined(topic: &str, member: u64) -> PresenceChange {
    PresenceChange::Joined { topic: topic.into(), member }
}

fn left(topic: &str, member: u64) -> PresenceChange {
    PresenceChange::Left { topic: topic.into(), member }
}

/// All changes that there are to tell, after which there is none for now.
fn changes(presence: &mut Presence, now: Instant) -> Vec<PresenceChange> {
    let changes = std::iter::from_fn(|| presence.next_change(now)).collect();
    assert!(presence.deadline().is_none_or(|deadline| deadline > now));
    changes
}

#[test]
fn a_member_comes_with_its_first_connection_and_goes_after_its_last() {
    let mut presence = presence();
    for _ in 0..2 {
        presence.join("a", 1).unwrap();
    }
    assert_eq!(changes(&mut presence, seconds(0)), [joined("a", 1)]);
    assert!(presence.leave("a", 1, seconds(1)));
    assert_eq!(presence.deadline(), None);
    assert!(presence.leave("a", 1, seconds(2)));
    assert_eq!(changes(&mut presence, seconds(2)), []);
    assert_eq!(presence.deadline(), Some(seconds(62)));
    assert_eq!(changes(&mut presence, seconds(62)), [left("a", 1)]);
    assert_eq!(changes(&mut presence, seconds(1_000)), []);
}

#[test]
fn nobody_goes_a_tick_before_the_linger_is_over() {
    let mut presence = presence();
    presence.join("a", 1).unwrap();
    assert_eq!(changes(&mut presence, seconds(0)), [joined("a", 1)]);
    presence.leave("a", 1, seconds(0));
    assert_eq!(changes(&mut presence, at(LINGER - Timers::<()>::TICK)), []);
    assert_eq!(presence.members("a").collect::<Vec<_>>(), [1]);
    assert_eq!(changes(&mut presence, at(LINGER)), [left("a", 1)]);
}

#[test]
fn the_pause_between_two_polls_is_seen_by_nobody() {
    let mut presence = presence();
    presence.join("a", 1).unwrap();
    assert_eq!(changes(&mut presence, seconds(0)), [joined("a", 1)]);
    for poll in 1..10 {
        assert!(presence.leave("a", 1, seconds(poll * 50)));
        presence.join("a", 1).unwrap();
        assert_eq!(presence.deadline(), None);
        assert_eq!(changes(&mut presence, seconds(poll * 50 + 49)), []);
    }
}

#[test]
fn who_is_back_before_its_going_was_told_was_never_away() {
    let mut presence = presence();
    presence.join("a", 1).unwrap();
    assert_eq!(changes(&mut presence, seconds(0)), [joined("a", 1)]);
    presence.leave("a", 1, seconds(0));
    presence.join("a", 1).unwrap();
    assert_eq!(changes(&mut presence, seconds(1_000)), []);
}

#[test]
fn without_linger_a_member_goes_at_the_next_call_but_never_before_it_came() {
    let mut config = PresenceConfig::default();
    config.linger = Duration::ZERO;
    let mut presence = Presence::new(config);
    presence.join("a", 1).unwrap();
    presence.leave("a", 1, seconds(5));
    assert_eq!(changes(&mut presence, seconds(5)), [joined("a", 1), left("a", 1)]);
    presence.join("a", 1).unwrap();
    assert_eq!(changes(&mut presence, seconds(5)), [joined("a", 1)]);
}

#[test]
fn comings_are_told_in_the_order_of_the_calls_and_goings_as_the_lingers_end() {
    let mut presence = presence();
    for (topic, member) in [("b", 2), ("a", 9), ("a", 1)] {
        presence.join(topic, member).unwrap();
    }
    let came = [joined("b", 2), joined("a", 9), joined("a", 1)];
    assert_eq!(changes(&mut presence, seconds(0)), came);
    assert_eq!(presence.members("a").collect::<Vec<_>>(), [1, 9]);
    for (second, (topic, member)) in [("a", 1), ("b", 2), ("a", 9)].into_iter().enumerate() {
        presence.leave(topic, member, seconds(second as u64));
    }
    assert_eq!(changes(&mut presence, seconds(61)), [left("a", 1), left("b", 2)]);
    assert_eq!(changes(&mut presence, seconds(100)), [left("a", 9)]);
}

#[test]
fn somebody_who_came_is_told_at_once() {
    let mut presence = presence();
    assert_eq!(presence.deadline(), None);
    presence.join("a", 1).unwrap();
    assert_eq!(presence.deadline(), Some(Instant::ORIGIN));
}

#[test]
fn b26_time_that_runs_backwards_sends_nobody_away_early() {
    let mut presence = presence();
    presence.join("a", 1).unwrap();
    presence.leave("a", 1, seconds(100));
    assert_eq!(changes(&mut presence, seconds(50)), [joined("a", 1)]);
    assert_eq!(changes(&mut presence, seconds(159)), []);
    presence.join("a", 2).unwrap();
    presence.leave("a", 2, seconds(10));
    assert_eq!(changes(&mut presence, seconds(69)), [joined("a", 2)]);
    assert_eq!(changes(&mut presence, seconds(70)), [left("a", 2)]);
    assert_eq!(changes(&mut presence, seconds(160)), [left("a", 1)]);
}

#[test]
fn who_is_not_there_cannot_leave() {
    let mut presence = presence();
    presence.join("a", 1).unwrap();
    assert!(!presence.leave("b", 1, seconds(0)));
    assert!(!presence.leave("a", 2, seconds(0)));
    assert!(presence.leave("a", 1, seconds(0)));
    assert!(!presence.leave("a", 1, seconds(30)));
    assert_eq!(presence.deadline(), Some(Instant::ORIGIN));
    assert_eq!(changes(&mut presence, seconds(60)), [joined("a", 1), left("a", 1)]);
}

#[test]
fn one_member_more_than_the_limit_is_refused_and_nothing_changes() {
    let mut config = PresenceConfig::default();
    config.max_members = 2;
    let mut presence = Presence::new(config);
    presence.join("a", 1).unwrap();
    presence.join("b", 1).unwrap();
    presence.leave("b", 1, seconds(0));
    for topic in ["a", "c"] {
        assert_eq!(presence.join(topic, 2), Err(JoinError::Full { limit: 2 }));
    }
    presence.join("a", 1).unwrap();
    presence.join("b", 1).unwrap();
    assert_eq!((presence.len(), presence.count("a"), presence.count("c")), (2, 1, 0));
    assert_eq!(changes(&mut presence, seconds(60)), [joined("a", 1), joined("b", 1)]);
    presence.leave("b", 1, seconds(60));
    assert_eq!(changes(&mut presence, seconds(120)), [left("b", 1)]);
    assert_eq!(presence.join("c", 2), Ok(()));
}

#[test]
fn a_topic_has_a_name_no_longer_than_the_limit() {
    let mut presence = presence();
    let limit_bytes = 128;
    assert_eq!(presence.join(&"a".repeat(128), 1), Ok(()));
    assert_eq!(presence.join(&"a".repeat(129), 1), Err(JoinError::TopicLength { limit_bytes }));
    assert_eq!(presence.join("", 1), Err(JoinError::TopicLength { limit_bytes }));
}

#[test]
fn b33_a_topic_whose_last_member_went_leaves_nothing_behind() {
    let mut presence = presence();
    let visit = |presence: &mut Presence| {
        for topic in 0..100 {
            presence.join(&format!("topic{topic:03}"), 1).unwrap();
            presence.leave(&format!("topic{topic:03}"), 1, seconds(0));
        }
        assert_eq!(changes(presence, seconds(60)).len(), 200);
    };
    visit(&mut presence);
    assert_eq!((presence.len(), presence.is_empty(), presence.deadline()), (0, true, None));
    assert_eq!(measure(|| visit(&mut presence)).bytes_current, 0);
}

#[test]
fn an_empty_presence_owns_no_heap_and_asking_for_unknown_topics_leaves_nothing() {
    let made = measure(|| {
        let mut presence = presence();
        assert_eq!((presence.count("a"), presence.members("b").count()), (0, 0));
        assert!(!presence.leave("c", 1, seconds(0)));
        assert_eq!(presence.next_change(seconds(0)), None);
    });
    assert_eq!(made.count_total, 0);
}

/// All who may be there linger, each since another time, in one topic or each in its own. The lists
/// are at their largest just above a power of two.
#[test]
fn b54_a_presence_stays_within_the_formula_of_its_limits() {
    const MEMBERS: u64 = 4_100;
    for topics in [1, 10, MEMBERS] {
        let used = measure(|| {
            let mut presence = presence();
            for member in 0..MEMBERS {
                let topic = format!("topic{:04}", member % topics);
                let now = at(Duration::from_millis(14 * member));
                presence.join(&topic, member).unwrap();
                presence.leave(&topic, member, now);
            }
            std::mem::forget(presence);
        });
        let bound = MEMBERS * 300 + topics * (400 + 9) + LINGER.as_secs() * 4 * 600;
        assert!(used.bytes_current as u64 <= bound, "{} of {bound}", used.bytes_current);
    }
}
