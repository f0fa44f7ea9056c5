//! Polls that end, come again, or come in the wrong order.

use tidewire_hub::Start;
use tidewire_poll::{Ask, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, after, of_client, seconds};

#[test]
fn b33_a_poll_whose_connection_ended_leaves_nothing_behind() {
    let mut driver = Driver::new();
    for woken in [false, true] {
        let ask = Ask { peer: Some(9), ..of_client(1, 1) };
        let hold = driver.hold(&ask);
        if woken {
            driver.publish("a");
            driver.pass_on();
        }
        assert!(driver.park.cancel(hold, &mut driver.hub));
        driver.assert_empty();
    }
    let stats = driver.park.stats();
    assert_eq!((stats.holds, stats.groups, stats.clients, stats.peers), (0, 0, 0, 0));
    assert_eq!(driver.hub.topics(), 1);
    assert_eq!(driver.all(), []);
}

#[test]
fn b34_an_answer_that_was_lost_is_given_again() {
    let mut driver = Driver::new();
    driver.hold(&after(&["a"], 0));
    driver.publish("a");
    driver.pass_on();
    driver.all();
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
}

#[test]
fn b35_an_answer_that_was_cut_off_is_given_again_whole() {
    let mut driver = Driver::new();
    driver.hold(&of_client(1, 1));
    driver.publish_all(&["a", "a"]);
    driver.pass_on();
    driver.all();
    let again = Ask { client: of_client(1, 2).client, ..after(&["a"], 0) };
    assert_eq!(driver.answer(&again), Events(vec![1, 2], 2, false));
}

#[test]
fn b36_cancelling_late_or_twice_does_not_touch_a_later_poll() {
    let mut driver = Driver::new();
    let old = driver.hold(&Ask::new(&["a"], Start::Now));
    assert!(driver.park.cancel(old, &mut driver.hub));
    let new = driver.hold(&Ask::new(&["a"], Start::Now));
    assert!(!driver.park.cancel(old, &mut driver.hub));
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![new], Empty(0, Why::Timeout))]);
    assert!(!driver.park.cancel(new, &mut driver.hub));
    driver.assert_empty();
}

#[test]
fn b38_a_later_poll_of_a_client_supersedes_the_earlier() {
    let mut driver = Driver::new();
    let old = driver.hold(&of_client(1, 1));
    let other = driver.hold(&of_client(2, 1));
    let new = driver.hold(&of_client(1, 2));
    assert!(driver.park.deadline() <= Some(driver.now));
    assert_eq!(driver.all(), [(vec![old], Empty(0, Why::Superseded))]);
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![other, new], Events(vec![1], 1, false))]);
    driver.assert_empty();
}

#[test]
fn b39_an_earlier_poll_that_comes_late_does_not_displace_the_later() {
    let mut driver = Driver::new();
    let new = driver.hold(&of_client(1, 7));
    assert_eq!(driver.answer(&of_client(1, 6)), Empty(0, Why::Superseded));
    assert_eq!(driver.all(), []);
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![new], Events(vec![1], 1, false))]);
}

#[test]
fn b40_a_retry_of_the_same_poll_takes_its_place() {
    let mut driver = Driver::new();
    let first = driver.hold(&of_client(1, 3));
    let retry = driver.hold(&of_client(1, 3));
    assert_eq!(driver.all(), [(vec![first], Empty(0, Why::Superseded))]);
    driver.publish("a");
    let again = Ask { start: Start::Oldest, ..of_client(1, 3) };
    assert_eq!(driver.answer(&again), Events(vec![1], 1, false));
    assert_eq!(driver.all(), [(vec![retry], Empty(0, Why::Superseded))]);
    driver.assert_empty();
}

#[test]
fn b38_a_superseded_poll_can_be_cancelled_before_it_is_told() {
    let mut driver = Driver::new();
    let old = driver.hold(&of_client(1, 1));
    let new = driver.hold(&of_client(1, 2));
    assert_eq!(driver.park.stats().superseded, 1);
    assert!(driver.park.cancel(old, &mut driver.hub));
    assert!(!driver.park.cancel(old, &mut driver.hub));
    assert_eq!((driver.park.stats().superseded, driver.all()), (0, vec![]));
    assert!(driver.park.cancel(new, &mut driver.hub));
    driver.assert_empty();
}

/// Where it stands is told, also if it had news already: they come with its next poll.
#[test]
fn b38_a_superseded_poll_is_moved_past_no_news() {
    let mut driver = Driver::new();
    let old = driver.hold(&of_client(1, 1));
    driver.publish_all(&["b", "a"]);
    driver.pass_on();
    let new = driver.hold(&of_client(1, 2));
    assert_eq!(driver.all(), [(vec![old], Empty(1, Why::Superseded))]);
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![new], Empty(2, Why::Timeout))]);
}

#[test]
fn b41_of_many_overlapping_polls_none_stays_unanswered() {
    let mut driver = Driver::new();
    let holds: Vec<_> = [4, 7, 7, 9].map(|seq| driver.hold(&of_client(1, seq))).into();
    assert_eq!(driver.answer(&of_client(1, 8)), Empty(0, Why::Superseded));
    driver.publish("a");
    driver.pass_on();
    let mut answered: Vec<_> = driver.all().into_iter().flat_map(|(holds, _)| holds).collect();
    answered.sort_unstable();
    assert_eq!(answered, holds);
    driver.assert_empty();
}

#[test]
fn b38_two_clients_under_one_name_do_not_release_each_other_without_pause() {
    let mut driver = Driver::new();
    driver.hold(&of_client(1, 1));
    driver.hold(&of_client(1, 2));
    assert_eq!(driver.next_pause(), Some(seconds(1)));
    assert_eq!(driver.pause_of(&of_client(1, 1)), Some(seconds(1)));
}
