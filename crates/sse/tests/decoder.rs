//! The decoder's rules, its limits, and the traps that others fell into.

mod kit;

use tidewire_sse::{Decoder, EventId, Item, LimitError, Limits, OnExcess};

use crate::kit::{Seen, decoder, event, events, feed, message, read};

/// Limits small enough to meet in a line of test.
fn small(on_excess: OnExcess) -> Limits {
    let mut limits = Limits::default();
    limits.max_line_bytes = 20;
    limits.max_data_bytes = 6;
    limits.max_name_bytes = 4;
    limits.max_id_bytes = 4;
    limits.on_excess = on_excess;
    limits
}

/// What small limits make of a stream, which has to be the same whole and in single bytes.
fn read_small(stream: &[u8]) -> Vec<Seen> {
    let seen = read(small(OnExcess::Skip), [stream]);
    assert_eq!(seen, read(small(OnExcess::Skip), stream.chunks(1)));
    seen
}

const CLEAN: Seen = Seen::Ended { open_block: false };
const CUT: Seen = Seen::Ended { open_block: true };

#[test]
fn data_in_one_line_and_one_piece_is_lent_from_the_input() {
    let stream = b": hi\nid: 7\ndata: hello\n\ndata: a\ndata: b\n\n";
    let mut decoder = Decoder::new(Limits::default());
    let mut rest = &stream[..];
    let Ok(Some(Item::Event(first))) = decoder.decode(&mut rest) else { panic!() };
    assert_eq!(first.data().as_bytes().as_ptr(), stream[17..].as_ptr());
    assert_eq!(rest, b"data: a\ndata: b\n\n");
    let Ok(Some(Item::Event(second))) = decoder.decode(&mut rest) else { panic!() };
    assert_eq!(second.data().as_bytes(), b"a\nb");
    assert!(!stream.as_ptr_range().contains(&second.data().as_bytes().as_ptr()));
}

#[test]
fn data_outlives_an_item_told_in_the_middle_of_its_block() {
    let seen = read(Limits::default(), [&b"data: a\n: why\nretry: 5\ndata: b\n\n"[..]]);
    assert_eq!(seen, [Seen::Comment("why".into()), Seen::Retry(5), message("a\nb"), CLEAN]);
}

#[test]
fn comments_and_retries_are_told_only_when_asked_for() {
    let stream = &b": c\nretry: 5\ndata: x\n\n"[..];
    let mut quiet = Decoder::new(Limits::default());
    assert_eq!(feed(&mut quiet, [stream]), [message("x")]);
    let mut loud = decoder(Limits::default());
    let all = [Seen::Comment("c".into()), Seen::Retry(5), message("x")];
    assert_eq!(feed(&mut loud, [stream]), all);
    assert_eq!(feed(&mut loud, stream.chunks(1)), all);
}

#[test]
fn an_empty_first_piece_does_not_use_up_the_check_for_a_mark() {
    let pieces = [&b""[..], b"\xef", b"", b"\xbb\xbf", b"data: x\n\n"];
    assert_eq!(read(Limits::default(), pieces), [message("x"), CLEAN]);
}

#[test]
fn a_mark_counts_once_for_each_connection() {
    let mut decoder = decoder(Limits::default());
    assert_eq!(feed(&mut decoder, [&b"\xef\xbb\xbfdata: x\n\n"[..]]), [message("x")]);
    assert_eq!(feed(&mut decoder, [&b"\xef\xbb\xbfdata: x\n\n"[..]]), []);
    decoder.reset();
    assert_eq!(feed(&mut decoder, [&b"\xef\xbb\xbfdata: x\n\n"[..]]), [message("x")]);
}

#[test]
fn a_lone_carriage_return_dispatches_at_once() {
    let mut decoder = decoder(Limits::default());
    assert_eq!(feed(&mut decoder, [&b"data: x\r\r"[..]]), [message("x")]);
    assert_eq!(feed(&mut decoder, [&b"\ndata: y\r"[..], b"\n", b"\r"]), [message("y")]);
}

#[test]
fn a_sticky_id_a_comment_and_a_blank_line_make_no_event() {
    assert_eq!(events(b"id: 1\ndata: x\n\n: ping\n\n\n\n").len(), 1);
}

