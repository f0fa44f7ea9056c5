//! WHATWG HTML §9.2, a rule at a time. Any stream against all of its steps is `vectors`' business.

mod kit;

use core::time::Duration;

use tidewire_sse::{Decoder, EventId, Limits, Source, SourceConfig, SourceState, Stop, Verdict};

use crate::kit::client::Link;
use crate::kit::{Seen, decoder, entropy, event, events, feed, message, read, seconds};

const CLEAN: Seen = Seen::Ended { open_block: false };
const CUT: Seen = Seen::Ended { open_block: true };

/// What a stream tells, which has to be the same whole and in single bytes.
fn told(stream: impl AsRef<[u8]>) -> Vec<Seen> {
    let stream = stream.as_ref();
    let seen = read(Limits::default(), [stream]);
    assert_eq!(seen, read(Limits::default(), stream.chunks(1)));
    seen
}

fn reconnection_time(stream: &str) -> Option<Duration> {
    let mut decoder = decoder(Limits::default());
    feed(&mut decoder, [stream.as_bytes()]);
    decoder.reconnection_time()
}

// §9.2.5, the grammar

#[test]
fn a_stream_may_be_empty_and_may_begin_with_one_mark() {
    assert_eq!(told(""), [CLEAN]);
    assert_eq!(told("\u{feff}"), [CLEAN]);
    assert_eq!(told("\u{feff}data: x\n\n"), [message("x"), CLEAN]);
    assert_eq!(told("\u{feff}\u{feff}data: x\n\ndata: y\n\n"), [message("y"), CLEAN]);
    assert_eq!(told("\n\u{feff}data: x\n\n"), [CLEAN], "a mark elsewhere is text");
}

#[test]
fn a_line_ends_with_crlf_or_lf_or_cr() {
    for end in ["\r\n", "\n", "\r"] {
        let stream = format!("data: a{end}data: b{end}{end}: c{end}data: d{end}{end}");
        let seen = [message("a\nb"), Seen::Comment("c".into()), message("d"), CLEAN];
        assert_eq!(told(stream), seen, "{end:?}");
    }
}

#[test]
fn line_ends_may_be_mixed_and_only_cr_before_lf_is_one() {
    assert_eq!(told("data: a\r\ndata: b\n\r"), [message("a\nb"), CLEAN]);
    assert_eq!(told("data: a\n\rdata: b\r\r"), [message("a"), message("b"), CLEAN]);
    assert_eq!(told("data: a\r\n\ndata: b\n\r\n"), [message("a"), message("b"), CLEAN]);
    assert_eq!(told("data: a\r\n\rdata: b\r\r\n"), [message("a"), message("b"), CLEAN]);
}

#[test]
fn nothing_else_ends_a_line() {
    let text = "a\u{b}b\u{c}c\u{1c}d\u{1e}e\u{85}f\u{2028}g\u{2029}h\0i";
    assert_eq!(told(format!("data: {text}\n\n")), [message(text), CLEAN]);
}

