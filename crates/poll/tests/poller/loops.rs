//! When polls follow each other, and when none does.

use proptest::prelude::*;
use tidewire_core::Instant;
use tidewire_hub::Start;
use tidewire_poll::{PollerConfig, Verdict};

use super::{Driver, at, millis, seconds};

#[test]
fn b56_no_two_polls_are_under_way() {
    let mut driver = Driver::long();
    driver.deliver(0);
    driver.ask();
    assert_eq!(driver.wait(seconds(34)), None);
    assert_eq!(driver.respond(200), Verdict::ReadBody);
    assert_eq!(driver.wait(seconds(29)), None);
    driver.poller.delivered(at(1), false, None, driver.now);
    assert_eq!(driver.ask().after, Start::After(at(1)));
    assert_eq!(driver.poller.next_ask(driver.now), None);
}

#[test]
fn b57_a_long_poll_follows_an_answer_at_once() {
    let mut driver = Driver::long();
    driver.deliver(1);
    assert_eq!(driver.pause(), seconds(0));
    assert_eq!(driver.exchange(204), Verdict::NotModified);
    let later = driver.wait(seconds(1)).unwrap();
    assert_eq!((later.after, later.wait), (Start::After(at(1)), seconds(25)));
    assert_eq!(later.if_none_match, None);
}

#[test]
fn b57_failures_back_off_with_full_jitter_until_the_next_success() {
    let latest = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    for (byte, pauses) in [(255, latest), (0, [100; 8])] {
        let mut driver = Driver::drawing(byte, PollerConfig::default());
        for pause in pauses {
            assert_eq!(driver.exchange(500), Verdict::Retry);
            assert_eq!(driver.pause(), millis(pause));
        }
        driver.deliver(1);
        assert_eq!(driver.exchange(503), Verdict::Retry);
        assert_eq!(driver.pause(), millis(pauses[0]));
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
    assert!(driver.pause() > seconds(0));
    assert_eq!(driver.respond(200), Verdict::Retry, "too late");
    assert_eq!(driver.ask().after, Start::After(at(3)));
}

#[test]
fn b59_a_body_that_does_not_come_is_given_up_too() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    assert_eq!(driver.wait(millis(29_999)), None);
    assert!(driver.poller.watchdog().is_some());
    assert_eq!(driver.wait(millis(1)), None);
    assert_eq!((driver.poller.watchdog(), driver.ask().after), (None, Start::Now));
}

#[test]
fn b67_after_stop_nothing_is_asked_and_nothing_starts_it_again() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.stop();
    let poller = &mut driver.poller;
    poller.delivered(at(1), true, None, driver.now);
    poller.failed(driver.now);
    poller.pause();
    poller.resume(driver.now);
    assert!(poller.is_stopped());
    assert_eq!(driver.respond(200), Verdict::Stopped);
    assert_eq!((driver.poller.deadline(), driver.wait(seconds(1_000))), (None, None));
    assert_eq!(driver.poller.start(), Start::Now);
}

/// Held from `now`, it would lose what is published between its failure and the next one.
#[test]
fn no_poll_is_held_before_there_is_a_cursor() {
    for start in [Start::Now, Start::Oldest, Start::Last(3)] {
        let mut config = PollerConfig::default();
        config.start = start;
        let mut driver = Driver::new(config);
        for fails in [true, false] {
            let ask = driver.ask();
            assert_eq!((ask.after, ask.wait), (start, seconds(0)));
            assert_eq!(driver.poller.watchdog(), Some(driver.now + seconds(10)));
            if fails {
                driver.poller.failed(driver.now);
            }
        }
        assert_eq!(driver.respond(200), Verdict::ReadBody);
        driver.poller.delivered(at(7), false, None, driver.now);
        assert_eq!(driver.pause(), seconds(0));
        let ask = driver.ask();
        assert_eq!((ask.after, ask.wait), (Start::After(at(7)), seconds(25)));
    }
}

proptest! {
    /// Whatever happens when: one poll at a time, the loop never spins, time may run backwards.
    #[test]
    fn the_loop_never_spins(
        interval: bool,
        steps in prop::collection::vec((0..10_u8, 0..100_000_u64, any::<u16>()), 1..100),
    ) {
        let mut driver =
            if interval { Driver::interval(seconds(5)) } else { Driver::long() };
        for (step, after, number) in steps {
            let now = match step {
                0 => Instant::from_origin(millis(after)),
                _ => driver.now + millis(after % 1_000),
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
                    let away = after.to_string();
                    let json = ("Content-Type", "application/json");
                    driver.respond_with(status, &[json, ("Retry-After", &away)]);
                }
                3 => poller.delivered(at(number.into()), number % 2 == 0, None, now),
                4 => poller.rejected(now),
                5 => poller.failed(now),
                6 => poller.hide(),
                7 => poller.pause(),
                8 => poller.resume(now),
                _ => {
                    let (kept, before) = (poller.start(), poller.is_news(at(number.into())));
                    poller.delivered(at(number.into()), false, Some(millis(after)), now);
                    prop_assert!(poller.start() == kept || before);
                }
            }
        }
    }
}
