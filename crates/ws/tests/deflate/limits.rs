//! What one message may come to, counted behind the decompressor.

use allocation_counter::measure;
use bytes::BytesMut;
use flate2::FlushCompress;
use tidewire_ws::deflate::{Codecs, Context, Error, Inflater};

use crate::kit::{content, cut, inflate, zlib, zlib_message, zlib_peer};

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_message_at_the_bound_passes_and_one_byte_more_does_not() {
    let mut codecs = Codecs::own();
    for len in [1, 2, 1023, 1024, 1025, 32_768, 32_769, 100_000] {
        for kind in 0..4 {
            let payload = zlib_message(&mut zlib_peer(6, 15), &content(len, 1, kind));
            for size in [1, 1000, payload.len()] {
                let mut inflater = Inflater::new(15, Context::NoTakeover);
                let mut inflate =
                    |max| inflate(&mut inflater, cut(&payload, &[size]), max, &mut codecs);
                assert_eq!(inflate(len).map(|message| message.len()), Ok(len));
                assert_eq!(inflate(len - 1), Err(Error::MessageTooBig { limit_bytes: len - 1 }));
            }
        }
    }
}

#[test]
fn nothing_is_not_too_much() {
    let (mut inflater, mut codecs) = (Inflater::new(15, Context::Takeover), Codecs::own());
    let mut inflate = |payload: &[u8]| inflate(&mut inflater, [payload], 0, &mut codecs);
    assert_eq!(inflate(b"\x00").expect("it is empty"), "");
    let error = inflate(b"\xF2\x48\xCD\xC9\xC9\x07\x00").expect_err("it is not");
    assert_eq!(error, Error::MessageTooBig { limit_bytes: 0 });
    assert_eq!(error.close_code().get(), 1009);
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn what_was_taken_out_meanwhile_counts_too() {
    let (mut inflater, mut codecs) = (Inflater::new(15, Context::NoTakeover), Codecs::own());
    let payload = zlib_message(&mut zlib_peer(6, 15), &content(10_000, 1, 1));
    let (mut taken, mut message) = (0, BytesMut::new());
    let error = payload.chunks(10).find_map(|piece| {
        let pushed = inflater.push(piece, 9_999, &mut message, &mut codecs);
        taken += message.split().len();
        pushed.err()
    });
    assert_eq!(error, Some(Error::MessageTooBig { limit_bytes: 9_999 }));
    assert!(taken <= 9_999);
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_bomb_stays_as_small_as_its_limit() {
    let mut peer = zlib_peer(9, 15);
    let unit = zlib(&mut peer, &vec![0; 16 << 20], FlushCompress::Sync);
    let bomb = unit.repeat(64);
    println!("{} bytes would come to {}", bomb.len(), 64 << 24);
    let mut codecs = Codecs::own();
    for max_bytes in [1000, 1 << 16, 1 << 20] {
        let used = measure(|| {
            let mut inflater = Inflater::new(15, Context::Takeover);
            let (mut message, mut eaten) = (BytesMut::new(), 0);
            let error = bomb.chunks(1024).find_map(|piece| {
                eaten += piece.len();
                inflater.push(piece, max_bytes, &mut message, &mut codecs).err()
            });
            assert_eq!(error, Some(Error::MessageTooBig { limit_bytes: max_bytes }));
            assert!(message.len() <= max_bytes);
            assert!(eaten <= max_bytes / 900 + 1024);
        });
        println!("limit {max_bytes}: {} bytes at most", used.bytes_max);
        assert!(used.bytes_max <= 3 * max_bytes as u64 + 100_000, "growing may copy");
        assert_eq!(used.bytes_current, 0);
    }
}
