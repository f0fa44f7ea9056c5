//! When a source comes back: never sooner than asked, never all at once, never without end.

mod kit;

use core::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_sse::{
    Action, Reconnect, ResponseHead, Source, SourceConfig, SourceState, StatusPolicy, Stop, Verdict,
};

use crate::kit::client::{Link, resilient};
use crate::kit::{dice, entropy, seconds};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

#[test]
fn retry_after_is_obeyed_in_bounds_and_jittered() {
    let wait = |fill, value: &'static [u8]| {
        let mut link = Link::connecting(resilient(), fill);
        assert_eq!(link.answer(503, Some(value)), Verdict::Retry);
        link.sit_out()
    };
    assert_eq!(wait(0, b"120"), 122 * SECOND);
    assert_eq!(wait(255, b"120"), 124 * SECOND);
    assert_eq!(wait(0, b"600"), 602 * SECOND);
    assert_eq!(wait(0, b"601"), 602 * SECOND);
    assert_eq!(wait(0, b"18446744073709551616"), 602 * SECOND);
    assert_eq!(wait(0, b"tomorrow"), 2 * SECOND);
}

#[test]
fn retry_after_may_be_a_date_if_the_response_has_one_to_hold_it_against() {
    let (now, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:51:37 GMT");
    let wait = |until: &str, date: Option<&str>| {
        let mut link = Link::connecting(resilient(), 0);
        let fields = [Some(("Retry-After", until)), date.map(|date| ("Date", date))];
        let head = ResponseHead::new(503, fields.into_iter().flatten());
        assert_eq!(link.source.on_response(&head, link.now), Verdict::Retry);
        link.sit_out()
    };
    assert_eq!(wait(later, Some(now)), 122 * SECOND);
    assert_eq!(wait(later, None), 2 * SECOND, "no clock here");
    assert_eq!(wait(later, Some("today")), 2 * SECOND);
    assert_eq!(wait(now, Some(later)), 2 * SECOND, "it has passed");
    assert_eq!(wait("Fri, 31 Dec 9999 23:59:59 GMT", Some(now)), 602 * SECOND);
    assert_eq!(wait("60", Some("today")), 62 * SECOND);
}

#[test]
fn waits_start_at_the_reconnection_time_and_double_with_each_failure_up_to_the_cap() {
    for (fill, waits) in [(0, [2, 2, 2, 2, 2, 2, 2]), (255, [4, 8, 16, 32, 60, 60, 60])] {
        let mut link = Link::connecting(SourceConfig::default(), fill);
        for wait in waits {
            assert_eq!(link.lose(), Verdict::Retry);
            assert_eq!(link.sit_out(), wait * SECOND);
        }
    }
}

#[test]
fn the_servers_retry_is_the_shortest_wait_within_floor_and_cap() {
    for (retry, shortest) in [
        ("5000", 5 * SECOND),
        ("0", 100 * MILLI),
        ("99", 100 * MILLI),
        ("101", 101 * MILLI),
        ("60000", 60 * SECOND),
        ("60001", 60 * SECOND),
        ("99999999999999999999999", 60 * SECOND),
    ] {
        let mut link = Link::open(SourceConfig::default(), 0);
        link.hear(format!("retry: {retry}\n").as_bytes());
        link.lose();
        assert_eq!(link.sit_out(), shortest, "{retry}");
        link.lose();
        assert_eq!(link.sit_out(), shortest, "the server's wish outlives the connection");
    }
}

#[test]
fn the_servers_retry_can_be_forgotten() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"id: 7\nretry: 9000\n\n");
    link.lose();
    link.source.forget_retry();
    assert_eq!(link.sit_out(), 9 * SECOND, "a wait that has begun stays");
    assert_eq!(link.resumes(), Some(b"7".to_vec()));
    link.lose();
    assert_eq!(link.sit_out(), 2 * SECOND);
    link.accept();
    link.hear(b"retry: 9000\n");
    link.lose();
    assert_eq!(link.sit_out(), 9 * SECOND, "it is said again");
}

#[test]
fn what_is_forgotten_on_an_open_stream_can_be_said_again() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"retry: 9000\ndata: a\n");
    link.source.forget_retry();
    assert_eq!(link.hear(b"data: b\n\n"), 1, "the block goes on");
    link.lose();
    assert_eq!(link.sit_out(), 2 * SECOND);
    link.accept();
    link.hear(b"retry: 8000\n");
    link.lose();
    assert_eq!(link.sit_out(), 8 * SECOND);
}

