//! What an answer does to the cursor.

use tidewire_hub::{Cursor, Start};
use tidewire_poll::Verdict;

use super::{Driver, at, millis, seconds};

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
    assert_eq!(driver.poller.start(), Start::After(at(30)), "not told yet");
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
    let foreign = Cursor { epoch: 6, offset: 29 };
    for (next, is_news) in [(at(29), false), (at(30), false), (at(31), true), (foreign, false)] {
        assert_eq!(driver.poller.is_news(next), is_news);
    }
    driver.poller.delivered(at(29), false, None, driver.now);
    assert_eq!(driver.poller.start(), Start::After(at(30)));
}

#[test]
fn b76_a_log_that_forked_takes_the_cursor_along_into_its_new_epoch() {
    for offset in [30, 31] {
        let mut driver = Driver::long();
        driver.deliver(30);
        assert_eq!(driver.exchange(200), Verdict::ReadBody);
        let forked = Cursor { epoch: 6, offset };
        assert!(driver.poller.is_news(forked));
        driver.poller.delivered(forked, false, None, driver.now);
        assert_eq!(driver.poller.start(), Start::After(forked));
    }
}

#[test]
fn b63_all_ways_to_say_nothing_mean_nothing() {
    let mut driver = Driver::long();
    driver.deliver(4);
    for status in [204, 304] {
        driver.ask();
        assert_eq!(driver.respond_with(status, &[]), Verdict::NotModified);
        assert_eq!(driver.poller.start(), Start::After(at(4)));
        assert!(driver.pause() <= millis(50));
    }
    driver.deliver(4);
    assert_eq!(driver.poller.start(), Start::After(at(4)));
}

#[test]
fn b63_nothing_without_a_cursor_is_trouble() {
    for mut driver in [Driver::long(), Driver::interval(seconds(10))] {
        for (status, pause) in [(204, 500), (304, 1_000)] {
            assert_eq!(driver.exchange(status), Verdict::Retry);
            assert_eq!(driver.pause(), millis(pause));
        }
        driver.deliver(1);
        assert_eq!(driver.exchange(304), Verdict::NotModified);
    }
}

#[test]
fn b68_the_cursor_moves_only_once_the_batch_was_taken() {
    let mut driver = Driver::long();
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    assert_eq!(driver.poller.start(), Start::Now);
    driver.poller.delivered(at(2), false, None, driver.now);
    assert_eq!(driver.poller.start(), Start::After(at(2)));
    assert_eq!(driver.exchange(200), Verdict::ReadBody);
    driver.poller.pause();
    driver.poller.delivered(at(3), false, None, driver.now);
    assert_eq!(driver.poller.start(), Start::After(at(2)), "the answer was dropped");
}

/// Of two connections the older answer may be the later one.
#[test]
fn r19_an_answer_that_was_overtaken_does_not_turn_the_order_round() {
    let mut driver = Driver::long();
    driver.deliver(1);
    driver.ask();
    driver.poller.failed(driver.now);
    driver.ask();
    assert_eq!(driver.respond(200), Verdict::ReadBody);
    driver.poller.delivered(at(9), false, None, driver.now);
    assert_eq!(driver.respond(200), Verdict::Retry, "the first one's, with events up to 5");
    driver.poller.delivered(at(5), false, None, driver.now);
    assert_eq!(driver.ask().after, Start::After(at(9)));
}
