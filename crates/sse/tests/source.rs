//! The client's source: what it asks for, what it makes of answers, and how each state ends.

mod kit;

use core::time::Duration;

use proptest::prelude::*;
use tidewire_core::Instant;
use tidewire_sse::{
    Action, EventId, Item, LimitError, OnExcess, ResponseHead, Source, SourceConfig, SourceState,
    Stop, Verdict,
};

use crate::kit::client::{Link, resilient};
use crate::kit::{entropy, seconds};

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

#[test]
fn the_first_connect_is_due_at_once_and_only_once() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    assert_eq!(link.next(), None);
    assert_eq!(link.source.state(), SourceState::Connecting);
    let fields =
        [("Accept", b"text/event-stream".to_vec()), ("Cache-Control", b"no-cache".to_vec())];
    assert_eq!(link.request(), fields, "no empty Last-Event-ID");
}

#[test]
fn the_mime_type_of_the_answer_decides_and_its_parameters_do_not() {
    for (content_type, verdict) in [
        (Some("Text/Event-Stream; charset=latin1"), Verdict::Open),
        (Some("text/html"), Verdict::Stopped(Stop::ContentType)),
        (Some("text/event-streams"), Verdict::Stopped(Stop::ContentType)),
        (None, Verdict::Stopped(Stop::ContentType)),
    ] {
        let mut link = Link::connecting(resilient(), 0);
        let head = ResponseHead::new(200, content_type.map(|value| ("Content-Type", value)));
        assert_eq!(link.source.on_response(&head, link.now), verdict);
    }
}

#[test]
fn the_first_line_of_each_field_counts_and_names_in_any_case() {
    let stream = ("CONTENT-TYPE", "text/event-stream");
    for (fields, verdict) in [
        ([stream, ("Content-Type", "text/html")], Verdict::Open),
        ([("content-type", "text/html"), stream], Verdict::Stopped(Stop::ContentType)),
        ([("Content-Types", "text/html"), stream], Verdict::Open),
    ] {
        let mut link = Link::connecting(SourceConfig::default(), 0);
        assert_eq!(link.source.on_response(&ResponseHead::new(200, fields), link.now), verdict);
    }
}

#[test]
fn no_content_stops_for_good() {
    for config in [SourceConfig::default(), resilient()] {
        let mut link = Link::connecting(config, 0);
        assert_eq!(link.answer(204, None), Verdict::Stopped(Stop::NoContent));
        link.now = seconds(1_000_000);
        assert_eq!((link.next(), link.source.deadline()), (None, None));
        assert_eq!(link.lose(), Verdict::Stopped(Stop::NoContent));
    }
}

#[test]
fn other_answers_stop_as_in_browsers_unless_troubles_may_pass() {
    for status in
        [100, 201, 206, 300, 304, 305, 400, 401, 404, 408, 425, 429, 499, 500, 503, 599, 600]
    {
        let stopped = Verdict::Stopped(Stop::Status(status));
        assert_eq!(Link::connecting(SourceConfig::default(), 0).answer(status, None), stopped);
        let passes = matches!(status, 408 | 425 | 429 | 500 | 503 | 599);
        let verdict = if passes { Verdict::Retry } else { stopped };
        assert_eq!(Link::connecting(resilient(), 0).answer(status, None), verdict);
    }
}

#[test]
fn a_lost_stream_resumes_from_its_last_id() {
    let mut link = Link::open(SourceConfig::default(), 0);
    assert_eq!(link.hear(b"id: 7\ndata: x\n\nid: 8\ndata: cut"), 1);
    let ended = link.source.on_end(link.now);
    assert!(ended.open_block, "truncation does not look like success");
    assert_eq!(ended.verdict, Verdict::Retry);
    link.sit_out();
    assert_eq!(link.resumes(), Some(b"7".to_vec()));
    link.accept();
    assert_eq!(link.hear(b"\xef\xbb\xbfdata: y\n\n"), 1);
    assert_eq!(link.source.last_event_id(), "7");
}