#[test]
fn wrong_utf8_becomes_the_replacement_character_and_never_an_error() {
    let lossy = |bytes: &[u8]| match events([b"data: ", bytes, b"\n\n"].concat()).as_slice() {
        [Seen::Event { data, .. }] => data.clone(),
        other => unreachable!("one event and not {other:?}"),
    };
    for (bytes, text) in [
        (&b"a\xffb"[..], "a\u{fffd}b"),
        (b"\xf0\x9f\x98", "\u{fffd}"),
        (b"\xe2\x82(", "\u{fffd}("),
        (b"\xc0\xaf", "\u{fffd}\u{fffd}"),
        (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
        (b"\xf4\x90\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(lossy(bytes), text, "{}", bytes.escape_ascii());
    }
    let named = b"event: \xff\nid: \xe2\x82\ndata: x\n\n";
    assert_eq!(told(named), [event("\u{fffd}", "x", "\u{fffd}"), CLEAN]);
}

#[test]
fn an_event_is_told_with_the_byte_that_ends_its_blank_line() {
    for end in ["\r\n", "\n", "\r"] {
        let mut decoder = decoder(Limits::default());
        let stream = format!("data: x{end}{}", &end[..1]);
        let (last, before) = stream.as_bytes().split_last().expect("it is not empty");
        assert_eq!(feed(&mut decoder, [before]), []);
        assert_eq!(feed(&mut decoder, [&[*last][..]]), [message("x")], "{end:?}");
        assert_eq!(feed(&mut decoder, [end.as_bytes()]), [], "its rest tells nothing");
    }
}

// §9.2.6, the interpretation

#[test]
fn a_line_that_begins_with_a_colon_is_a_comment() {
    let comment = |text: &str| Seen::Comment(text.into());
    let seen = [comment(""), comment("x"), comment("data: y"), comment(": z"), CLEAN];
    assert_eq!(told(":\n:x\n: data: y\n:: z\n\n"), seen);
}

#[test]
fn the_first_colon_parts_field_and_value() {
    assert_eq!(told("data:a:b: c\n\n"), [message("a:b: c"), CLEAN]);
    assert_eq!(told("data::\n\n"), [message(":"), CLEAN]);
}

#[test]
fn one_space_behind_the_colon_goes_and_no_more() {
    let seen = ["x", "x", " x", "\tx", "x ", "\u{a0}x"].map(message);
    let stream = "data:x\n\ndata: x\n\ndata:  x\n\ndata:\tx\n\ndata: x \n\ndata:\u{a0}x\n\n";
    assert_eq!(events(stream), seen);
}

#[test]
fn a_line_without_a_colon_is_a_field_with_an_empty_value() {
    assert_eq!(told("data\n\n"), [message(""), CLEAN]);
    assert_eq!(told("event: e\nevent\ndata\n\n"), [message(""), CLEAN]);
    assert_eq!(told("id: 1\nid\ndata\n\n"), [message(""), CLEAN]);
}

#[test]
fn field_names_are_compared_literally_and_unknown_ones_ignored() {
    let of_data = ["Data", "DATA", " data", "data ", "data\t", "dat", "datas", "\0data", "data\0"];
    for line in of_data.iter().chain(&["data=x", "foo", "ID", "Event", "RETRY"]) {
        assert_eq!(told(format!("{line}\n\n")), [CLEAN], "{line:?}");
        let stream = format!("data: a\n{line}\ndata: b\n\n");
        assert_eq!(told(stream), [message("a\nb"), CLEAN], "{line:?}");
    }
}

#[test]
fn the_last_event_field_names_the_event_and_no_other_one() {
    let stream = "event: a\nevent: b\ndata: x\n\ndata: y\n\n";
    assert_eq!(told(stream), [event("b", "x", ""), message("y"), CLEAN]);
    assert_eq!(told("event: a\n\ndata: y\n\n"), [message("y"), CLEAN]);
    assert_eq!(told("data: x\nevent: a\n\n"), [event("a", "x", ""), CLEAN]);
}

#[test]
fn data_lines_are_joined_by_lf() {
    assert_eq!(told("data: a\ndata\ndata: b\n\n"), [message("a\n\nb"), CLEAN]);
    assert_eq!(told("data\ndata\n\n"), [message("\n"), CLEAN]);
    assert_eq!(events("data: a\nid: 1\n: c\ndata: b\n\n"), [event("message", "a\nb", "1")]);
}

#[test]
fn an_id_counts_unless_it_holds_a_nul() {
    assert_eq!(events("id: 1\nid: 2\ndata: x\n\n"), [event("message", "x", "2")]);
    for bad in ["\0", "\0a", "a\0b", "a\0"] {
        let stream = format!("id: 1\nid: {bad}\ndata: x\n\n");
        assert_eq!(events(stream), [event("message", "x", "1")], "{bad:?}");
    }
}

#[test]
fn a_retry_counts_if_it_is_ascii_digits_alone() {
    for (value, time) in [("0", 0), ("150", 150), ("00150", 150), ("60000", 60_000)] {
        let time = Duration::from_millis(time);
        assert_eq!(reconnection_time(&format!("retry: {value}\n")), Some(time), "{value}");
        assert_eq!(reconnection_time(&format!("retry:{value}\n")), Some(time), "{value}");
    }
    for bad in ["", " 5", "5 ", "+5", "-5", "5.0", "5e3", "0x5", "1_0", "1,0", "5ms", "\u{ff15}"] {
        let stream = format!("retry: 7\n\nretry: {bad}\ndata: x\n\n");
        assert_eq!(reconnection_time(&stream), Some(Duration::from_millis(7)), "{bad:?}");
    }
    assert_eq!(reconnection_time("retry\n"), None);
}

#[test]
fn a_blank_line_makes_the_id_valid_with_data_or_without() {
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(feed(&mut decoder, [&b"id: 1\n"[..]]), []);
    assert_eq!(decoder.last_event_id(), "");
    assert_eq!(feed(&mut decoder, [&b"\n"[..]]), [], "no data, no event");
    assert_eq!(decoder.last_event_id(), "1");
}

#[test]
fn an_id_lives_on_until_another_is_set() {
    let seen = [("a", "1"), ("b", "1"), ("c", "2"), ("d", ""), ("e", "")];
    let stream = "id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: c\n\nid\ndata: d\n\ndata: e\n\n";
    assert_eq!(events(stream), seen.map(|(data, id)| event("message", data, id)));
}

#[test]
fn a_block_without_data_is_no_event_and_leaves_no_name_behind() {
    for block in ["", "event: e\n", "id: 1\n", "retry: 5\n", ": c\n", "foo\n", "event: e\nid: 1\n"]
    {
        let stream = format!("{block}\n{block}\n");
        assert_eq!(events(stream), [], "{block:?}");
        let Some(Seen::Event { name, .. }) = events(format!("{block}\ndata: x\n\n")).pop() else {
            panic!("no event behind {block:?}");
        };
        assert_eq!(name, "message", "{block:?}");
    }
}

#[test]
fn an_event_has_its_name_its_data_and_the_last_id_and_is_a_message_unless_named() {
    assert_eq!(told("data: x\n\n"), [event("message", "x", ""), CLEAN]);
    assert_eq!(told("event: message\ndata: x\n\n"), [event("message", "x", ""), CLEAN]);
    assert_eq!(told("event:  e \nid: 1\ndata: x\n\n"), [event(" e ", "x", "1"), CLEAN]);
}

#[test]
fn what_is_open_at_the_end_is_dropped() {
    for open in ["data: x", "data: x\n", "data: x\nid: 2\n", "event: e\n", "id: 2", "dat", "data"] {
        let stream = format!("id: 1\ndata: a\n\n{open}");
        assert_eq!(told(&stream), [event("message", "a", "1"), CUT], "{open:?}");
        let mut decoder = Decoder::new(Limits::default());
        feed(&mut decoder, [stream.as_bytes()]);
        decoder.end();
        assert_eq!(decoder.last_event_id(), "1", "{open:?}");
    }
}

#[test]
fn an_unended_line_says_nothing_at_the_end_and_an_ended_retry_counts() {
    assert_eq!(reconnection_time("retry: 5"), None);
    assert_eq!(reconnection_time("retry: 5\ndata: cut"), Some(Duration::from_millis(5)));
}

// §9.2.2 and §9.2.3, the connection

#[test]
fn a_source_begins_with_no_id_and_waits_a_few_seconds_to_reconnect() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    assert_eq!(link.source.last_event_id(), "");
    assert_eq!(link.resumes(), None);
    assert_eq!(link.lose(), Verdict::Retry);
    assert_eq!(link.sit_out(), Duration::from_secs(2));
}

#[test]
fn a_connection_that_fails_or_ends_is_made_again() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    assert_eq!(link.lose(), Verdict::Retry, "it could not be made");
    link.sit_out();
    link.accept();
    assert_eq!(link.source.state(), SourceState::Open);
    assert_eq!(link.lose(), Verdict::Retry, "the body ended");
    assert_eq!(link.source.state(), SourceState::Waiting);
    link.sit_out();
}

