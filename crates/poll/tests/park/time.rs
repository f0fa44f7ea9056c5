//! How long a poll is held.

use std::collections::BTreeSet;
use std::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Batch, Config, Start};
use tidewire_poll::{Ask, ParkConfig, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, seconds};

const TO_A: &[&str] = &["a"];

fn waiting(wait: Duration) -> Ask<'static> {
    Ask { wait, ..Ask::new(TO_A, Start::Now) }
}

fn without_jitter() -> Driver {
    let mut config = ParkConfig::default();
    config.jitter_percent = 0;
    Driver::with(config, Config::default())
}

#[test]
fn b21_no_wait_is_answered_at_once() {
    let mut driver = Driver::new();
    assert_eq!(driver.answer(&waiting(Duration::ZERO)), Empty(0, Why::Timeout));
    driver.assert_empty();
    assert_eq!(driver.hub.topics(), 0);
}

#[test]
fn b21_a_shorter_wait_than_allowed_is_stretched() {
    let mut driver = without_jitter();
    let shortest = seconds(1);
    assert_eq!(driver.park.wait(Duration::from_nanos(1)), shortest);
    assert_eq!(driver.park.wait(shortest + TICK), shortest + TICK);
    driver.hold(&waiting(shortest - TICK));
    assert_eq!(driver.park.deadline(), Some(driver.now + shortest));

    let mut config = ParkConfig::default();
    config.min_wait = seconds(56);
    let driver = Driver::with(config, Config::default());
    assert_eq!(driver.park.wait(shortest), seconds(55));
}

#[test]
fn b22_a_longer_wait_than_allowed_is_cut_and_told() {
    let mut driver = without_jitter();
    assert_eq!(driver.park.wait(seconds(54)), seconds(54));
    assert_eq!(driver.park.wait(Duration::MAX), seconds(55));
    driver.hold(&waiting(Duration::MAX));
    assert_eq!(driver.park.deadline(), Some(driver.now + seconds(55)));
}

#[test]
fn b23_jitter_is_taken_off_the_wait() {
    for (fill, held) in [(0, 25_000), (255, 22_500)] {
        let mut driver = Driver::new();
        driver.entropy = Entropy::new(move |bytes| bytes.fill(fill));
        driver.hold(&waiting(seconds(25)));
        let deadline = driver.now + Duration::from_millis(held);
        assert_eq!(driver.park.deadline(), Some(deadline));
    }
}

#[test]
fn b24_news_and_deadline_at_once_are_one_answer_with_the_news() {
    let mut driver = Driver::new();
    let hold = driver.hold(&waiting(seconds(25)));
    driver.wait(seconds(25));
    driver.publish("a");
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    driver.pass_on();
    assert_eq!(driver.all(), []);
    driver.assert_empty();
}

#[test]
fn b25_a_deadline_that_is_now_ends_a_poll_once() {
    let mut driver = Driver::new();
    let hold = driver.hold(&waiting(seconds(25)));
    driver.now = driver.park.deadline().unwrap();
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
    assert_eq!(driver.all(), []);
    driver.assert_empty();
}

#[test]
fn b26_time_that_runs_backwards_ends_nothing_early() {
    let mut driver = Driver::new();
    let hold = driver.hold(&waiting(seconds(25)));
    let asked = driver.now;
    for back in [500, 1_000] {
        driver.now = Instant::from_origin(seconds(1_000 - back));
        assert_eq!(driver.all(), []);
    }
    driver.now = asked + seconds(25);
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
}

#[test]
fn b27_a_leap_in_time_ends_all_in_bounded_steps() {
    let mut config = ParkConfig::default();
    config.max_holds_per_answer = 30;
    let mut driver = Driver::with(config, Config::default());
    let topics = [["a"], ["b"], ["c"]];
    let holds: BTreeSet<_> =
        (0..100).map(|hold| driver.hold(&Ask::new(&topics[hold % 3], Start::Now))).collect();
    driver.wait(seconds(3_600));
    let ended = driver.all();
    let sizes: Vec<_> = ended.iter().map(|(holds, _)| holds.len()).collect();
    assert_eq!(sizes, [30, 30, 30, 10]);
    assert!(ended.iter().all(|(_, told)| *told == Empty(0, Why::Timeout)));
    assert_eq!(ended.into_iter().flat_map(|(holds, _)| holds).collect::<BTreeSet<_>>(), holds);
    driver.assert_empty();
}

