//! What a poll is told of the log.

use std::time::Duration;

use tidewire_hub::{Batch, Config, Cursor, ResetReason, Start};
use tidewire_poll::{Ask, ParkConfig, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, Told, after, seconds};

#[test]
fn b1_b3_a_poll_behind_the_head_is_answered_at_once() {
    let mut driver = Driver::new();
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 1)), Events(vec![2], 2, false));
    driver.assert_empty();
}

#[test]
fn b2_an_event_right_after_asking_wakes_the_poll() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    driver.assert_empty();
}

#[test]
fn b2_news_that_nobody_passed_on_are_found_at_the_deadline() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    assert_eq!(driver.next(), None);
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
}

#[test]
fn b4_a_poll_at_the_head_is_held() {
    let mut driver = Driver::new();
    driver.publish("a");
    driver.hold(&after(&["a"], 1));
    assert_eq!((driver.park.len(), driver.park.groups(), driver.next()), (1, 1, None));
}

#[test]
fn b6_b8_b9_a_cursor_that_cannot_be_continued_is_never_held() {
    let mut config = Config::default();
    config.max_events = 1;
    let mut driver = Driver::with(ParkConfig::default(), config);
    driver.publish("a");
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Told::Reset(ResetReason::Expired));
    assert_eq!(driver.answer(&after(&["a"], 3)), Told::Reset(ResetReason::Ahead));
    let foreign = Ask::new(&["a"], Start::After(Cursor { epoch: 6, offset: 2 }));
    assert_eq!(driver.answer(&foreign), Told::Reset(ResetReason::Epoch));
    driver.assert_empty();
}

#[test]
fn b13_an_answer_keeps_to_the_smaller_of_both_limits() {
    let mut config = ParkConfig::default();
    config.max_batch.events = 2;
    let mut driver = Driver::with(config, Config::default());
    driver.publish_all(&["a", "a", "a"]);
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1, 2], 2, true));
    let one = Ask { max: Batch { events: 1, bytes: 100 }, ..after(&["a"], 0) };
    assert_eq!(driver.answer(&one), Events(vec![1], 1, true));
}

#[test]
fn b15_b16_an_empty_answer_moves_past_other_topics_and_no_further() {
    let mut driver = Driver::new();
    let hold = driver.hold(&after(&["a"], 0));
    driver.publish("b");
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![hold], Empty(1, Why::Timeout))]);
    driver.publish("b");
    let ask = Ask { wait: Duration::ZERO, ..after(&["a"], 1) };
    assert_eq!(driver.answer(&ask), Empty(2, Why::Timeout));
}

#[test]
fn b17_news_that_were_dropped_before_the_answer_are_a_reset() {
    let mut config = Config::default();
    config.max_events = 2;
    let mut driver = Driver::with(ParkConfig::default(), config);
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    driver.publish_all(&["a", "a"]);
    assert_eq!(driver.all(), [(vec![hold], Told::Reset(ResetReason::Expired))]);
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