#[test]
fn any_status_but_200_fails_for_good() {
    for status in [204, 205, 210, 299, 400, 404, 410, 500, 503] {
        let mut link = Link::connecting(SourceConfig::default(), 0);
        let Verdict::Stopped(stop) = link.answer(status, None) else { panic!("{status} goes on") };
        let named = if status == 204 { Stop::NoContent } else { Stop::Status(status) };
        assert_eq!(stop, named);
        link.now = seconds(1_000_000);
        assert_eq!((link.next(), link.source.deadline()), (None, None), "{status}");
    }
}

#[test]
fn the_id_goes_along_with_the_next_request_and_an_empty_one_does_not() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear("id: …\n\n".as_bytes());
    link.lose();
    link.sit_out();
    assert_eq!(link.resumes(), Some("…".as_bytes().to_vec()));
    link.accept();
    link.hear(b"id\n\n");
    link.lose();
    link.sit_out();
    assert_eq!(link.resumes(), None);
}

#[test]
fn every_request_asks_as_the_first_did() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    let first = link.request();
    for _ in 0..3 {
        link.accept();
        link.hear(b"data: x\n\n");
        link.lose();
        link.sit_out();
        assert_eq!(link.request(), first);
    }
}

#[test]
fn the_reconnection_time_outlives_the_connection() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"retry: 7000\n\n");
    for _ in 0..3 {
        link.lose();
        assert_eq!(link.sit_out(), Duration::from_secs(7));
        link.accept();
    }
}

#[test]
fn nothing_is_told_behind_close() {
    let mut link = Link::open(SourceConfig::default(), 0);
    link.hear(b"data: a\n\ndata: b\n");
    link.source.close();
    assert_eq!(link.hear(b"\ndata: c\n\n"), 0);
    assert_eq!(link.source.state(), SourceState::Stopped(Stop::Closed));
    assert_eq!((link.next(), link.lose()), (None, Verdict::Stopped(Stop::Closed)));
}

#[test]
fn the_id_of_an_open_block_is_not_sent() {
    let mut source = Source::new(SourceConfig::default(), entropy(0), seconds(0));
    source.seed_last_event_id(&EventId::from_static("1"));
    let mut link = Link { source, now: seconds(0) };
    link.next();
    link.accept();
    link.hear(b"id: 2\ndata: x\n");
    link.lose();
    link.sit_out();
    assert_eq!(link.resumes(), Some(b"1".to_vec()));
}
