//! Which requests get an event stream, and where it goes on.
#![allow(clippy::panic, reason = "a helper of a test fails it")]

use tidewire_sse::{Accepted, Refused, RequestHead, Resume, Stream, StreamConfig};

fn accept<'r>(method: &'r str, accept: Option<&'r str>) -> Result<Accepted<'r>, Refused> {
    let head = RequestHead::new(method, accept.map(|ranges| ("Accept", ranges)));
    Stream::accept(&head, &StreamConfig::default())
}

fn resume<'r>(field: Option<&'r [u8]>, query: Option<&'r str>) -> Resume<'r> {
    let mut config = StreamConfig::default();
    config.max_last_event_id_bytes = 4;
    let head = RequestHead::new("GET", field.map(|id| ("Last-Event-ID", id)));
    let head = query.map_or(head, |id| head.with_query_id(id));
    match Stream::accept(&head, &config) {
        Ok(Accepted::Stream(resume)) => resume,
        other => panic!("{other:?}"),
    }
}

const FRESH: Result<Accepted<'static>, Refused> = Ok(Accepted::Stream(Resume::Fresh));

#[test]
fn a_get_gets_a_stream_and_a_head_its_head() {
    assert_eq!(accept("GET", None), FRESH);
    assert_eq!(accept("HEAD", None), Ok(Accepted::HeadOnly));
}

#[test]
fn other_methods_are_told_which_there_are() {
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get", ""] {
        assert_eq!(accept(method, Some("text/event-stream")), Err(Refused::Method), "{method}");
    }
    assert_eq!(Refused::Method.status(), 405);
    assert_eq!(Refused::Method.field(), Some(("Allow", "GET, HEAD")));
}

#[test]
fn the_most_specific_range_decides() {
    for good in [
        "text/event-stream",
        "Text/Event-Stream",
        "text/event-stream;q=0.001",
        "text/event-stream;q=",
        "text/event-stream ; charset=utf-8 ; q=1",
        "application/json, text/event-stream",
        "application/json,text/event-stream;q=0.1",
        "text/*",
        "TEXT/*;q=0.5",
        "*/*",
        "text/html, */*;q=0.8",
        "*/*;q=0, text/event-stream",
        "text/*;q=0, text/event-stream",
        "text/event-stream;q=0, text/event-stream",
        "",
        " , ",
    ] {
        assert_eq!(accept("GET", Some(good)), FRESH, "{good}");
    }
    for bad in [
        "text/html",
        "application/json",
        "text/event-streams",
        "text/event",
        "event-stream",
        "*",
        "text/event-stream;q=0",
        "text/event-stream; Q=0.000, */*",
        "text/*;q=0, */*",
        "*/*;q=0.",
        "application/json;a=\"text/event-stream\"",
    ] {
        for method in ["GET", "HEAD"] {
            assert_eq!(accept(method, Some(bad)), Err(Refused::NotAcceptable), "{bad}");
        }
    }
    assert_eq!((Refused::NotAcceptable.status(), Refused::NotAcceptable.field()), (406, None));
}

#[test]
fn several_lines_of_ranges_count_as_one_and_names_in_any_case() {
    let accept = |lines: &[(&'static str, &'static str)]| {
        let head = RequestHead::new("GET", lines.iter().copied());
        Stream::accept(&head, &StreamConfig::default())
    };
    assert_eq!(accept(&[("accept", "text/html"), ("ACCEPT", "text/event-stream")]), FRESH);
    assert_eq!(accept(&[("Accept", ""), ("Cookie", "text/html"), ("Accept", " ,")]), FRESH);
    let refused = [
        [("Accept", "*/*"), ("Accept", "text/event-stream;q=0")],
        [("Accept", "text/html"), ("Accept", "")],
    ];
    for lines in refused {
        assert_eq!(accept(&lines), Err(Refused::NotAcceptable), "{lines:?}");
    }
}

#[test]
fn the_first_of_several_ids_counts() {
    let fields = [("LAST-EVENT-ID", "7.1"), ("Last-Event-ID", "7.2"), ("Last-Event-Id2", "7.3")];
    let head = RequestHead::new("GET", fields);
    let accepted = Stream::accept(&head, &StreamConfig::default());
    assert_eq!(accepted, Ok(Accepted::Stream(Resume::After("7.1"))));
}

#[test]
fn the_field_of_the_request_wins_over_its_query() {
    assert_eq!(resume(Some(b"7.2"), Some("7.1")), Resume::After("7.2"));
    assert_eq!(resume(None, Some("7.1")), Resume::After("7.1"));
    assert_eq!(resume(Some(b""), Some("7.1")), Resume::After("7.1"));
    assert_eq!(resume(Some("…".as_bytes()), None), Resume::After("…"));
    assert_eq!(resume(None, Some("")), Resume::Fresh);
    assert_eq!(resume(Some(b""), None), Resume::Fresh);
    assert_eq!(resume(None, None), Resume::Fresh);
}

#[test]
fn an_id_past_the_limit_is_lost_and_never_refused() {
    assert_eq!(resume(Some(b"7.42"), None), Resume::After("7.42"));
    assert_eq!(resume(Some(b"7.423"), None), Resume::Lost);
    assert_eq!(resume(None, Some("7.42")), Resume::After("7.42"));
    assert_eq!(resume(None, Some("7.423")), Resume::Lost);
}

#[test]
fn an_id_that_is_no_text_is_lost_also_beside_an_older_one() {
    assert_eq!(resume(Some(b"\xff"), Some("7.1")), Resume::Lost);
    assert_eq!(resume(Some(b"7.423"), Some("7.1")), Resume::Lost);
    for query in ["7\n", "\r", "a\0b"] {
        assert_eq!(resume(None, Some(query)), Resume::Lost, "{query:?}");
    }
}