#[test]
fn no_reconnects_means_none() {
    let mut config = SourceConfig::default();
    config.max_reconnects = Some(0);
    let mut link = Link::open(config, 0);
    assert_eq!(link.lose(), Verdict::Stopped(Stop::GaveUp { reconnects: 0 }));
}

#[test]
fn a_retry_after_is_not_obeyed_where_none_is_to_be() {
    let mut config = resilient();
    config.max_retry_after = Duration::ZERO;
    let mut link = Link::connecting(config, 0);
    assert_eq!(link.answer(503, Some(b"120")), Verdict::Retry);
    assert_eq!(link.sit_out(), 2 * SECOND);
}

#[test]
fn clients_that_were_dropped_at_once_come_back_apart() {
    let wait = |seed| {
        let mut dice = dice(seed);
        let random = Entropy::new(move |bytes| bytes.fill_with(|| dice() as u8));
        let mut source = Source::new(SourceConfig::default(), random, seconds(0));
        source.next_action(seconds(0));
        source.on_end(seconds(0));
        source.deadline().unwrap()
    };
    let mut waits: Vec<Instant> = (0..100).map(wait).collect();
    waits.sort();
    waits.dedup();
    assert_eq!(waits.len(), 100);
    assert!(waits[0] >= seconds(2) && waits[99] <= seconds(4));
    assert!(waits[99].saturating_duration_since(waits[0]) > SECOND);
}

#[test]
fn a_server_that_accepts_and_drops_is_asked_ever_less_often() {
    let mut link = Link::connecting(SourceConfig::default(), 255);
    for wait in [4, 8, 16, 32, 60] {
        assert_eq!(link.accept(), Verdict::Open);
        link.hear(b": hello\n\ndata: no id\n\n");
        link.lose();
        assert_eq!(link.sit_out(), wait * SECOND);
    }
}

#[test]
fn a_new_id_is_progress_and_an_old_one_is_not() {
    let mut link = Link::open(SourceConfig::default(), 255);
    for (body, wait) in [("id: 1\n\n", 4), ("id: 1\n\n", 8), ("", 16), ("id: 2\n\n", 4)] {
        link.hear(body.as_bytes());
        link.lose();
        assert_eq!(link.sit_out(), wait * SECOND);
        link.accept();
    }
}

#[test]
fn to_stay_open_is_progress() {
    let mut link = Link::connecting(SourceConfig::default(), 255);
    for (open, wait) in [(9_999, 4), (9_999, 8), (10_000, 4), (9_999, 8)] {
        link.accept();
        link.now += open * MILLI;
        link.lose();
        assert_eq!(link.sit_out(), wait * SECOND);
    }
}

#[test]
fn a_slow_connect_does_not_count_as_open() {
    let mut link = Link::connecting(SourceConfig::default(), 255);
    for wait in [4, 8] {
        link.now += 20 * SECOND;
        link.lose();
        assert_eq!(link.sit_out(), wait * SECOND);
    }
}

#[test]
fn the_number_of_reconnects_without_progress_is_bounded_when_asked() {
    let mut config = SourceConfig::default();
    config.max_reconnects = Some(3);
    let mut link = Link::open(config, 0);
    link.hear(b"id: 1\n\n");
    for _ in 0..3 {
        assert_eq!(link.lose(), Verdict::Retry);
        link.sit_out();
        link.accept();
    }
    assert_eq!(link.lose(), Verdict::Stopped(Stop::GaveUp { reconnects: 3 }));
    assert_eq!((link.next(), link.source.deadline()), (None, None));
}

#[test]
fn progress_gives_all_reconnects_back() {
    let mut config = SourceConfig::default();
    config.max_reconnects = Some(1);
    let mut link = Link::open(config, 0);
    for id in 0..10 {
        link.hear(format!("id: {id}\n\n").as_bytes());
        assert_eq!(link.lose(), Verdict::Retry);
        link.sit_out();
        link.accept();
    }
}

