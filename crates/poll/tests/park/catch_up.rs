//! What a poll is told of the log.

use std::time::Duration;

use tidewire_hub::{Batch, Config, Cursor, ResetReason, Start};
use tidewire_poll::{Ask, ParkConfig, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, Told, after, seconds, told};

fn keeping(max_events: usize) -> Driver {
    let mut config = Config::default();
    config.max_events = max_events;
    Driver::with(ParkConfig::default(), config)
}

#[test]
fn b01_an_event_between_two_polls_is_in_the_next_answer() {
    let mut driver = Driver::new();
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 1)), Events(vec![2], 2, false));
}

#[test]
fn b02_an_event_right_after_asking_wakes() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    driver.assert_empty();
}

#[test]
fn b02_news_that_nobody_passed_on_are_found_at_the_deadline() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    assert_eq!(driver.next(), None);
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
}

#[test]
fn b03_a_poll_behind_the_head_is_not_held() {
    let mut driver = Driver::new();
    driver.publish_all(&["b", "a"]);
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![2], 2, false));
    driver.assert_empty();
}

#[test]
fn b04_a_poll_at_the_head_is_held() {
    let mut driver = Driver::new();
    driver.publish("a");
    driver.hold(&after(&["a"], 1));
    assert_eq!((driver.park.len(), driver.park.stats().groups, driver.next()), (1, 1, None));
}

#[test]
fn b05_a_poll_without_a_cursor_is_told_the_one_it_got() {
    let mut driver = Driver::new();
    driver.publish_all(&["a", "b", "a"]);
    let mut at_once = |start| {
        let wait = Duration::ZERO;
        driver.answer(&Ask { wait, ..Ask::new(&["a"], start) })
    };
    assert_eq!(at_once(Start::Now), Empty(3, Why::Timeout));
    assert_eq!(at_once(Start::Oldest), Events(vec![1, 3], 3, false));
    assert_eq!(at_once(Start::Last(1)), Events(vec![3], 3, false));
    assert_eq!(at_once(Start::Last(0)), Empty(3, Why::Timeout));
}

#[test]
fn b06_a_cursor_below_the_floor_is_reset_and_nothing_else() {
    let mut driver = keeping(1);
    driver.publish_all(&["a", "a"]);
    assert_eq!(driver.answer(&after(&["a"], 0)), Told::Reset(ResetReason::Expired));
    assert_eq!(driver.answer(&after(&["b"], 0)), Told::Reset(ResetReason::Expired));
    driver.assert_empty();
}

#[test]
fn b07_a_cursor_right_before_the_floor_is_none() {
    let mut driver = keeping(1);
    driver.publish_all(&["a", "a"]);
    assert_eq!(driver.answer(&after(&["a"], 1)), Events(vec![2], 2, false));
}

#[test]
fn b08_a_cursor_of_another_epoch_is_reset() {
    let mut driver = Driver::new();
    driver.publish("a");
    let foreign = Ask::new(&["a"], Start::After(Cursor { epoch: 6, offset: 1 }));
    assert_eq!(driver.answer(&foreign), Told::Reset(ResetReason::Epoch));
    driver.assert_empty();
}

#[test]
fn b09_a_cursor_ahead_of_the_head_is_never_held() {
    let mut driver = Driver::new();
    driver.hold(&after(&["a"], 0));
    assert_eq!(driver.answer(&after(&["a"], 1)), Told::Reset(ResetReason::Ahead));
    assert_eq!(driver.park.len(), 1);
}

#[test]
fn b11_two_events_of_one_instant_are_both_told() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish_all(&["a", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1, 2], 2, false))]);
}

#[test]
fn b12_answers_follow_each_other_without_a_hole() {
    let mut driver = Driver::new();
    driver.publish_all(&["a", "b", "a", "a", "b"]);
    let mut position = 0;
    for (told, next, more) in [(1, 1, true), (3, 3, true), (4, 5, false)] {
        let one = Ask { max: Batch { events: 1, bytes: 100 }, ..after(&["a"], position) };
        assert_eq!(driver.answer(&one), Events(vec![told], next, more));
        position = next;
    }
}

#[test]
fn b13_an_answer_keeps_to_the_smaller_of_both_limits_and_says_that_there_is_more() {
    let mut config = ParkConfig::default();
    config.max_batch = Batch { events: 2, bytes: 25 };
    let mut driver = Driver::with(config, Config::default());
    driver.publish_all(&["a", "a", "a"]);
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1, 2], 2, true));
    assert_eq!(driver.answer(&after(&["a"], 2)), Events(vec![3], 3, false));
    let one = Ask { max: Batch { events: 9, bytes: 19 }, ..after(&["a"], 0) };
    assert_eq!(driver.answer(&one), Events(vec![1], 1, true));
}

#[test]
fn b14_an_event_above_the_limit_is_told_alone() {
    let mut driver = Driver::new();
    let max = Batch { events: 9, bytes: 9 };
    let hold = driver.hold(&Ask { max, ..Ask::new(&["a"], Start::Now) });
    driver.publish_all(&["a", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, true))]);
}

