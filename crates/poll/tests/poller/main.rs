//! The client of both kinds of polling, one behaviour a test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::time::Duration;

use proptest::prelude::*;
use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Cursor, Start};
use tidewire_poll::{Mode, PollRequest, Poller, PollerConfig, Verdict};

/// A poller and the time it is driven by.
struct Driver {
    poller: Poller,
    now: Instant,
}

impl Driver {
    fn new(config: PollerConfig) -> Self {
        let entropy = Entropy::new(|bytes| bytes.fill(255));
        Self { poller: Poller::new(config, entropy, Instant::ORIGIN), now: Instant::ORIGIN }
    }

    fn long() -> Self {
        Self::new(PollerConfig::default())
    }

    fn interval(every: Duration) -> Self {
        let mut config = PollerConfig::default();
        config.mode = Mode::Interval { every };
        Self::new(config)
    }

    /// Asks and is told a status.
    fn exchange(&mut self, status: u16) -> Verdict {
        self.ask();
        self.poller.on_response(status, None, self.now)
    }

    fn ask(&mut self) -> PollRequest {
        let due = self.poller.deadline().unwrap();
        self.now = self.now.max(due);
        self.poller.next_ask(self.now).unwrap()
    }

    fn wait(&mut self, wait: Duration) -> Option<PollRequest> {
        self.now += wait;
        self.poller.next_ask(self.now)
    }

    /// How long until the next poll is due.
    fn pause(&self) -> Duration {
        self.poller.deadline().unwrap().saturating_duration_since(self.now)
    }

    fn deliver(&mut self, offset: u64) {
        assert_eq!(self.exchange(200), Verdict::ReadBody);
        self.poller.delivered(at(offset), false, None, self.now);
    }
}

fn at(offset: u64) -> Cursor {
    Cursor { epoch: 5, offset }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn b56_no_two_polls_are_under_way() {
    let mut driver = Driver::long();
    driver.deliver(0);
    driver.ask();
    assert_eq!(driver.wait(seconds(34)), None);
    assert_eq!(driver.poller.on_response(200, None, driver.now), Verdict::ReadBody);
    assert_eq!(driver.wait(seconds(29)), None);
    driver.poller.delivered(at(1), false, None, driver.now);
    assert_eq!(driver.ask().after, Start::After(at(1)));
    assert_eq!(driver.poller.next_ask(driver.now), None);
}

#[test]
fn b57_a_long_poll_follows_an_answer_at_once() {
    let mut driver = Driver::long();
    driver.deliver(1);
    assert_eq!(driver.pause(), Duration::ZERO);
    assert_eq!(driver.exchange(204), Verdict::NotModified);
    let later = driver.wait(seconds(1)).unwrap();
    assert_eq!((later.after, later.wait), (Start::After(at(1)), seconds(25)));
    assert_eq!(later.if_none_match, None);
}

/// Held from `now`, it would lose what is published between its failure and the next one.
#[test]
fn b62_no_poll_is_held_before_there_is_a_cursor() {
    for start in [Start::Now, Start::Oldest, Start::Last(3)] {
        let mut config = PollerConfig::default();
        config.start = start;
        let mut driver = Driver::new(config);
        for fails in [true, false] {
            let ask = driver.ask();
            assert_eq!((ask.after, ask.wait), (start, Duration::ZERO));
            assert_eq!(driver.poller.watchdog(), Some(driver.now + seconds(10)));
            if fails {
                driver.poller.failed(driver.now);
            }
        }
        assert_eq!(driver.poller.on_response(200, None, driver.now), Verdict::ReadBody);
        driver.poller.delivered(at(7), false, None, driver.now);
        assert_eq!(driver.pause(), Duration::ZERO);
        let ask = driver.ask();
        assert_eq!((ask.after, ask.wait), (Start::After(at(7)), seconds(25)));
    }
}

#[test]
fn b63_nothing_without_a_cursor_is_trouble() {
    for mut driver in [Driver::long(), Driver::interval(seconds(10))] {
        for (status, pause) in [(204, 500), (304, 1_000)] {
            assert_eq!(driver.exchange(status), Verdict::Retry);
            assert_eq!(driver.pause(), Duration::from_millis(pause));
        }
        driver.deliver(1);
        assert_eq!(driver.exchange(304), Verdict::NotModified);
    }
}

#[test]
fn b57_failures_back_off_until_the_next_success() {
    let mut driver = Driver::long();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        assert_eq!(driver.exchange(500), Verdict::Retry);
        pauses.push(driver.pause().as_millis());
    }
    assert_eq!(pauses, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    driver.deliver(1);
    assert_eq!(driver.exchange(503), Verdict::Retry);
    assert_eq!(driver.pause().as_millis(), 500);
}

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
fn b58_retry_after_is_a_floor_and_is_capped() {
    for (told, obeyed) in [(7, 7), (300, 300), (301, 300), (u64::MAX, 300)] {
        for status in [429, 503] {
            let mut driver = Driver::long();
            driver.ask();
            let verdict = driver.poller.on_response(status, Some(seconds(told)), driver.now);
            assert_eq!((verdict, driver.pause()), (Verdict::Retry, seconds(obeyed)));
        }
    }
}

#[test]
fn b59_the_watchdog_gives_a_poll_up_and_asks_again_from_the_same_cursor() {
    let mut driver = Driver::long();
    driver.deliver(3);
    driver.ask();
    let give_up = driver.poller.watchdog().unwrap();
    assert_eq!(give_up, driver.now + seconds(35));
    assert_eq!(driver.poller.deadline(), Some(give_up));
    assert_eq!(driver.wait(seconds(35)), None);
    assert_eq!(driver.poller.watchdog(), None);
    assert!(driver.pause() > Duration::ZERO);
    assert_eq!(driver.poller.on_response(200, None, driver.now), Verdict::Retry, "too late");
    assert_eq!(driver.ask().after, Start::After(at(3)));
}

#[test]
fn b59_a_body_that_does_not_come_is_given_up_too() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    assert_eq!(driver.wait(Duration::from_millis(29_999)), None);
    assert!(driver.poller.watchdog().is_some());
    assert_eq!(driver.wait(Duration::from_millis(1)), None);
    assert_eq!((driver.poller.watchdog(), driver.ask().after), (None, Start::Now));
}

