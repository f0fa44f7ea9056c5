//! What a decoder and a stream cost, counted at the allocator.
#![cfg(not(miri))] // so many bytes take hours, and their cost is not what it looks for

mod kit;

use allocation_counter::measure;
use bytes::Bytes;
use tidewire_core::{Inbox, Outbox, Protocol};
use tidewire_sse::{Decoder, Frame, Limits, Stream, StreamConfig};

use crate::kit::{entropy, feed, seconds};

#[test]
fn a_new_decoder_owns_no_heap() {
    assert_eq!(measure(|| drop(Decoder::new(Limits::default()))).count_total, 0);
}

#[test]
fn whole_lines_of_steady_traffic_allocate_nothing() {
    let mut decoder = Decoder::new(Limits::default());
    let mut round = || {
        let mut input = &b": ping\nevent: tick\nid: 7\ndata: hello\n\ndata: a\ndata: b\n\n"[..];
        while decoder.decode(&mut input).unwrap().is_some() {}
    };
    round();
    assert_eq!(measure(|| (0..100).for_each(|_| round())).count_total, 0);
}

/// Names and IDs that stay the same are shared, and data stay in the piece that they came in.
#[test]
fn events_that_are_kept_allocate_nothing_of_their_own() {
    let mut decoder = Decoder::new(Limits::default());
    let piece = Bytes::from_static(b"event: delta\nid: 7\ndata: a\n\nevent: delta\ndata: b\n\n");
    let mut events = Vec::with_capacity(2);
    let mut round = || {
        let mut input = piece.clone();
        while let Some(item) = decoder.decode_bytes(&mut input).unwrap() {
            events.push(item);
        }
        assert_eq!(events.drain(..).count(), 2);
    };
    round();
    let used = measure(|| (0..100).for_each(|_| round()));
    assert_eq!(used.count_total, 100, "the ID alone, which is set anew in each round");
}

#[test]
fn one_line_byte_by_byte_takes_linear_work() {
    // With a rescan for each byte this would take hours, with a copy for each it would show here.
    let line = [b"data: ", &vec![b'x'; 4 << 20][..], b"\n\n"].concat();
    let mut decoder = Decoder::new(Limits::default());
    let used = measure(|| {
        let mut told = 0;
        for mut byte in line.chunks(1) {
            told += usize::from(decoder.decode(&mut byte).unwrap().is_some());
        }
        assert_eq!(told, 1);
    });
    assert!(used.bytes_total < 4 * line.len() as u64, "{used:?}");
    assert!(used.bytes_max < 3 * line.len() as u64, "{used:?}");
}

#[test]
fn a_large_event_leaves_no_large_buffer_behind() {
    let line = [b"data: ", &vec![b'x'; 4 << 20][..], b"\ndata: y\n\n"].concat();
    let mut decoder = Decoder::new(Limits::default());
    let used = measure(|| {
        assert_eq!(feed(&mut decoder, line.chunks(1000)).len(), 1);
        assert_eq!(feed(&mut decoder, line.chunks(line.len())).len(), 1);
    });
    assert!(used.bytes_current <= 2 * (64 << 10), "{used:?}");
}

#[test]
fn a_large_line_that_says_nothing_leaves_no_large_buffer_behind() {
    for name in [": ", "unknown: ", "retry: "] {
        let line = [name.as_bytes(), &vec![b'x'; 4 << 20], b"\n\ndata: y\n\n"].concat();
        let mut decoder = Decoder::new(Limits::default());
        let used = measure(|| assert_eq!(feed(&mut decoder, line.chunks(1000)).len(), 1));
        assert!(used.bytes_current <= 64 << 10, "{name:?}: {used:?}");
    }
}

#[test]
fn memory_is_bounded_whatever_the_peer_sends() {
    let mut limits = Limits::default();
    limits.max_line_bytes = 10_000;
    limits.max_data_bytes = 10_000;
    for unit in
        ["x", "data\n", "data: x\n", "data: x", "id: 1\n", "event: e\n", ": c", "id: ", "\r"]
    {
        let endless = unit.repeat(400_000 / unit.len());
        for size in [1, 7, 1000, endless.len()] {
            let mut decoder = Decoder::new(limits);
            let used = measure(|| {
                for mut piece in endless.as_bytes().chunks(size) {
                    while decoder.decode(&mut piece).unwrap().is_some() {}
                }
            });
            assert!(used.bytes_max < 2 * (2 * 10_000 + 3 * 3 * 1024), "{unit:?} {used:?}");
        }
    }
}

#[test]
fn many_streams_share_one_frame() {
    let data = "x".repeat(10_000);
    let frame = Frame::new().data(&data).to_bytes();
    let used = measure(|| {
        let mut streams: Vec<(Stream, Outbox)> = (0..100)
            .map(|_| {
                (Stream::new(StreamConfig::default(), &mut entropy(0), seconds(0)), Outbox::new())
            })
            .collect();
        for (stream, outbox) in &mut streams {
            stream.send(&frame, outbox, seconds(0)).unwrap();
            stream.next_event(&mut Inbox::new(), outbox, seconds(0)).unwrap();
        }
    });
    assert!(used.bytes_max < 100 * 1000, "{used:?}");
}

#[test]
fn a_frame_is_encoded_in_one_allocation_of_its_size() {
    let frame = Frame::new().data("a\nb\r\nc");
    let used = measure(|| assert_eq!(frame.to_bytes().len(), frame.encoded_len()));
    assert_eq!((used.count_total, used.bytes_total), (1, frame.encoded_len() as u64));
}