#[test]
fn unicode_line_separators_end_no_line() {
    let text = "a\u{2028}b\u{2029}c\u{85}d\u{b}e";
    assert_eq!(events(format!("data: {text}\n\n")), [message(text)]);
}

#[test]
fn a_priming_event_with_an_id_and_empty_data_is_dispatched() {
    assert_eq!(events(b"id: p1\ndata: \n\n"), [event("message", "", "p1")]);
}

#[test]
fn the_last_id_survives_a_new_connection() {
    let mut decoder = decoder(Limits::default());
    feed(&mut decoder, [&b"id: 7\ndata: x\n\nid: 8\ndata: cut"[..]]);
    assert!(decoder.end());
    decoder.reset();
    assert_eq!(decoder.last_event_id(), "7");
    assert_eq!(feed(&mut decoder, [&b"data: y\n\n"[..]]), [event("message", "y", "7")]);
    assert_eq!(feed(&mut decoder, [&b"id\n\n"[..]]), []);
    assert_eq!(decoder.last_event_id(), "");
}

#[test]
fn a_seeded_id_is_carried_by_events_without_one() {
    let mut decoder = decoder(Limits::default());
    decoder.seed_last_event_id(&EventId::from_static("7"));
    assert_eq!(feed(&mut decoder, [&b"data: x\n\n"[..]]), [event("message", "x", "7")]);
}

#[test]
fn what_was_open_when_an_id_was_seeded_is_dropped() {
    for cut in [&b"x"[..], b"data: a\n", b"data: a\r", b"\xef\xbb"] {
        let mut decoder = decoder(Limits::default());
        assert_eq!(feed(&mut decoder, [cut]), []);
        decoder.seed_last_event_id(&EventId::from_static("7"));
        let told = feed(&mut decoder, [&b"\xef\xbb\xbfdata: b\n\n"[..]]);
        assert_eq!(told, [event("message", "b", "7")]);
    }
}

#[test]
fn a_line_limit_of_zero_knows_no_sign_of_life() {
    let mut limits = Limits::default();
    limits.max_line_bytes = 0;
    let skipped = |cut| {
        let mut decoder = Decoder::new(limits);
        feed(&mut decoder, b"\n:\n\n:\n\n".chunks(cut)).len()
    };
    assert_eq!([1, 2, 3, 99].map(skipped), [2; 4]);
}

#[test]
fn an_end_within_a_block_is_told_and_the_block_dropped() {
    for stream in ["data: x", "data: x\n", "id: 7\n", "event: x\n", "x", "\u{feff}\n\ndata\n", ": "]
    {
        assert_eq!(
            read(Limits::default(), stream.as_bytes().chunks(1)).last(),
            Some(&CUT),
            "{stream}"
        );
    }
    for stream in ["", "\u{feff}", "\n", "id: 7\ndata: x\n\n", ": ping\n", "retry: 5\n", "x: y\r"] {
        assert_eq!(read(Limits::default(), [stream.as_bytes()]).last(), Some(&CLEAN), "{stream}");
    }
}

#[test]
fn nothing_is_read_behind_the_end_until_a_reset() {
    let mut decoder = decoder(Limits::default());
    decoder.end();
    assert_eq!(feed(&mut decoder, [&b"data: x\n\n"[..]]), []);
    decoder.reset();
    assert_eq!(feed(&mut decoder, [&b"data: x\n\n"[..]]), [message("x")]);
}

#[test]
fn a_line_at_its_limit_passes_and_one_byte_more_skips_the_block() {
    let excess = Seen::Skipped(LimitError::Line { limit_bytes: 20 });
    let good = b"abcdefghijklmnopqrst\ndata: x\n\n";
    assert_eq!(read_small(good), [message("x"), CLEAN]);
    let bad = b"data: a\nabcdefghijklmnopqrstu\ndata: x\n\ndata: y\n\n";
    assert_eq!(read_small(bad), [excess.clone(), message("y"), CLEAN]);
    let comment = b": abcdefghijklmnopqrs\ndata: x\n\ndata: y\n\n";
    assert_eq!(read_small(comment), [excess, message("y"), CLEAN]);
}