#[test]
fn b60_a_client_error_stops() {
    for status in [400, 401, 403, 404, 405, 451, 499] {
        let mut driver = Driver::long();
        assert_eq!(driver.exchange(status), Verdict::Stopped, "{status}");
        assert!(driver.poller.is_stopped());
        assert_eq!((driver.poller.deadline(), driver.wait(seconds(1_000))), (None, None));
    }
}

#[test]
fn b60_a_reset_goes_on_from_the_cursor_that_it_names() {
    let mut driver = Driver::long();
    driver.deliver(30);
    assert_eq!(driver.exchange(410), Verdict::Reset);
    let resumed = Cursor { epoch: 6, offset: 2 };
    assert!(driver.poller.is_news(resumed));
    driver.poller.delivered(resumed, true, None, driver.now);
    assert_eq!(driver.ask().after, Start::After(resumed));
}

#[test]
fn b61_a_replayed_answer_is_no_news_and_does_not_move_the_cursor() {
    let mut driver = Driver::long();
    driver.deliver(30);
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    let foreign = Cursor { epoch: 6, offset: 99 };
    for (next, is_news) in [(at(29), false), (at(30), false), (at(31), true), (foreign, false)] {
        assert_eq!(driver.poller.is_news(next), is_news);
    }
    driver.poller.delivered(at(29), false, None, driver.now);
    assert_eq!(driver.poller.start(), Start::After(at(30)));
}

#[test]
fn b62_a_body_that_is_no_answer_backs_off_and_keeps_the_cursor() {
    let mut driver = Driver::long();
    driver.deliver(30);
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.rejected(driver.now);
    assert_eq!(driver.pause(), Duration::from_millis(500));
    assert_eq!(driver.ask().after, Start::After(at(30)));
}

#[test]
fn b62_a_failed_connection_backs_off_and_keeps_the_cursor() {
    let mut driver = Driver::long();
    for take in [false, true] {
        driver.ask();
        if take {
            driver.poller.on_response(200, None, driver.now);
        }
        driver.poller.failed(driver.now);
        assert!(driver.pause() > Duration::ZERO);
    }
    assert_eq!(driver.ask().after, Start::Now);
}

#[test]
fn b63_all_ways_to_say_nothing_mean_nothing() {
    let mut driver = Driver::long();
    driver.deliver(4);
    for status in [204, 304] {
        assert_eq!(driver.exchange(status), Verdict::NotModified);
        assert_eq!(driver.poller.start(), Start::After(at(4)));
        assert!(driver.pause() <= Duration::from_millis(50));
    }
    driver.deliver(4);
    assert_eq!(driver.poller.start(), Start::After(at(4)));
}

#[test]
fn b64_a_host_that_slept_sends_one_poll() {
    let mut driver = Driver::interval(seconds(10));
    driver.deliver(1);
    assert!(driver.wait(seconds(36_000)).is_some());
    assert_eq!(driver.poller.next_ask(driver.now), None);
    assert_eq!(driver.poller.on_response(304, None, driver.now), Verdict::NotModified);
    assert_eq!(driver.pause(), seconds(11));
}