#[test]
fn a_seeded_source_resumes_with_its_first_request() {
    let mut source = Source::new(SourceConfig::default(), entropy(0), seconds(0));
    source.seed_last_event_id(&EventId::from_static("7.42"));
    let mut link = Link { source, now: seconds(0) };
    assert_eq!(link.next(), Some(Action::Connect));
    assert_eq!(link.resumes(), Some(b"7.42".to_vec()));
}

#[test]
fn an_id_beyond_ascii_goes_out_as_utf8_and_an_illegal_one_is_left_out() {
    for (id, sent) in [("…", true), ("a b", true), (" 9", false), ("9 ", false), ("a\u{1}", false)]
    {
        let mut link = Link::open(SourceConfig::default(), 0);
        assert_eq!(link.hear(format!("id: {id}\ndata: x\n\n").as_bytes()), 1);
        assert_eq!(link.source.last_event_id(), id);
        assert_eq!(link.lose(), Verdict::Retry, "a poisoned ID does not kill the source");
        link.sit_out();
        assert_eq!(link.resumes(), sent.then(|| id.as_bytes().to_vec()), "{id:?}");
    }
}

#[test]
fn an_id_at_its_limit_is_sent_and_a_longer_one_left_out() {
    let mut config = SourceConfig::default();
    config.max_last_event_id_bytes = 4;
    let mut link = Link::open(config, 0);
    link.hear(b"id: abcd\n\n");
    assert_eq!(link.resumes(), Some(b"abcd".to_vec()));
    link.hear(b"id: abcde\n\n");
    assert_eq!(link.resumes(), None);
}

#[test]
fn a_silent_stream_is_dropped_and_any_byte_is_sound() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.now = seconds(59);
    assert_eq!(link.hear(b":"), 0);
    link.now = seconds(118);
    assert_eq!(link.hear(b""), 0);
    assert_eq!(link.next(), None);
    link.now = seconds(119);
    let Some(Action::Disconnect(ended)) = link.next() else { panic!("too silent") };
    assert!(ended.open_block);
    assert_eq!(ended.verdict, Verdict::Retry);
    link.sit_out();
}

#[test]
fn a_slow_connect_is_given_up_and_tried_again() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    link.now = seconds(30);
    let Some(Action::Disconnect(ended)) = link.next() else { panic!("too slow") };
    assert_eq!((ended.open_block, ended.verdict), (false, Verdict::Retry));
    assert_eq!(link.accept(), Verdict::Retry, "the answer came too late");
    link.sit_out();
}

#[test]
fn a_connect_is_slow_at_its_limit_and_not_before() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    link.now = seconds(29) + 999 * MILLI;
    assert_eq!(link.next(), None);
    assert_eq!(link.accept(), Verdict::Open);
}

#[test]
fn without_time_outs_nothing_is_ever_too_slow() {
    let mut config = SourceConfig::default();
    (config.connect_timeout, config.idle_timeout) = (None, None);
    let mut link = Link::connecting(config, 0);
    link.now = seconds(1_000_000);
    assert_eq!((link.next(), link.source.deadline()), (None, None));
    link.accept();
    link.now = seconds(2_000_000);
    assert_eq!((link.next(), link.source.deadline()), (None, None));
}

#[test]
fn an_id_can_be_seeded_between_two_connections() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"id: 7\n\n");
    link.lose();
    link.source.seed_last_event_id(&EventId::from_static("9"));
    link.sit_out();
    assert_eq!(link.resumes(), Some(b"9".to_vec()));
}

#[test]
fn bytes_of_a_connection_that_was_given_up_are_passed_over() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.lose();
    assert_eq!(link.hear(b"id: 7\ndata: x\n\n"), 0);
    assert_eq!(link.source.last_event_id(), "");
}

#[test]
fn an_excess_stops_the_source_when_it_is_to_fail() {
    let mut config = SourceConfig::default();
    config.limits.max_data_bytes = 3;
    config.limits.on_excess = OnExcess::Fail;
    let mut link = Link::open(config, 0);
    let limit = LimitError::Data { limit_bytes: 3 };
    let mut body = &b"data: abc\n\ndata: abcd\n\n"[..];
    assert!(matches!(link.source.decode(&mut body, link.now), Ok(Some(Item::Event(_)))));
    assert_eq!(link.source.decode(&mut body, link.now), Err(limit));
    assert_eq!(link.source.state(), SourceState::Stopped(Stop::Limit(limit)));
    assert_eq!((link.hear(b"data: x\n\n"), link.lose()), (0, Verdict::Stopped(Stop::Limit(limit))));
}

