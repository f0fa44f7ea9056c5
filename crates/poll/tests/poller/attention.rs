//! A poller that nobody looks at, that rests, or that changes its kind.

use tidewire_hub::Start;
use tidewire_poll::{Mode, PollerConfig, Verdict};

use super::{Driver, at, millis, seconds};

#[test]
fn b65_the_kind_of_polling_changes_and_the_cursor_stays() {
    let mut driver = Driver::long();
    driver.deliver(8);
    driver.poller.set_mode(Mode::Interval { every: seconds(10) }, driver.now);
    let ask = driver.ask();
    assert_eq!((ask.after, ask.wait), (Start::After(at(8)), seconds(0)));
    assert_eq!(ask.if_none_match, Some(at(8)));
    assert_eq!(driver.respond(304), Verdict::NotModified);
    assert_eq!(driver.pause(), seconds(11));
    driver.poller.set_mode(Mode::Long { wait: seconds(50) }, driver.now);
    let ask = driver.ask();
    assert_eq!((ask.after, ask.wait), (Start::After(at(8)), seconds(50)));
    assert!(driver.pause() <= seconds(60), "the rest of the period was not waited for");
}

#[test]
fn b65_hidden_it_polls_in_the_hidden_period_from_the_same_cursor() {
    let mut driver = Driver::long();
    driver.deliver(8);
    driver.ask();
    driver.poller.hide();
    assert_eq!(driver.respond(200), Verdict::ReadBody, "what is under way goes on");
    driver.poller.delivered(at(9), false, None, driver.now);
    assert_eq!(driver.pause(), seconds(66));
    let ask = driver.ask();
    assert_eq!((ask.after, ask.wait), (Start::After(at(9)), seconds(0)));
    assert_eq!(ask.if_none_match, Some(at(9)));
    assert_eq!(driver.respond(304), Verdict::NotModified);
    driver.now += seconds(5);
    driver.poller.resume(driver.now);
    assert_eq!(driver.pause(), seconds(0));
    let ask = driver.ask();
    assert_eq!((ask.after, ask.wait), (Start::After(at(9)), seconds(25)));
}

#[test]
fn paused_it_asks_nothing_and_drops_what_is_under_way() {
    let mut driver = Driver::long();
    driver.deliver(8);
    for reads in [false, true] {
        driver.ask();
        if reads {
            assert_eq!(driver.respond(200), Verdict::ReadBody);
        }
        driver.poller.pause();
        assert_eq!((driver.poller.deadline(), driver.poller.watchdog()), (None, None));
        assert_eq!(driver.wait(seconds(1_000)), None);
        assert_eq!(driver.respond(200), Verdict::Retry, "too late");
        driver.poller.delivered(at(9), false, None, driver.now);
        driver.poller.failed(driver.now);
        driver.poller.resume(driver.now);
        assert_eq!(driver.pause(), seconds(0), "to be paused is no failure");
    }
    assert_eq!(driver.ask().after, Start::After(at(8)));
}

/// A clock that stood still in the sleep does not tell, but the host may.
#[test]
fn b64_a_host_that_knows_that_it_slept_asks_anew_at_once() {
    let mut driver = Driver::long();
    driver.deliver(8);
    driver.ask();
    driver.poller.pause();
    driver.poller.resume(driver.now);
    assert!(driver.pause() <= millis(50));
    assert_eq!(driver.ask().after, Start::After(at(8)));
    assert_eq!(driver.poller.next_ask(driver.now), None);
}

#[test]
fn nothing_hurries_a_poll_that_trouble_or_the_server_put_off() {
    let mut driver = Driver::long();
    driver.deliver(8);
    assert_eq!(driver.exchange(503), Verdict::Retry);
    let backed_off = driver.pause();
    for _ in 0..3 {
        driver.poller.pause();
        driver.poller.pause();
        driver.poller.resume(driver.now);
        driver.poller.set_mode(Mode::Long { wait: seconds(1) }, driver.now);
        assert_eq!(driver.pause(), backed_off);
    }
    driver.hint(9, false, seconds(40));
    driver.poller.hide();
    driver.poller.resume(driver.now);
    assert_eq!(driver.pause(), seconds(48));
}

#[test]
fn nothing_hurries_past_the_bucket() {
    let mut config = PollerConfig::default();
    config.min_gap = seconds(1);
    let mut driver = Driver::new(config);
    let mut asked = 0;
    while asked < 10 {
        driver.poller.pause();
        driver.poller.resume(driver.now);
        if driver.poller.next_ask(driver.now).is_some() {
            asked += 1;
        } else {
            driver.now += millis(100);
        }
    }
    assert_eq!(driver.now.since_origin(), seconds(8));
}
