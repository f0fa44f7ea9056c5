//! What is no answer, and how long a server in trouble is left alone.

use tidewire_core::Instant;
use tidewire_hub::Start;
use tidewire_poll::{PollerConfig, Verdict};

use super::{Driver, at, millis, seconds};

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn b58_retry_after_is_a_floor_that_is_capped() {
    for (told, obeyed) in [(7, 7), (300, 300), (301, 300), (u64::MAX, 300)] {
        for status in [429, 503] {
            for (byte, spread) in [(0, 0), (255, obeyed * 200)] {
                let mut driver = Driver::drawing(byte, PollerConfig::default());
                driver.ask();
                let told = told.to_string();
                let verdict = driver.respond_with(status, &[("Retry-After", &told)]);
                let pause = millis(obeyed * 1_000 + spread);
                assert_eq!((verdict, driver.pause()), (Verdict::Retry, pause), "{told}");
            }
        }
    }
}

#[test]
fn b58_retry_after_may_be_a_date() {
    let date = "Fri, 31 Dec 1999 23:59:30 GMT";
    for (later, pause) in [("Sat, 01 Jan 2000 00:00:00 GMT", 30_000), (date, 100), ("soon", 100)] {
        for field in ["Retry-After", "retry-after"] {
            let mut driver = Driver::drawing(0, PollerConfig::default());
            driver.ask();
            let verdict = driver.respond_with(503, &[("Date", date), (field, later)]);
            assert_eq!((verdict, driver.pause()), (Verdict::Retry, millis(pause)), "{later}");
        }
    }
}

#[test]
fn b62_a_page_of_something_between_is_trouble_and_the_cursor_stays() {
    for status in [200, 410] {
        for fields in [
            &[("Content-Type", "text/html; charset=utf-8")][..],
            &[("Content-Type", "text/html;application/json")],
            &[("Content-Type", "application/jsonp")],
            &[("Content-Type", "text/html"), JSON],
            &[("Content-Type", "")],
            &[("X-Type", "application/json")],
        ] {
            let mut driver = Driver::long();
            driver.deliver(30);
            driver.ask();
            assert_eq!(driver.respond_with(status, fields), Verdict::Retry, "{fields:?}");
            assert_eq!(driver.pause(), millis(500));
            assert_eq!(driver.ask().after, Start::After(at(30)));
        }
    }
}

#[test]
fn b62_the_media_type_counts_and_not_its_parameters() {
    for value in ["application/json; charset=utf-8", "Application/JSON ;x", "application/json;"] {
        let mut driver = Driver::long();
        driver.ask();
        assert_eq!(driver.respond_with(200, &[("content-type", value)]), Verdict::ReadBody);
    }
    let mut config = PollerConfig::default();
    config.media_type = "application/cbor";
    let mut driver = Driver::new(config);
    assert_eq!(driver.exchange(200), Verdict::Retry);
    driver.ask();
    let cbor = [("Content-Type", "application/cbor")];
    assert_eq!(driver.respond_with(200, &cbor), Verdict::ReadBody);
}

#[test]
fn b62_a_body_that_is_no_answer_backs_off_and_keeps_the_cursor() {
    let mut driver = Driver::long();
    driver.deliver(30);
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.rejected(driver.now);
    assert_eq!(driver.pause(), millis(500));
    assert_eq!(driver.ask().after, Start::After(at(30)));
}

#[test]
fn b62_a_failed_connection_backs_off_and_keeps_the_cursor() {
    let mut driver = Driver::long();
    for take in [false, true] {
        driver.ask();
        if take {
            driver.respond(200);
        }
        driver.poller.failed(driver.now);
        assert!(driver.pause() > seconds(0));
    }
    assert_eq!(driver.ask().after, Start::Now);
}

#[test]
fn any_other_status_is_trouble() {
    let verdict = |status| Driver::long().exchange(status);
    for status in [0, 100, 206, 301, 302, 307, 408, 425, 429, 500, 502, 503, 504, 599, 999] {
        assert_eq!(verdict(status), Verdict::Retry, "{status}");
    }
}

#[test]
fn b26_a_clock_that_runs_backwards_shortens_no_wait() {
    let mut steady = Driver::long();
    let mut turned = Driver::long();
    for driver in [&mut steady, &mut turned] {
        driver.now += seconds(100);
        driver.ask();
    }
    turned.now = Instant::ORIGIN;
    for driver in [&mut steady, &mut turned] {
        driver.respond(503);
    }
    assert_eq!(turned.poller.deadline(), steady.poller.deadline());
    assert_eq!(turned.poller.next_ask(Instant::ORIGIN), None);
}
