//! How long a poll is held.

use std::collections::BTreeSet;
use std::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Config, Start};
use tidewire_poll::{Ask, ParkConfig, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, after, of_client, seconds};

#[test]
fn b21_b74_no_wait_is_answered_at_once() {
    let mut driver = Driver::new();
    let ask = Ask { wait: Duration::ZERO, ..Ask::new(&["a"], Start::Now) };
    assert_eq!(driver.answer(&ask), Empty(0, Why::Timeout));
    driver.assert_empty();
    assert_eq!(driver.hub.topics(), 0);
}

#[test]
fn b22_a_longer_wait_than_allowed_is_cut_and_told() {
    let mut config = ParkConfig::default();
    config.jitter_percent = 0;
    let mut driver = Driver::with(config, Config::default());
    assert_eq!(driver.park.wait(seconds(54)), seconds(54));
    assert_eq!(driver.park.wait(Duration::MAX), seconds(55));
    driver.hold(&Ask { wait: Duration::MAX, ..Ask::new(&["a"], Start::Now) });
    assert_eq!(driver.park.deadline(), Some(driver.now + seconds(55)));
}

#[test]
fn b23_jitter_is_taken_off_the_wait() {
    for (fill, held) in [(0, 25_000), (255, 22_500)] {
        let mut driver = Driver::new();
        driver.entropy = Entropy::new(move |bytes| bytes.fill(fill));
        driver.hold(&Ask::new(&["a"], Start::Now));
        let deadline = driver.now + Duration::from_millis(held);
        assert_eq!(driver.park.deadline(), Some(deadline));
    }
}

#[test]
fn b24_news_and_deadline_at_once_are_one_answer_with_the_news() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.wait(seconds(25));
    driver.publish("a");
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    driver.pass_on();
    assert_eq!(driver.all(), []);
    driver.assert_empty();
}

#[test]
fn b25_b29_a_deadline_fires_once_and_not_a_tick_before() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.wait(Duration::from_millis(22_500) - TICK);
    assert_eq!(driver.all(), []);
    driver.wait(TICK);
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
    assert_eq!(driver.all(), []);
    driver.assert_empty();
}

#[test]
fn b26_time_that_runs_backwards_ends_nothing_early() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    let asked = driver.now;
    for back in [500, 1_000] {
        driver.now = Instant::from_origin(seconds(1_000 - back));
        assert_eq!(driver.all(), []);
    }
    driver.now = asked + seconds(25);
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
}

#[test]
fn b27_a_leap_in_time_ends_all_one_answer_a_call() {
    let mut driver = Driver::new();
    let holds: BTreeSet<_> = (0..100).map(|_| driver.hold(&Ask::new(&["a"], Start::Now))).collect();
    driver.wait(seconds(3_600));
    let ended: Vec<_> = driver.all();
    assert!(ended.iter().all(|(holds, told)| holds.len() == 1 && *told == Empty(0, Why::Timeout)));
    assert_eq!(ended.into_iter().flat_map(|(holds, _)| holds).collect::<BTreeSet<_>>(), holds);
    driver.assert_empty();
}

#[test]
fn b42_draining_answers_all_within_its_time_and_holds_no_more() {
    let mut driver = Driver::new();
    let short = driver.hold(&Ask { wait: seconds(2), ..Ask::new(&["a"], Start::Now) });
    let long = driver.hold(&Ask::new(&["b"], Start::Now));
    let old = driver.hold(&of_client(1, 1));
    driver.hold(&of_client(1, 2));
    driver.park.drain(&mut driver.entropy, driver.now);
    assert_eq!(driver.all(), [(vec![old], Empty(0, Why::Superseded))]);
    assert_eq!(driver.answer(&Ask::new(&["a"], Start::Now)), Empty(0, Why::Drain));
    driver.wait(seconds(2));
    assert_eq!(driver.all(), [(vec![short], Empty(0, Why::Drain))]);
    driver.wait(seconds(8));
    let ended = driver.all();
    assert_eq!(ended.len(), 2);
    assert!(ended.contains(&(vec![long], Empty(0, Why::Drain))));
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
    driver.assert_empty();
}

/// Those who were held come back over as long as the configured rate needs for all of them.
#[test]
fn b42_b51_draining_makes_no_storm_of_polls() {
    let mut config = ParkConfig::default();
    config.comeback_polls_per_second = 2;
    let mut driver = Driver::with(config, Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    for _ in 0..10 {
        driver.hold(&ask);
    }
    let Driver { park, entropy, now, .. } = &mut driver;
    park.drain(entropy, *now);
    park.drain(entropy, *now);
    assert_eq!(driver.pause_of(&ask), Some(seconds(1 + 5)));
    driver.wait(seconds(10));
    for _ in 0..10 {
        assert_eq!(driver.next_pause(), Some(seconds(1 + 5)));
    }
    driver.assert_empty();
    let interval = Ask { wait: Duration::ZERO, ..ask };
    assert_eq!(driver.pause_of(&ask), Some(seconds(1 + 5)), "the crowd is still on its way");
    assert_eq!(driver.pause_of(&interval), Some(seconds(1 + 5)));
}

/// The unit of the park's timers.
const TICK: Duration = Duration::from_millis(4);
