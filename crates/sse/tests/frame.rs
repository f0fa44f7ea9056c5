//! The encoder: nothing can be forged, nothing is lost.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

mod kit;

use core::time::Duration;

use bytes::Buf;
use proptest::prelude::*;
use tidewire_core::Outbox;
#[cfg(feature = "std")]
use tidewire_sse::FrameBuf;
use tidewire_sse::{EventId, EventName, Frame, Limits};

use crate::kit::{Seen, cut, event, read};

fn text(frame: Frame<'_>) -> String {
    String::from_utf8(frame.to_bytes().to_vec()).unwrap()
}

#[test]
fn every_field_is_written_once_with_one_space() {
    let (name, id) = (EventName::from_static("tick"), EventId::from_static("7"));
    let frame = Frame::new().data("x").retry(Duration::from_millis(1500)).id(&id).name(&name);
    assert_eq!(text(frame.comment("why")), ": why\nevent: tick\nid: 7\nretry: 1500\ndata: x\n\n");
}

#[test]
fn empty_differs_from_absent() {
    let (name, id) = (EventName::from_static(""), EventId::from_static(""));
    assert_eq!(text(Frame::new()), "");
    assert_eq!(text(Frame::new().data("")), "data: \n\n");
    assert_eq!(text(Frame::new().id(&id)), "id: \n\n");
    assert_eq!(text(Frame::new().name(&name)), "event: \n\n");
    assert_eq!(text(Frame::new().retry(Duration::ZERO)), "retry: 0\n\n");
    assert_eq!(text(Frame::new().comment("")), ": \n");
}

#[test]
fn data_is_cut_at_all_three_line_ends() {
    let lines = "data: a\ndata: b\ndata: c\ndata: d\n\n";
    assert_eq!(text(Frame::new().data("a\nb\rc\r\nd")), lines);
    assert_eq!(text(Frame::new().data("\r\n")), "data: \ndata: \n\n");
    assert_eq!(text(Frame::new().data("a\n")), "data: a\ndata: \n\n");
    assert_eq!(text(Frame::new().data("\n\r")), "data: \ndata: \ndata: \n\n");
}

#[test]
fn a_comment_cannot_break_out_of_its_line() {
    assert_eq!(text(Frame::new().comment("a\ndata: b\r\r\nc")), ": a\n: data: b\n: \n: c\n");
}

#[test]
fn data_cannot_forge_a_field() {
    let forged = "x\n\nid: 666\rdata: y\r\n\r\nevent: z";
    let expected = event("message", "x\n\nid: 666\ndata: y\n\nevent: z", "");
    assert_eq!(kit::events(text(Frame::new().data(forged))), [expected]);
}

#[test]
fn leading_spaces_survive() {
    assert_eq!(kit::events(text(Frame::new().data("  x"))), [event("message", "  x", "")]);
}

#[test]
fn a_comment_alone_ends_without_the_blank_line_that_some_take_for_an_event() {
    assert!(!text(Frame::new().comment("ping")).contains("\n\n"));
}

#[test]
fn a_priming_event_carries_an_id_and_empty_data() {
    let id = EventId::from_static("p1");
    assert_eq!(kit::events(text(Frame::new().id(&id).data(""))), [event("message", "", "p1")]);
}