/// Only differences count: a park whose origin lies elsewhere does the same.
#[test]
fn b28_no_clock_but_the_callers_counts() {
    let held = |origin| {
        let mut driver = Driver::new();
        driver.now = Instant::from_origin(origin);
        driver.hold(&waiting(seconds(25)));
        driver.park.deadline().unwrap().saturating_duration_since(driver.now)
    };
    assert_eq!(held(seconds(0)), held(seconds(1 << 32)));
}

#[test]
fn b29_a_deadline_is_early_by_a_tick_at_most_and_never_late() {
    let mut driver = without_jitter();
    assert_eq!(driver.park.deadline(), None);
    let wait = seconds(25) + Duration::from_millis(3);
    let hold = driver.hold(&waiting(wait));
    let deadline = driver.park.deadline().unwrap();
    assert!(deadline <= driver.now + wait && driver.now + wait < deadline + TICK);
    let asked = driver.now;
    driver.now = asked + (seconds(25) - Duration::from_nanos(1));
    assert_eq!(driver.all(), []);
    driver.now = deadline;
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
}

/// One whose answers have room for three events, or 100 bytes.
fn lingering(linger: Duration) -> Driver {
    let mut config = ParkConfig::default();
    config.linger = linger;
    config.max_batch = Batch { events: 3, bytes: 100 };
    Driver::with(config, Config::default())
}

#[test]
fn b31_events_within_the_window_join_the_first() {
    let mut driver = lingering(seconds(1));
    let hold = driver.hold(&waiting(seconds(25)));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), []);
    assert_eq!(driver.park.deadline(), Some(driver.now + seconds(1)));
    let later = driver.hold(&waiting(seconds(25)));
    driver.wait(seconds(1) - TICK);
    driver.publish_all(&["b", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), []);
    driver.wait(TICK);
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1, 3], 3, false))]);
    driver.wait(seconds(1));
    assert_eq!(driver.all(), [(vec![later], Events(vec![3], 3, false))]);
    driver.assert_empty();
}

#[test]
fn b31_a_full_batch_ends_the_window() {
    let mut driver = lingering(seconds(1));
    let hold = driver.hold(&waiting(seconds(25)));
    for published in [1, 2] {
        driver.publish("a");
        driver.pass_on();
        assert_eq!(driver.all(), [], "{published} events");
    }
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1, 2, 3], 3, false))]);
    let hold = driver.hold(&waiting(seconds(25)));
    driver.publish_all(&["a", "a", "a", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![4, 5, 6], 6, true))]);
    driver.assert_empty();
}

#[test]
fn b31_a_batch_that_is_full_by_weight_ends_the_window() {
    for (second, is_full) in [(89, false), (90, true), (91, true)] {
        let mut driver = lingering(seconds(1));
        driver.hold(&waiting(seconds(25)));
        driver.publish("a");
        driver.pass_on();
        assert_eq!(driver.all(), []);
        driver.hub.publish("a", "", second, None, driver.now).unwrap();
        driver.pass_on();
        assert_eq!(driver.all().len(), usize::from(is_full), "{second}");
    }
}

#[test]
fn b31_the_window_passes_no_polls_deadline() {
    let mut driver = lingering(seconds(60));
    let first = driver.hold(&waiting(seconds(10)));
    let second = driver.hold(&waiting(seconds(20)));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), []);
    assert_eq!(driver.park.deadline(), Some(driver.now + seconds(9)));
    driver.wait(seconds(9));
    assert_eq!(driver.all(), [(vec![first, second], Events(vec![1], 1, false))]);
    driver.assert_empty();
}

#[test]
fn b31_a_poll_that_is_cancelled_in_the_window_leaves_nothing_behind() {
    let mut driver = lingering(seconds(1));
    let hold = driver.hold(&waiting(seconds(25)));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), []);
    assert!(driver.park.cancel(hold, &mut driver.hub));
    driver.assert_empty();
}

#[test]
fn b32_without_a_window_an_event_is_answered_at_once() {
    let mut driver = lingering(Duration::ZERO);
    let hold = driver.hold(&waiting(seconds(25)));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
}

/// The unit of the park's timers.
const TICK: Duration = Duration::from_millis(4);