#[test]
fn b65_the_kind_of_polling_changes_and_the_cursor_stays() {
    let mut driver = Driver::long();
    driver.deliver(8);
    driver.poller.set_mode(Mode::Interval { every: seconds(60) });
    let ask = driver.ask();
    assert_eq!((ask.after, ask.wait), (Start::After(at(8)), Duration::ZERO));
    assert_eq!(ask.if_none_match, Some(at(8)));
}

#[test]
fn b67_after_stop_nothing_is_asked() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.stop();
    driver.poller.delivered(at(1), true, None, driver.now);
    driver.poller.failed(driver.now);
    assert_eq!(driver.poller.on_response(200, None, driver.now), Verdict::Stopped);
    assert_eq!((driver.poller.deadline(), driver.wait(seconds(1_000))), (None, None));
    assert_eq!(driver.poller.start(), Start::Now);
}

#[test]
fn b68_the_cursor_moves_only_once_the_batch_was_taken() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    assert_eq!(driver.poller.start(), Start::Now);
    driver.poller.delivered(at(2), false, None, driver.now);
    assert_eq!(driver.poller.start(), Start::After(at(2)));
}

#[test]
fn interval_polls_follow_a_period_later_within_a_tenth() {
    for (fill, pause) in [(0, 9), (255, 11)] {
        let mut config = PollerConfig::default();
        config.mode = Mode::Interval { every: seconds(10) };
        let mut driver = Driver::new(config.clone());
        let entropy = Entropy::new(move |bytes| bytes.fill(fill));
        driver.poller = Poller::new(config, entropy, driver.now);
        driver.deliver(1);
        assert_eq!(driver.pause(), seconds(pause));
    }
}

#[test]
fn a_rhythm_that_the_server_proposes_does_not_stretch_the_period() {
    let (period, second) = (Duration::from_millis(220), seconds(1));
    let above = second + Duration::from_nanos(1);
    for (told, pause) in [(Duration::ZERO, period), (second, period), (above, above)] {
        let mut driver = Driver::interval(Duration::from_millis(200));
        assert_eq!(driver.exchange(200), Verdict::ReadBody);
        driver.poller.delivered(at(1), false, Some(told), driver.now);
        assert_eq!(driver.pause(), pause);
    }
}

#[test]
fn a_long_poll_obeys_even_a_second_but_for_the_first_that_is_not_held() {
    let mut driver = Driver::long();
    for pause in [0, 1] {
        assert_eq!(driver.exchange(200), Verdict::ReadBody);
        driver.poller.delivered(at(1), false, Some(seconds(1)), driver.now);
        assert_eq!(driver.pause(), seconds(pause));
    }
}

#[test]
fn the_server_may_ask_to_stay_away() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.delivered(at(1), true, Some(seconds(9)), driver.now);
    assert_eq!(driver.pause(), seconds(9));
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.delivered(at(2), true, Some(Duration::MAX), driver.now);
    assert_eq!(driver.pause(), seconds(300));
}

#[test]
fn each_status_has_a_verdict() {
    let verdict = |status| Driver::long().exchange(status);
    for status in [0, 100, 206, 301, 302, 307, 408, 425, 429, 500, 502, 503, 504, 599, 999] {
        assert_eq!(verdict(status), Verdict::Retry, "{status}");
    }
}

proptest! {
    /// Whatever happens when: one poll at a time, the loop never spins, time may run backwards.
    #[test]
    fn the_loop_never_spins(
        interval: bool,
        steps in prop::collection::vec((0..7_u8, 0..100_000_u64, any::<u16>()), 1..100),
    ) {
        let mut driver =
            if interval { Driver::interval(seconds(5)) } else { Driver::long() };
        for (step, millis, number) in steps {
            let now = match step {
                0 => Instant::from_origin(Duration::from_millis(millis)),
                _ => driver.now + Duration::from_millis(millis % 1_000),
            };
            driver.now = now;
            let poller = &mut driver.poller;
            let under_way = poller.watchdog().is_some_and(|give_up| give_up > now);
            match step {
                0 | 1 => {
                    let ask = poller.next_ask(now);
                    prop_assert!(ask.is_none() || !under_way);
                    while poller.next_ask(now).is_some() {}
                    prop_assert!(poller.deadline().is_none_or(|deadline| deadline > now));
                }
                2 => {
                    let status = [200, 204, 410, 503][usize::from(number % 4)];
                    poller.on_response(status, Some(Duration::from_millis(millis)), now);
                }
                3 => poller.delivered(at(number.into()), number % 2 == 0, None, now),
                4 => poller.rejected(now),
                5 => poller.failed(now),
                _ => {
                    let (kept, before) = (poller.start(), poller.is_news(at(number.into())));
                    poller.delivered(at(number.into()), false, None, now);
                    prop_assert!(poller.start() == kept || before);
                }
            }
        }
    }
}