#[test]
fn a_retry_of_any_length_is_written_in_whole_milliseconds() {
    let retry = |wait| text(Frame::new().retry(wait));
    assert_eq!(retry(Duration::from_micros(1999)), "retry: 1\n\n");
    assert_eq!(retry(Duration::MAX), "retry: 18446744073709551615\n\n");
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "patterns take minutes to read")]
    fn what_is_encoded_is_decoded(
        data in prop::option::of(text_strategy()),
        comment in prop::option::of(text_strategy()),
        name in prop::option::of(text_strategy()),
        id in prop::option::of(text_strategy()),
        retry in prop::option::of(any::<u64>()),
        seed: u64,
    ) {
        let one_line = |text: String| text.replace(['\r', '\n', '\0'], "");
        let name = name.map(|name| EventName::new(one_line(name)).unwrap());
        let id = id.map(|id| EventId::new(one_line(id)).unwrap());
        let mut frame = Frame::new();
        let mut expected = Vec::new();
        if let Some(comment) = &comment {
            frame = frame.comment(comment);
            expected.extend(unified(comment).split('\n').map(|line| Seen::Comment(line.into())));
        }
        if let Some(name) = &name {
            frame = frame.name(name);
        }
        if let Some(id) = &id {
            frame = frame.id(id);
        }
        if let Some(millis) = retry {
            frame = frame.retry(Duration::from_millis(millis));
            expected.push(Seen::Retry(millis.into()));
        }
        if let Some(data) = &data {
            frame = frame.data(data);
            let name = name.as_ref().map(EventName::as_str).filter(|name| !name.is_empty());
            let id = id.as_ref().map_or("", EventId::as_str);
            expected.push(event(name.unwrap_or("message"), &unified(data), id));
        }
        expected.push(Seen::Ended { open_block: false });

        let bytes = frame.to_bytes();
        prop_assert_eq!(read(Limits::default(), cut(&bytes, seed)), expected);
        prop_assert_eq!(frame.encoded_len(), bytes.len());
        let mut outbox = Outbox::new();
        frame.encode(&mut outbox);
        prop_assert_eq!(outbox.copy_to_bytes(outbox.len()), &bytes);

        let (mut pieces, mut rest, mut dice) = (frame.buf(), &bytes[..], kit::dice(seed));
        while pieces.has_remaining() {
            prop_assert_eq!(pieces.remaining(), rest.len());
            #[cfg(feature = "std")]
            prop_assert!(rest.starts_with(&vectored(&pieces)));
            let mut room = vec![0; (dice() % 9 + 1).min(rest.len() as u64) as usize];
            pieces.copy_to_slice(&mut room);
            let (written, more) = rest.split_at(room.len());
            prop_assert_eq!(&room, written);
            rest = more;
        }
        prop_assert!(rest.is_empty());
        prop_assert_eq!(pieces.chunk(), b"");
    }
}

#[test]
fn an_event_is_one_contiguous_piece() {
    let id = EventId::from_static("7");
    for data in ["x".repeat(100_000), "x\ny".into(), String::new()] {
        let (frame, mut outbox) = (Frame::new().id(&id).data(&data), Outbox::new());
        frame.encode(&mut outbox);
        assert_eq!(outbox.chunk(), frame.to_bytes());
    }
}

#[cfg(feature = "std")]
#[test]
fn slices_copy_no_data() {
    let data = "x".repeat(100);
    let frame = Frame::new().data(&data);
    let (bytes, mut slices) = (frame.buf(), [std::io::IoSlice::new(b""); 9]);
    assert_eq!(bytes.chunks_vectored(&mut slices), 4);
    assert_eq!(slices[1].as_ptr(), data.as_ptr());
    assert_eq!(vectored(&frame.buf()), frame.to_bytes());
}

/// What a vectored write of a few slices would take.
#[cfg(feature = "std")]
fn vectored(pieces: &FrameBuf<'_>) -> Vec<u8> {
    let mut slices = [std::io::IoSlice::new(b""); 5];
    let count = pieces.chunks_vectored(&mut slices);
    assert!(count == 5 || pieces.remaining() == slices.iter().map(|slice| slice.len()).sum());
    slices[..count].iter().flat_map(|slice| slice.to_vec()).collect()
}

fn text_strategy() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(vec![
        "\r", "\n", "\r\n", "\0", " ", ":", "data: ", "\u{feff}", "\u{2028}",
    ]);
    let piece =
        prop_oneof![hard.prop_map(String::from), "\\PC{0,4}", any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn unified(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
