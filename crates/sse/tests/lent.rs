//! A decoder in buffers of the caller's: it takes no memory, and its buffers are its limits.

mod kit;

use allocation_counter::measure;
use proptest::prelude::*;
use tidewire_sse::{Buffers, Decoder, EventId, Item, LimitError, Limits};

/// Runs `work` with a decoder that has room for so many bytes of each thing.
fn with_buffers<T>(len: usize, work: impl FnOnce(Decoder<tidewire_sse::Lent<'_>>) -> T) -> T {
    let mut memory = vec![0; 5 * len + 1];
    let (data, texts) = memory.split_at_mut(2 * len + 1);
    let mut texts = texts.chunks_exact_mut(len);
    let [name, id, next] = std::array::from_fn(|_| texts.next().expect("three"));
    work(Decoder::lent(Limits::default(), Buffers { data, name, ids: [id, next] }))
}

/// What a decoder tells of a stream in pieces of `cut` bytes.
fn told(len: usize, stream: &[u8], cut: usize) -> Vec<Result<[String; 3], LimitError>> {
    with_buffers(len, |mut decoder| {
        let mut told = Vec::new();
        for mut piece in stream.chunks(cut) {
            while let Some(item) = decoder.decode(&mut piece).expect("limits skip") {
                told.push(match item {
                    Item::Event(event) => Ok([
                        event.name().to_owned(),
                        event.data().to_str_lossy().into_owned(),
                        event.last_event_id().to_owned(),
                    ]),
                    Item::Skipped(limit) => Err(limit),
                    other => unreachable!("nobody asked for {other:?}"),
                });
            }
        }
        told
    })
}

#[test]
fn nothing_is_allocated_however_the_stream_is_cut() {
    let stream =
        b"\xef\xbb\xbfid: 7\nevent: \xff\ndata: one\ndata: two\n\ndata: 3\r\n\r\n".repeat(9);
    let counted = with_buffers(64, |mut decoder| {
        measure(|| {
            for cut in [1, 5, stream.len()] {
                for mut piece in stream.chunks(cut) {
                    while decoder.decode(&mut piece).expect("within the limits").is_some() {}
                }
            }
        })
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn what_fills_a_buffer_passes_and_one_byte_more_does_not() {
    for (fits, too_long) in [
        ("data: 7890123456\n\n", "data: 78901234567\n\n"),
        ("data: abcdefg\ndata: hijklmno\n\n", "data: abcdefg\ndata: hijklmnop\n\n"),
        ("event: 890123456\ndata\n\n", "event: 8901234567\ndata\n\n"),
        ("id: 5678901234\ndata\n\n", "id: 567890123456789\ndata\n\n"),
    ] {
        for cut in [1, 3, 100] {
            let passed = told(16, fits.as_bytes(), cut);
            assert!(matches!(passed[..], [Ok(_)]), "{fits:?} {passed:?}");
            let failed = told(16, too_long.as_bytes(), cut);
            assert!(matches!(failed[..], [Err(_)]), "{too_long:?} {failed:?}");
        }
    }
}

#[test]
fn text_that_grows_when_it_is_mended_has_to_fit_too() {
    // Each wrong byte becomes three.
    let fits = told(16, b"event: \xff\xff\xff\xff\xff\ndata\n\n", 1);
    assert!(matches!(&fits[..], [Ok([name, ..])] if name.len() == 15));
    for stream in [
        &b"event: \xff\xff\xff\xff\xff\xff\ndata\n\n"[..],
        b"id: \xff\xff\xff\xff\xff\xff\ndata\n\n",
    ] {
        assert_eq!(told(16, stream, 1), told(16, stream, 99));
        assert!(matches!(told(16, stream, 1)[..], [Err(_)]));
    }
}

#[test]
fn an_id_that_does_not_fit_leaves_none() {
    with_buffers(8, |mut decoder| {
        decoder.seed_last_event_id(&EventId::from_static("12345678"));
        assert_eq!(decoder.last_event_id(), "12345678");
        decoder.seed_last_event_id(&EventId::from_static("123456789"));
        assert_eq!(decoder.last_event_id(), "");
    });
}

#[test]
fn buffers_for_ids_of_unequal_lengths_are_as_long_as_the_shorter() {
    let told = |stream: &[u8], cut| {
        let (mut data, mut name, mut id, mut next) = ([0; 64], [0; 8], [0; 2], [0; 3]);
        let buffers = Buffers { data: &mut data, name: &mut name, ids: [&mut id, &mut next] };
        let mut decoder = Decoder::lent(Limits::default(), buffers);
        let pieces = stream.chunks(cut);
        let told: usize = pieces
            .map(|mut piece| {
                std::iter::from_fn(|| decoder.decode(&mut piece).expect("limits skip").map(drop))
                    .count()
            })
            .sum();
        (told, decoder.last_event_id().to_owned())
    };
    for cut in 1..9 {
        assert_eq!(told(b"id: x\n\nid: \xff\n\n", cut), (1, "x".into()));
        assert_eq!(told(b"id: 1\nid: \xff\ndata: x\n\n", cut), (1, "1".into()));
    }
}

proptest! {
    #[test]
    fn cuts_change_nothing_and_large_buffers_tell_what_a_heap_would(
        stream in "(data: ?[a-c]{0,9}|data|event: x|id: [12]|: c|retry: 5|\u{e9}|\r|\n|\r\n|\n){0,30}",
        len in 1..40_usize,
        cut in 1..20_usize,
    ) {
        prop_assert_eq!(told(len, stream.as_bytes(), cut), told(len, stream.as_bytes(), 999));
        let events = kit::events(&stream);
        let large = told(999, stream.as_bytes(), cut);
        prop_assert_eq!(large.len(), events.len());
        for (large, event) in large.into_iter().zip(events) {
            let [name, data, id] = large.expect("nothing is too long");
            prop_assert_eq!(kit::event(&name, &data, &id), event);
        }
    }
}
