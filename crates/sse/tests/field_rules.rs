//! What other implementations got wrong and no other test here says. `FIELD.md` lists all of it.

mod kit;

use core::time::Duration;

use bytes::{Buf, Bytes};
use tidewire_core::Outbox;
use tidewire_sse::{
    Decoder, EventId, EventName, Frame, Item, Limits, OwnedItem, SourceConfig, Stop, Verdict,
};

use crate::kit::client::Link;
use crate::kit::{Seen, decoder, event, events, feed, message, read};

#[test]
fn an_id_without_data_is_resumed_from() {
    let mut link = Link::open(SourceConfig::default(), 0);
    assert_eq!(link.hear(b"id: 7\n\n"), 0);
    link.lose();
    link.sit_out();
    assert_eq!(link.resumes(), Some(b"7".to_vec()));
}

#[test]
fn a_retry_needs_neither_data_nor_the_end_of_its_block() {
    for body in ["retry: 9000\n\n", "retry: 9000\n", "event: e\nretry: 9000\n", "retry: 9000\r"] {
        let mut link = Link::open(SourceConfig::default(), 0);
        link.hear(body.as_bytes());
        link.lose();
        assert_eq!(link.sit_out(), Duration::from_secs(9), "{body:?}");
    }
}

#[test]
fn no_field_is_an_error_however_wrong_its_value() {
    let wrong = b"retry: x\nid: \0\nevent\n\xff: \xff\n:\n\nretry: -1\n\nfoo\n\n\0\n\n";
    assert_eq!(feed(&mut Decoder::new(Limits::default()), [&wrong[..]]), []);
    let seen = [&wrong[..], b"data: x\n\n"].concat();
    assert_eq!(events(seen), [message("x")]);
}

#[test]
fn a_field_that_is_called_comment_is_none() {
    assert_eq!(
        read(Limits::default(), [&b"comment: x\ncomment\n\n"[..]]),
        [Seen::Ended { open_block: false }]
    );
}

#[test]
fn comments_and_events_are_told_in_their_order() {
    let comment = |text: &str| Seen::Comment(text.into());
    let stream = b": 1\n\ndata: 2\n\n: 3\ndata: 4\n: 5\n\n: 6\n";
    let mut decoder = decoder(Limits::default());
    let order =
        [comment("1"), message("2"), comment("3"), comment("5"), message("4"), comment("6")];
    assert_eq!(feed(&mut decoder, stream.chunks(3)), order);
}

#[test]
fn empty_pieces_change_nothing() {
    let stream = "\u{feff}id: 1\r\ndata: \u{1f30a}\r\n\r\n".as_bytes();
    let pieces = stream.chunks(1).flat_map(|piece| [b"", piece, b"", b""]);
    let expected = [event("message", "\u{1f30a}", "1")];
    assert_eq!(feed(&mut decoder(Limits::default()), pieces), expected);
}

#[test]
fn whoever_stops_pulling_loses_nothing() {
    let stream = b"data: a\n\ndata: b\n\ndata: c\n\n";
    let mut input = &stream[..];
    let mut decoder = Decoder::new(Limits::default());
    for (text, rest) in [("a", 18), ("b", 9), ("c", 0)] {
        let Ok(Some(Item::Event(event))) = decoder.decode(&mut input) else { panic!("{text}") };
        assert_eq!(event.data().as_bytes(), text.as_bytes());
        assert_eq!(input.len(), rest, "there is no queue inside");
    }
}

#[test]
fn a_kept_event_outlives_its_decoder_and_the_next_event() {
    let mut decoder = Decoder::new(Limits::default());
    let mut piece = Bytes::from_static(b"id: 1\ndata: a\n\nid: 2\ndata: b\n\n");
    let Ok(Some(OwnedItem::Event(first))) = decoder.decode_bytes(&mut piece) else { panic!() };
    let Ok(Some(OwnedItem::Event(second))) = decoder.decode_bytes(&mut piece) else { panic!() };
    drop(decoder);
    assert_eq!((first.last_event_id(), first.data().as_bytes()), ("1", &b"a"[..]));
    assert_eq!((second.last_event_id(), second.data().as_bytes()), ("2", &b"b"[..]));
}

#[test]
fn each_field_of_a_frame_stands_once_and_the_last_value_holds() {
    let (first, last) = (EventId::from_static("1"), EventId::from_static("2"));
    let frame = Frame::new().id(&first).data("a").id(&last).data("b");
    assert_eq!(frame.to_bytes(), "id: 2\ndata: b\n\n");
}

#[test]
fn what_a_user_may_write_never_panics_and_never_forges() {
    for text in ["\r", "\n", "\r\n", "a\rid: 6", "a\n\ndata: y", "\0", "", " ", "\u{2028}"] {
        let (name, id) = (EventName::new(text), EventId::new(text));
        let frame = Frame::new().comment(text).data(text);
        let frame = name.as_ref().map_or(frame, |name| frame.name(name));
        let frame = id.as_ref().map_or(frame, |id| frame.id(id));
        let [Seen::Event { name, id, .. }] = &events(frame.to_bytes())[..] else {
            panic!("not one event of {text:?}");
        };
        assert!(name == "message" || name == text, "{text:?}");
        assert!(id.is_empty() || id == text, "{text:?}");
    }
}

#[test]
fn ids_that_break_request_heads_elsewhere_cost_no_connection() {
    for id in ["\u{1}", "\u{7f}", "a\u{1b}[0m", "\t", " ", "\u{2026}", "\u{80}", "\u{1f30a}"] {
        let mut link = Link::open(SourceConfig::default(), 0);
        link.hear(format!("id: {id}\ndata: x\n\n").as_bytes());
        for _ in 0..3 {
            assert_eq!(link.lose(), Verdict::Retry, "{id:?}");
            link.sit_out();
            let sent = link.resumes().unwrap_or_default();
            assert!(!sent.iter().any(u8::is_ascii_control), "{id:?}");
            assert_eq!(link.accept(), Verdict::Open, "{id:?}");
        }
    }
}

#[test]
fn an_answer_that_is_no_stream_is_never_read_as_one() {
    let mut link = Link::connecting(SourceConfig::default(), 0);
    assert_eq!(link.answer(404, None), Verdict::Stopped(Stop::Status(404)));
    assert_eq!(link.hear(b"data: <script>\n\nid: 1\n\n"), 0);
    assert_eq!(link.source.last_event_id(), "");
}

#[test]
fn a_frame_leaves_in_one_piece() {
    let mut outbox = Outbox::new();
    let (name, id) = (EventName::from_static("e"), EventId::from_static("1"));
    let frame = Frame::new().name(&name).id(&id).data("a\nb");
    frame.encode(&mut outbox);
    assert_eq!(outbox.chunk(), frame.to_bytes());
}