#[test]
fn a_request_that_must_not_be_sent_twice_is_not() {
    let mut config = SourceConfig::default();
    config.reconnect = Reconnect::Never;
    assert_eq!(Link::connecting(config.clone(), 0).lose(), Verdict::Stopped(Stop::Ended));
    let mut link = Link::open(config, 0);
    link.hear(b"id: 7\ndata: x\n\n");
    let ended = link.source.on_end(link.now);
    assert_eq!((ended.open_block, ended.verdict), (false, Verdict::Stopped(Stop::Ended)));
}

#[test]
fn only_a_get_is_repeated_unasked() {
    assert_eq!(SourceConfig::for_method("GET"), SourceConfig::default());
    for method in ["POST", "PUT", "PATCH", "DELETE", "QUERY", "HEAD", "get", ""] {
        let mut link = Link::open(SourceConfig::for_method(method), 0);
        link.hear(b"id: 7\nretry: 1\ndata: x\n\n");
        assert_eq!(link.lose(), Verdict::Stopped(Stop::Ended), "{method}");
        link.now = seconds(1_000_000);
        assert_eq!((link.next(), link.source.deadline()), (None, None));
    }
}

#[test]
fn a_request_that_must_not_be_sent_twice_stops_with_the_trouble_it_met() {
    let mut config = SourceConfig::for_method("POST");
    config.status_policy = StatusPolicy::Resilient;
    let mut link = Link::connecting(config.clone(), 0);
    assert_eq!(link.answer(503, Some(b"1")), Verdict::Stopped(Stop::Status(503)));
    let mut link = Link::connecting(config, 0);
    link.now = seconds(30);
    let Some(Action::Disconnect(ended)) = link.next() else { panic!("too slow") };
    assert_eq!(ended.verdict, Verdict::Stopped(Stop::Ended));
}

#[test]
fn without_a_network_the_attempts_grow_apart_and_can_be_told_to_end() {
    let mut config = SourceConfig::default();
    config.max_reconnects = Some(5);
    let mut link = Link::connecting(config, 255);
    for wait in [4, 8, 16, 32, 60] {
        assert_eq!(link.lose(), Verdict::Retry);
        assert_eq!(link.sit_out(), wait * SECOND);
    }
    assert_eq!(link.lose(), Verdict::Stopped(Stop::GaveUp { reconnects: 5 }));
}

#[test]
fn the_longest_waits_that_can_be_written_do_not_overflow() {
    let mut config = resilient();
    (config.retry, config.max_wait) = (Duration::MAX, Duration::MAX);
    config.max_retry_after = Duration::MAX;
    let mut link = Link::connecting(config, 255);
    assert_eq!(link.answer(503, Some(b"99999999999999999999")), Verdict::Retry);
    assert_eq!(link.source.state(), SourceState::Waiting);
    assert_eq!(link.source.deadline(), Some(Instant::from_origin(Duration::MAX)));
}

#[test]
fn a_source_that_is_to_resume_or_stop_does_so() {
    let mut config = SourceConfig::default();
    config.reconnect = Reconnect::IfResumable;
    config.max_last_event_id_bytes = 4;
    assert_eq!(Link::open(config.clone(), 0).lose(), Verdict::Stopped(Stop::Ended));
    let after = |id: &str| {
        let mut link = Link::open(config.clone(), 0);
        link.hear(format!("id: {id}\n\n").as_bytes());
        link.lose()
    };
    assert_eq!(after("7"), Verdict::Retry);
    assert_eq!(after("7777"), Verdict::Retry);
    // No request can carry these, so it would begin anew.
    for id in ["a\u{1}", " 7", "77777"] {
        assert_eq!(after(id), Verdict::Stopped(Stop::Ended), "{id:?}");
    }
}

#[test]
fn a_clock_that_runs_backwards_shortens_no_wait() {
    let losses: [fn(&mut Link); 3] = [
        |link| _ = link.answer(503, None),
        |link| _ = link.lose(),
        |link| {
            link.accept();
            link.lose();
        },
    ];
    for lose in losses {
        let mut link =
            Link { source: Source::new(resilient(), entropy(0), seconds(0)), now: seconds(50) };
        assert_eq!(link.next(), Some(Action::Connect));
        link.now = seconds(70);
        assert_eq!(link.next(), None);
        link.now = seconds(1);
        lose(&mut link);
        assert_eq!(link.source.deadline(), Some(seconds(72)));
        assert_eq!(link.next(), None);
    }
}
