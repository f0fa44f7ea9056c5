//! How often polls are sent: the bucket, the period and what the server's hint does to both.

use std::time::Duration;

use tidewire_core::Instant;
use tidewire_poll::{Mode, PollerConfig, Verdict};

use super::{Driver, at, millis, seconds};

#[test]
fn b55_polls_keep_to_the_rate_however_fast_the_events() {
    let mut driver = Driver::long();
    let mut asked = 0;
    while driver.now < Instant::from_origin(seconds(10)) {
        asked += 1;
        assert_eq!(driver.exchange(200), Verdict::ReadBody);
        driver.poller.delivered(at(asked), true, None, driver.now);
    }
    assert_eq!(asked, 202);
}

#[test]
fn b55_the_bucket_refills_as_the_server_hints() {
    let mut driver = Driver::long();
    driver.deliver(1);
    driver.wait(seconds(60));
    driver.poller.failed(driver.now);
    for (offset, pause) in [(2, 0), (3, 4), (4, 4)] {
        driver.hint(offset, true, seconds(4));
        assert_eq!(driver.pause(), seconds(pause), "at {offset}");
    }
    driver.hint(5, true, seconds(0));
    assert_eq!(driver.pause(), millis(50), "also what was spent before comes back at the new rate");
    for (offset, pause) in [(6, 50), (7, 50)] {
        driver.deliver(offset);
        assert_eq!(driver.pause(), millis(pause), "at {offset}");
    }
}

#[test]
fn b55_a_burst_of_zero_counts_as_one() {
    let mut config = PollerConfig::default();
    config.burst = 0;
    let mut driver = Driver::new(config);
    driver.deliver(1);
    assert_eq!(driver.pause(), millis(50));
}

#[test]
fn b55_a_hint_where_there_is_no_more_is_a_pause_and_no_rate() {
    for burst in [1, 2] {
        let mut config = PollerConfig::default();
        config.burst = burst;
        let mut driver = Driver::new(config);
        driver.hint(1, false, seconds(60));
        assert_eq!(driver.pause(), seconds(72), "burst {burst}");
        for pause in [500, 1_000, 2_000] {
            driver.ask();
            driver.poller.failed(driver.now);
            assert_eq!(driver.pause(), millis(pause), "burst {burst}");
        }
    }
}

#[test]
fn b64_a_host_that_slept_between_two_polls_sends_one() {
    for mut driver in [Driver::interval(seconds(10)), Driver::long()] {
        driver.deliver(1);
        assert!(driver.wait(seconds(36_000)).is_some());
        assert_eq!(driver.poller.next_ask(driver.now), None);
    }
    let mut driver = Driver::interval(seconds(10));
    driver.deliver(1);
    assert!(driver.wait(seconds(36_000)).is_some());
    assert_eq!(driver.respond(304), Verdict::NotModified);
    assert_eq!(driver.pause(), seconds(11), "no period is made up for");
}

#[test]
fn b64_a_host_that_slept_in_a_poll_gives_it_up_and_sends_one() {
    let mut driver = Driver::long();
    driver.deliver(1);
    driver.ask();
    assert_eq!(driver.wait(seconds(36_000)), None);
    assert_eq!(driver.pause(), millis(500));
    driver.ask();
    assert_eq!(driver.wait(seconds(30)), None, "one is under way");
}

#[test]
fn b64_however_long_the_sleep_the_bucket_holds_no_more_than_a_burst() {
    let mut driver = Driver::long();
    driver.deliver(1);
    assert!(driver.wait(seconds(36_000)).is_some());
    for pause in [0, 50, 50] {
        assert_eq!(driver.respond(200), Verdict::ReadBody);
        driver.poller.delivered(at(2), true, None, driver.now);
        assert_eq!(driver.pause(), millis(pause));
        driver.ask();
    }
}

#[test]
fn interval_polls_follow_a_period_later_within_a_tenth() {
    for (byte, pause) in [(0, 9), (255, 11)] {
        let mut config = PollerConfig::default();
        config.mode = Mode::Interval { every: seconds(10) };
        let mut driver = Driver::drawing(byte, config);
        driver.deliver(1);
        assert_eq!(driver.pause(), seconds(pause));
        assert_eq!(driver.ask().if_none_match, Some(at(1)));
    }
}

#[test]
fn a_period_counts_from_poll_to_poll() {
    let mut driver = Driver::interval(seconds(10));
    driver.ask();
    driver.now += seconds(3);
    assert_eq!(driver.respond(200), Verdict::ReadBody);
    driver.poller.delivered(at(1), false, None, driver.now);
    assert_eq!(driver.pause(), seconds(8));
}

#[test]
fn a_hint_adapts_the_period_from_its_own_length_to_the_bound() {
    for (told, pause) in [(0, 11), (1, 11), (9, 11), (10, 12), (300, 360), (301, 360)] {
        let mut driver = Driver::interval(seconds(10));
        driver.hint(1, false, seconds(told));
        assert_eq!(driver.pause(), seconds(pause), "{told}");
        driver.deliver(2);
        assert_eq!(driver.pause(), seconds(11), "a hint counts for one poll");
    }
}

#[test]
fn a_rhythm_that_the_server_proposes_does_not_stretch_a_shorter_period() {
    let (period, second) = (millis(220), seconds(1));
    let above = second + Duration::from_nanos(5);
    for (told, pause) in [(Duration::ZERO, period), (second, period), (above, above + above / 5)] {
        let mut driver = Driver::interval(millis(200));
        driver.hint(1, false, told);
        assert_eq!(driver.pause(), pause);
    }
}

#[test]
fn a_long_poll_obeys_even_a_second_but_for_the_first_that_is_not_held() {
    let mut driver = Driver::long();
    for pause in [0, 1_200] {
        driver.hint(1, false, seconds(1));
        assert_eq!(driver.pause(), millis(pause));
    }
}

#[test]
fn a_hint_is_a_floor_with_a_fifth_on_top_and_is_capped() {
    for (byte, pauses) in [(0, [9, 300]), (255, [10, 360])] {
        let mut driver = Driver::drawing(byte, PollerConfig::default());
        for (told, pause) in [seconds(9), Duration::MAX].into_iter().zip(pauses) {
            driver.hint(1, false, told);
            assert_eq!(driver.pause().as_secs(), pause);
        }
    }
}