#[test]
fn an_excess_is_skipped_by_default_and_the_stream_goes_on() {
    let mut config = SourceConfig::default();
    config.limits.max_data_bytes = 3;
    let mut link = Link::open(config, 0);
    assert_eq!(link.hear(b"data: abcd\n\ndata: x\n\n"), 2);
    assert_eq!(link.source.state(), SourceState::Open);
}

#[test]
fn close_ends_every_state_once() {
    let mut waiting = Link::open(SourceConfig::default(), 0);
    waiting.lose();
    for mut link in [
        waiting,
        Link::connecting(SourceConfig::default(), 0),
        Link::open(SourceConfig::default(), 0),
    ] {
        link.source.close();
        link.source.close();
        assert_eq!(link.source.state(), SourceState::Stopped(Stop::Closed));
        link.now = seconds(1_000_000);
        assert_eq!((link.next(), link.source.deadline()), (None, None));
        assert_eq!(link.accept(), Verdict::Stopped(Stop::Closed));
    }
}

#[test]
fn an_event_without_an_id_bears_the_last_one_also_over_a_new_connection() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"id: 7\n\n");
    link.lose();
    link.sit_out();
    link.accept();
    let Ok(Some(Item::Event(event))) = link.source.decode(&mut &b"data: x\n\n"[..], link.now)
    else {
        panic!("an event")
    };
    assert_eq!(event.last_event_id(), "7");
}

#[test]
fn an_empty_id_makes_the_next_request_start_anew() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"id: 7\n\nid\n\n");
    assert_eq!(link.resumes(), None);
}

#[test]
fn an_id_counts_from_its_blank_line_on() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"id: 7\ndata: x\n");
    assert_eq!(link.resumes(), None, "the event is yet to come");
    link.hear(b"\n");
    assert_eq!(link.resumes(), Some(b"7".to_vec()));
}

#[test]
fn comments_are_told_to_who_wants_them() {
    let mut config = SourceConfig::default();
    config.interest.comments = true;
    let mut link = Link::open(config, 0);
    let told = link.source.decode(&mut &b": ping\n"[..], link.now);
    assert!(matches!(told, Ok(Some(Item::Comment(text))) if text.as_bytes() == b"ping"));
}

#[test]
fn whoever_listens_can_tell_a_pause_from_the_end() {
    let mut link = Link::open(SourceConfig::default(), 0);
    assert_eq!(link.lose(), Verdict::Retry);
    assert!(link.source.deadline().is_some(), "a pause has an end");
    link.source.close();
    assert_eq!(link.lose(), Verdict::Stopped(Stop::Closed));
    assert_eq!(link.source.deadline(), None, "the end has none");
}

#[test]
fn a_clock_that_runs_backwards_makes_nothing_early() {
    let source = Source::new(SourceConfig::default(), entropy(0), seconds(100));
    let mut link = Link { source, now: seconds(1) };
    assert_eq!(link.next(), None);
    link.now = seconds(100);
    assert_eq!(link.next(), Some(Action::Connect));
    link.now = seconds(1);
    link.accept();
    assert_eq!(link.next(), None);
    link.hear(b":\n");
    link.now = seconds(159);
    assert_eq!(link.next(), None, "silent for less than a minute");
    assert_eq!(link.lose(), Verdict::Retry);
}

#[test]
fn whatever_the_source_asks_for_can_be_sent() {
    for id in ["7.42", "\u{2026}", "caf\u{e9} 1", "\u{80}", " 7", "7\t", "\u{1}", "\u{7f}", "7\t8"]
    {
        let mut source = Source::new(SourceConfig::default(), entropy(0), seconds(0));
        source.seed_last_event_id(&EventId::new(id).unwrap());
        for (name, value) in source.request_fields() {
            assert!(tidewire_http::FieldName::new(name).is_ok());
            assert!(tidewire_http::FieldValue::utf8(value).is_ok(), "{id:?}");
        }
    }
}

