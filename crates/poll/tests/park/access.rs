//! What may be read, and what may be read no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tidewire_hub::{Access, SubscribeError};

use super::*;

/// A rule that allows `b` as long as the switch is on, and `a` always.
fn rule() -> (Arc<AtomicBool>, Access) {
    let is_open = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&is_open);
    (switch, Access::new(move |topic| topic == "a" || is_open.load(Ordering::Relaxed)))
}

fn allowed_by<'a>(access: &'a Access, topics: &'a [&'a str]) -> Ask<'a> {
    Ask { access: Some(access), ..Ask::new(topics, Start::Now) }
}

#[test]
fn what_may_not_be_read_is_refused_and_nothing_is_held() {
    let mut driver = Driver::new();
    let access = Access::new(|topic| topic == "a");
    let refused = driver.try_ask(&allowed_by(&access, &["a", "b"])).unwrap_err();
    assert_eq!((refused, refused.status()), (Refused::Topics(SubscribeError::Forbidden), 403));
    driver.assert_empty();
    driver.hold(&allowed_by(&access, &["a"]));
}

#[test]
fn polls_of_one_rule_share_an_answer_and_others_do_not() {
    let mut driver = Driver::new();
    let ((_, ours), (_, theirs)) = (rule(), rule());
    let holds = [&ours, &theirs, &ours].map(|rule| driver.hold(&allowed_by(rule, &["a"])));
    assert_eq!(driver.park.stats().groups, 2);
    driver.publish("a");
    driver.pass_on();
    let news = || Told::Events(vec![1], 1, false);
    let expected = [(vec![holds[0], holds[2]], news()), (vec![holds[1]], news())];
    assert_eq!(driver.all(), expected);
    driver.assert_empty();
}

#[test]
fn a_held_poll_whose_topics_are_revoked_ends_once_rules_are_asked_again() {
    let mut driver = Driver::new();
    let (switch, access) = rule();
    let hold = driver.hold(&allowed_by(&access, &["b"]));
    let other = driver.hold(&Ask::new(&["b"], Start::Now));
    driver.hub.recheck();
    driver.pass_on();
    assert_eq!(driver.all(), []);
    switch.store(false, Ordering::Relaxed);
    driver.hub.recheck();
    driver.pass_on();
    let answered = driver.park.next_answer(&mut driver.hub, driver.now).unwrap();
    assert_eq!((answered.holds, pause(&answered.answer)), (&[hold][..], Some(seconds(60))));
    assert_eq!(told(&answered.answer), Told::Empty(0, Why::Revoked));
    driver.publish("b");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![other], Told::Events(vec![1], 1, false))]);
    driver.assert_empty();
}

/// Its topic has no event and no other reader: it is forgotten with the poll, and its name with it.
#[test]
fn a_held_poll_that_a_fork_ends_may_read_what_it_might() {
    let mut driver = Driver::new();
    let (_, access) = rule();
    driver.publish("a");
    let hold = driver.hold(&allowed_by(&access, &["b"]));
    driver.hub.fork(8, 0).expect("a new epoch");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Told::Reset(ResetReason::Epoch))]);
    driver.assert_empty();
}

#[test]
fn an_answer_in_steps_is_another_edition_once_a_topic_is_revoked() {
    let mut park = ParkConfig::default();
    park.max_holds_per_answer = 1;
    let mut driver = Driver::with(park, Config::default());
    let (switch, access) = rule();
    for _ in 0..3 {
        driver.hold(&allowed_by(&access, &["a", "b"]));
    }
    driver.publish_all(&["b", "a"]);
    driver.pass_on();
    let both = || Told::Events(vec![1, 2], 2, false);
    assert_eq!(driver.next().map(|(_, told)| told), Some(both()));
    assert_eq!(driver.park.stats().editions, 1);
    switch.store(false, Ordering::Relaxed);
    let left = Told::Events(vec![2], 2, false);
    assert_eq!(driver.next().map(|(_, told)| told), Some(left));
    assert_eq!(driver.editions(), [(2, 1)]);
    driver.assert_empty();
}

#[test]
fn news_of_a_topic_that_was_revoked_are_left_out() {
    let mut driver = Driver::new();
    let (switch, access) = rule();
    let hold = driver.hold(&allowed_by(&access, &["a", "b"]));
    switch.store(false, Ordering::Relaxed);
    driver.publish_all(&["b", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Told::Events(vec![2], 2, false))]);
    driver.assert_empty();
}
