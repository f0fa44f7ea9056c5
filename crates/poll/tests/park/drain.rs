//! A server that goes away.

use std::time::Duration;

use tidewire_core::Instant;
use tidewire_hub::{Config, Start};
use tidewire_poll::{Ask, ParkConfig, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, after, of_client, seconds};

#[test]
fn b42_draining_answers_all_evenly_within_its_time() {
    let mut driver = Driver::new();
    let holds: Vec<_> = (0..4).map(|_| driver.hold(&Ask::new(&["a"], Start::Now))).collect();
    driver.park.drain(&mut driver.entropy, driver.now);
    for hold in holds {
        assert_eq!(driver.all(), []);
        let due = driver.now + Duration::from_millis(2_500);
        assert_eq!(driver.park.deadline(), Some(due));
        driver.now = due;
        assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Drain))]);
    }
    driver.assert_empty();
}

#[test]
fn b42_a_poll_whose_time_is_up_or_that_has_news_is_not_held_longer_by_a_drain() {
    let mut driver = Driver::new();
    let long = driver.hold(&Ask::new(&["b"], Start::Now));
    let old = driver.hold(&of_client(1, 1));
    driver.hold(&of_client(1, 2));
    let short = driver.hold(&Ask { wait: seconds(2), ..Ask::new(&["c"], Start::Now) });
    driver.park.drain(&mut driver.entropy, driver.now);
    assert_eq!(driver.all(), [(vec![old], Empty(0, Why::Superseded))]);
    driver.wait(seconds(2));
    assert_eq!(driver.all(), [(vec![short], Empty(0, Why::Drain))]);
    driver.publish("b");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![long], Events(vec![1], 1, false))]);
    driver.wait(seconds(8));
    assert_eq!(driver.all().len(), 1);
    driver.assert_empty();
}

#[test]
fn b42_a_park_that_drains_holds_no_more_and_still_tells_news() {
    let mut driver = Driver::new();
    driver.park.drain(&mut driver.entropy, driver.now);
    assert_eq!(driver.answer(&Ask::new(&["a"], Start::Now)), Empty(0, Why::Drain));
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
    driver.assert_empty();
}

#[test]
fn b42_without_a_window_all_go_at_once_and_time_may_run_backwards() {
    for (within, back, left) in [(Duration::ZERO, 0, 0), (seconds(10), 500, 9)] {
        let mut config = ParkConfig::default();
        config.drain_within = within;
        let mut driver = Driver::with(config, Config::default());
        for _ in 0..9 {
            driver.hold(&Ask::new(&["a"], Start::Now));
        }
        driver.park.drain(&mut driver.entropy, driver.now);
        driver.now = Instant::from_origin(seconds(1_000 - back));
        driver.all();
        assert_eq!(driver.park.len(), left);
    }
}

/// Those who were held come back over as long as the configured rate needs for all of them.
#[test]
fn b51_draining_makes_no_storm_of_polls() {
    const RATE: u32 = 20;
    let mut config = ParkConfig::default();
    config.comeback_polls_per_second = RATE;
    let mut driver = Driver::with(config, Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    for _ in 0..600 {
        driver.hold(&ask);
    }
    let began = driver.now;
    driver.park.drain(&mut driver.entropy, began);
    driver.park.drain(&mut driver.entropy, began);
    let mut back = vec![0_u32; 60];
    while let Some(due) = driver.park.deadline() {
        driver.now = due;
        let away = driver.next_pause().unwrap();
        let elapsed = (due + away).saturating_duration_since(began);
        back[elapsed.as_secs() as usize] += 1;
    }
    assert_eq!(back.iter().sum::<u32>(), 600);
    assert!(back.iter().all(|&polls| polls <= RATE + RATE / 10), "{back:?}");
    let still_away = Some(seconds(1 + 600 / u64::from(RATE)));
    assert_eq!(driver.pause_of(&ask), still_away, "the crowd is still on its way");
    let interval = Ask { wait: Duration::ZERO, ..ask };
    assert_eq!(driver.pause_of(&interval), still_away);
    driver.assert_empty();
}