#[test]
fn an_id_is_not_seeded_into_a_connection() {
    let source = Source::new(SourceConfig::default(), entropy(0), seconds(0));
    let mut link = Link { source, now: seconds(0) };
    link.next();
    link.accept();
    link.hear(b"id: 1\n\nx");
    link.source.seed_last_event_id(&EventId::from_static("7"));
    assert_eq!(link.hear(b"\ndata: y\n\n"), 1);
    assert_eq!(link.source.last_event_id(), "1");
}

#[test]
fn every_cause_in_every_state_is_thought_through() {
    type Cause = (&'static str, fn(&mut Link));
    let states: [Cause; 4] = [
        ("Waiting", |link| {
            link.lose();
        }),
        ("Connecting", |_| ()),
        ("Open", |link| {
            link.accept();
        }),
        ("Stopped", |link| link.source.close()),
    ];
    let causes: [Cause; 9] = [
        ("stream", |link| {
            link.accept();
        }),
        ("redirect", |link| {
            link.redirect(302);
        }),
        ("503", |link| {
            link.answer(503, None);
        }),
        ("204", |link| {
            link.answer(204, None);
        }),
        ("body", |link| {
            link.hear(b"data: x\n\n");
        }),
        ("excess", |link| {
            link.source.decode(&mut &b"data: 9999999\n"[..], link.now).ok();
        }),
        ("end", |link| {
            link.lose();
        }),
        ("time", |link| {
            link.now = link.source.deadline().unwrap_or(link.now);
            link.next();
        }),
        ("close", |link| link.source.close()),
    ];
    let mut table = String::new();
    for (state, arrange) in states {
        for (cause, act) in causes {
            let mut config = resilient();
            config.limits.max_data_bytes = 6;
            config.limits.on_excess = OnExcess::Fail;
            let mut link = Link::connecting(config, 0);
            arrange(&mut link);
            let before = link.source.state();
            act(&mut link);
            if link.source.state() != before {
                table += &format!("{state} + {cause} = {:?}\n", link.source.state());
            }
        }
    }
    assert_eq!(
        table,
        "Waiting + time = Connecting\n\
         Waiting + close = Stopped(Closed)\n\
         Connecting + stream = Open\n\
         Connecting + 503 = Waiting\n\
         Connecting + 204 = Stopped(NoContent)\n\
         Connecting + end = Waiting\n\
         Connecting + time = Waiting\n\
         Connecting + close = Stopped(Closed)\n\
         Open + excess = Stopped(Limit(Data { limit_bytes: 6 }))\n\
         Open + end = Waiting\n\
         Open + time = Waiting\n\
         Open + close = Stopped(Closed)\n",
        "what is not listed changes nothing",
    );
}

proptest! {
    /// Quiet, and a way out of every state but `Stopped`, whatever happens in whatever order.
    #[test]
    fn a_source_keeps_the_laws(
        steps in prop::collection::vec((0..8_u8, any::<u16>()), 0..100),
        fill: u8,
    ) {
        let source = Source::new(resilient(), entropy(fill), Instant::ORIGIN);
        let mut link = Link { source, now: Instant::ORIGIN };
        for (step, amount) in steps {
            match step {
                0 => link.now += u32::from(amount) * MILLI,
                1 => { link.accept(); }
                2 => { link.answer(500 + amount % 3, Some(b"7")); }
                3 => { link.hear(format!("id: {amount}\nretry: {amount}\n\n").as_bytes()); }
                4 => { link.lose(); }
                5 => link.now = link.source.deadline().unwrap_or(link.now),
                6 => { link.redirect(301 + amount % 8); }
                _ => if amount < 500 { link.source.close() },
            }
            for actions in 0.. {
                prop_assert!(actions < 3, "the loop comes to rest");
                if link.next().is_none() { break }
            }
            let stopped = matches!(link.source.state(), SourceState::Stopped(_));
            prop_assert_eq!(link.source.deadline().is_none(), stopped);
            if let (SourceState::Waiting, Some(until)) = (link.source.state(), link.source.deadline()) {
                prop_assert!(until <= link.now + 67 * SECOND);
            }
        }
    }
}