#[test]
fn b15_an_empty_answer_moves_nobody_past_an_event() {
    let mut driver = Driver::new();
    let ends = driver.hold(&after(&["a"], 0));
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![ends], Empty(0, Why::Timeout))]);
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
}

#[test]
fn b16_events_of_other_topics_move_a_poll_along() {
    let mut driver = keeping(2);
    let hold = driver.hold(&after(&["a"], 0));
    driver.publish_all(&["b", "b", "b", "b"]);
    driver.pass_on();
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![hold], Empty(4, Why::Timeout))]);
    driver.publish("b");
    let at_once = Ask { wait: Duration::ZERO, ..after(&["a"], 4) };
    assert_eq!(driver.answer(&at_once), Empty(5, Why::Timeout));
}

#[test]
fn b17_news_that_were_dropped_before_the_answer_are_a_reset() {
    let mut driver = keeping(2);
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    driver.publish_all(&["a", "a"]);
    assert_eq!(driver.all(), [(vec![hold], Told::Reset(ResetReason::Expired))]);
    driver.assert_empty();
}

/// The group's topics stay the hub's as long as it is to be told of them.
#[test]
fn b17_an_event_of_a_quiet_topic_between_two_steps_is_not_lost() {
    let mut config = ParkConfig::default();
    config.max_holds_per_answer = 1;
    let mut driver = Driver::with(config, Config::default());
    let first = driver.hold(&Ask::new(&["a", "quiet"], Start::Now));
    let second = driver.hold(&Ask::new(&["a", "quiet"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.next(), Some((vec![first], Events(vec![1], 1, false))));
    driver.publish("quiet");
    assert_eq!(driver.next(), Some((vec![second], Events(vec![1, 2], 2, false))));
    driver.assert_empty();
}

#[test]
fn b18_a_poll_whose_topics_are_closed_is_told_so_at_once() {
    let mut driver = Driver::new();
    let of_both = driver.hold(&Ask::new(&["a", "b"], Start::Now));
    let of_one = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.hub.close("a").unwrap();
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![of_one], Empty(0, Why::Closed))]);
    assert_eq!(driver.answer(&Ask::new(&["a"], Start::Now)), Empty(0, Why::Closed));
    assert_eq!(driver.answer(&Ask::new(&["a", "a"], Start::Now)), Empty(0, Why::Closed));
    driver.publish("b");
    driver.hub.close("b").unwrap();
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![of_both], Events(vec![1], 1, false))]);
    assert_eq!(driver.answer(&after(&["a", "b"], 1)), Empty(1, Why::Closed));
    driver.assert_empty();
}

#[test]
fn b18_who_is_told_the_end_stays_away_for_a_minute() {
    let mut driver = Driver::new();
    driver.hold(&Ask::new(&["a"], Start::Now));
    driver.hub.close("a").unwrap();
    driver.pass_on();
    assert_eq!(driver.next_pause(), Some(seconds(60)));
    assert_eq!(driver.pause_of(&Ask::new(&["a"], Start::Now)), Some(seconds(60)));
}

#[test]
fn b18_b50_the_end_is_another_edition_once_the_topic_is_no_more_known_as_closed() {
    let mut park = ParkConfig::default();
    park.max_holds_per_answer = 1;
    let mut hub = Config::default();
    hub.max_closed_topics = 1;
    let mut driver = Driver::with(park, hub);
    for _ in 0..3 {
        driver.hold(&Ask::new(&["a"], Start::Now));
    }
    driver.hub.close("a").unwrap();
    driver.pass_on();
    let mut next = || {
        let answered = driver.park.next_answer(&mut driver.hub, driver.now).unwrap();
        (answered.edition, told(&answered.answer))
    };
    assert_eq!([next(), next()], [(1, Empty(0, Why::Closed)), (1, Empty(0, Why::Closed))]);
    driver.hub.close("b").unwrap();
    let answered = driver.park.next_answer(&mut driver.hub, driver.now).unwrap();
    assert_eq!((answered.edition, told(&answered.answer)), (2, Empty(0, Why::Timeout)));
    driver.assert_empty();
}

#[test]
fn b18_the_end_does_not_linger() {
    let mut config = ParkConfig::default();
    config.linger = seconds(1);
    let mut driver = Driver::with(config, Config::default());
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), []);
    driver.hub.close("a").unwrap();
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    let hold = driver.hold(&Ask::new(&["b"], Start::Now));
    driver.hub.close("b").unwrap();
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Empty(1, Why::Closed))]);
    driver.assert_empty();
}

/// A store that lost events takes them back: who has read further is told.
#[test]
fn b17_a_fork_below_a_poll_is_a_reset_at_once() {
    let mut driver = Driver::new();
    driver.publish_all(&["a", "a"]);
    let hold = driver.hold(&after(&["a"], 2));
    driver.hub.fork(6, 1).unwrap();
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Told::Reset(ResetReason::Epoch))]);
    driver.assert_empty();
}

#[test]
fn b19_several_topics_come_in_one_answer_in_the_order_of_the_log() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["b", "a"], Start::Now));
    driver.publish_all(&["a", "b", "x", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1, 2, 4], 4, false))]);
}
