//! What the decoder gives away: the same as what it lends, without a copy where there need be none.

mod kit;

use bytes::Bytes;
use proptest::prelude::*;
use tidewire_sse::{Decoder, Item, Limits, OwnedEvent, OwnedItem};

use crate::kit::decoder;

fn event(decoder: &mut Decoder, piece: &mut Bytes) -> OwnedEvent {
    match decoder.decode_bytes(piece) {
        Ok(Some(OwnedItem::Event(event))) => event,
        other => unreachable!("no event but {other:?}"),
    }
}

#[test]
fn data_in_one_line_and_one_piece_shares_the_input() {
    let mut decoder = Decoder::new(Limits::default());
    let mut piece = Bytes::from_static(b"event: tick\nid: 7\ndata: kept\n\ndata: next\n\n");
    let start = piece.as_ptr();
    let kept = event(&mut decoder, &mut piece);
    let next = event(&mut decoder, &mut piece);
    assert!(piece.is_empty());
    assert_eq!((kept.name(), kept.last_event_id()), ("tick", "7"));
    assert_eq!((next.name(), next.last_event_id()), ("message", "7"));
    assert_eq!(kept.data().as_bytes(), b"kept");
    assert_eq!(kept.into_data().as_ptr(), start.wrapping_add(24));
}

#[test]
fn a_small_event_behind_a_large_one_holds_no_large_buffer() {
    let mut decoder = Decoder::new(Limits::default());
    let large = "x".repeat(60_000);
    let pieces = [format!("data: {large}"), "\n\ndata: a\nda".into(), "ta: b\n\n".into()];
    let mut events = Vec::new();
    for piece in pieces {
        let mut piece = Bytes::from(piece);
        while let Ok(Some(OwnedItem::Event(event))) = decoder.decode_bytes(&mut piece) {
            events.push(event.into_data());
        }
    }
    let [first, second] = <[Bytes; 2]>::try_from(events).expect("two events");
    assert_eq!(first, large);
    assert_eq!(second, "a\nb");
    let second = second.try_into_mut().expect("nobody shares it");
    assert!(second.capacity() <= 64, "a 3-byte event holds {}", second.capacity());
}

#[test]
fn events_that_carry_the_same_id_share_it() {
    let mut decoder = Decoder::new(Limits::default());
    let mut piece = Bytes::from_static(b"id: 7\ndata: a\n\ndata: b\n\nid: 8\ndata: c\n\n");
    let ids = [(); 3].map(|()| event(&mut decoder, &mut piece));
    let ids = ids.each_ref().map(OwnedEvent::last_event_id);
    assert_eq!(ids, ["7", "7", "8"]);
    assert_eq!(ids[0].as_ptr(), ids[1].as_ptr());
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "patterns take minutes to read")]
    fn what_is_given_away_is_what_would_be_lent(
        stream in "(data: ?[a-c]{0,3}|data|event: x|id: [12]|: c|retry: 5|\u{e9}|\r|\n|\r\n|\n){0,30}",
        cut in 1..20_usize,
    ) {
        let (mut lender, mut giver) = (decoder(Limits::default()), decoder(Limits::default()));
        for piece in stream.as_bytes().chunks(cut) {
            let (mut lent, mut given) = (piece, Bytes::copy_from_slice(piece));
            loop {
                let same = match (lender.decode(&mut lent)?, giver.decode_bytes(&mut given)?) {
                    (None, None) => break,
                    (Some(Item::Event(lent)), Some(OwnedItem::Event(given))) => {
                        lent.name() == given.name()
                            && lent.data() == given.data()
                            && lent.last_event_id() == given.last_event_id()
                    }
                    (Some(Item::Comment(lent)), Some(OwnedItem::Comment(given))) => {
                        lent.as_bytes() == given
                    }
                    (Some(Item::Retry(lent)), Some(OwnedItem::Retry(given))) => lent == given,
                    _ => false,
                };
                prop_assert!(same);
                prop_assert_eq!(lent, &given[..]);
            }
        }
    }
}