#[test]
fn data_at_its_limit_passes_and_one_byte_more_skips_the_block() {
    let excess = Seen::Skipped(LimitError::Data { limit_bytes: 6 });
    assert_eq!(read_small(b"data: abcdef\n\n"), [message("abcdef"), CLEAN]);
    assert_eq!(read_small(b"data: abcdefg\n\n"), [excess.clone(), CLEAN]);
    assert_eq!(read_small(b"data: ab\ndata: cde\n\n"), [message("ab\ncde"), CLEAN]);
    assert_eq!(read_small(b"data: ab\ndata: cdef\ndata: x\n\n"), [excess, CLEAN]);
}

#[test]
fn bare_data_lines_count_one_byte_each() {
    let excess = Seen::Skipped(LimitError::Data { limit_bytes: 6 });
    assert_eq!(
        read_small(b"data\ndata\ndata\ndata\ndata\ndata\ndata\n\n"),
        [message("\n\n\n\n\n\n"), CLEAN]
    );
    assert_eq!(read_small(&b"data\n".repeat(8)), [CUT]);
    assert_eq!(read_small(&[&b"data\n".repeat(8)[..], b"\n"].concat()), [excess, CLEAN]);
}

#[test]
fn a_name_at_its_limit_passes_and_one_byte_more_skips_the_block() {
    let excess = Seen::Skipped(LimitError::Name { limit_bytes: 4 });
    assert_eq!(read_small(b"event: abcd\ndata: x\n\n"), [event("abcd", "x", ""), CLEAN]);
    let bad = b"data: x\nevent: abcde\nevent: ok\n\ndata: y\n\n";
    assert_eq!(read_small(bad), [excess, message("y"), CLEAN]);
}

#[test]
fn an_id_at_its_limit_passes_and_one_byte_more_skips_the_block() {
    let excess = Seen::Skipped(LimitError::Id { limit_bytes: 4 });
    assert_eq!(read_small(b"id: abcd\ndata: x\n\n"), [event("message", "x", "abcd"), CLEAN]);
    let bad = b"id: 1\ndata: x\nid: abcde\n\ndata: y\n\n";
    assert_eq!(read_small(bad), [excess, event("message", "y", "1"), CLEAN]);
}

#[test]
fn a_skipped_block_is_told_once_and_its_id_and_retry_count() {
    let stream = b"data: 1234567\ndata: 1234567\nid: 7\nretry: 5\nid: 12345\n\ndata: y\n\n";
    let excess = Seen::Skipped(LimitError::Data { limit_bytes: 6 });
    assert_eq!(read_small(stream), [Seen::Retry(5), excess, event("message", "y", "7"), CLEAN]);
}

#[test]
fn a_failed_stream_is_silent_until_a_reset() {
    let mut decoder = decoder(small(OnExcess::Fail));
    let failed = Seen::Failed(LimitError::Line { limit_bytes: 20 });
    let stream = b"id: 1\ndata: x\n\n..........................";
    assert_eq!(feed(&mut decoder, [&stream[..]]), [event("message", "x", "1"), failed]);
    assert_eq!(feed(&mut decoder, [&b"\n\ndata: y\n\n"[..]]), []);
    assert!(!decoder.end());
    decoder.reset();
    assert_eq!(feed(&mut decoder, [&b"data: z\n\n"[..]]), [event("message", "z", "1")]);
}

#[test]
fn an_endless_line_fails_at_its_limit_and_not_at_its_end() {
    let mut decoder = decoder(small(OnExcess::Fail));
    assert_eq!(feed(&mut decoder, [&b"...................."[..]]), []);
    let failed = Seen::Failed(LimitError::Line { limit_bytes: 20 });
    assert_eq!(feed(&mut decoder, [&b"."[..]]), [failed]);
}

#[test]
fn limits_of_zero_leave_an_empty_stream() {
    let mut limits = Limits::default();
    limits.max_line_bytes = 0;
    let stream = b"\xef\xbbdata: x\n\n\n\ndata: y\n\n";
    let excess = Seen::Skipped(LimitError::Line { limit_bytes: 0 });
    assert_eq!(read(limits, [&stream[..]]), [excess.clone(), excess.clone(), CLEAN]);
    assert_eq!(read(limits, stream.chunks(1)), [excess.clone(), excess, CLEAN]);
}
