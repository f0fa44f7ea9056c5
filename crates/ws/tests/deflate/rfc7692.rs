//! The examples of RFC 7692 §7.2.3, byte by byte.

use bytes::BytesMut;
use tidewire_ws::deflate::{Codecs, Context, Inflater};

use crate::kit::{BOTH, deflate, deflater, inflate, inflate_one};

#[test]
fn one_block_7_2_3_1() {
    assert_eq!(inflate_one(b"\xF2\x48\xCD\xC9\xC9\x07\x00").expect("valid"), "Hello");
    let (mut sender, mut codecs) = (deflater(15, Context::Takeover, 6), Codecs::own());
    let payload = deflate(&mut sender, [&b"Hello"[..]], &mut codecs);
    assert_eq!(payload[..], *b"\xF2\x48\xCD\xC9\xC9\x07\x00");
}

#[test]
fn one_message_in_two_fragments_7_2_3_1() {
    let (mut receiver, mut codecs) = (Inflater::new(15, Context::NoTakeover), Codecs::own());
    let fragments = [&b"\xF2\x48\xCD"[..], b"\xC9\xC9\x07\x00"];
    let message = inflate(&mut receiver, fragments, 5, &mut codecs);
    assert_eq!(message.expect("valid"), "Hello");
}

#[test]
fn a_window_that_is_shared_7_2_3_2() {
    let (mut receiver, mut codecs) = (Inflater::new(15, Context::Takeover), Codecs::own());
    for payload in [&b"\xF2\x48\xCD\xC9\xC9\x07\x00"[..], b"\xF2\x00\x11\x00\x00"] {
        let message = inflate(&mut receiver, [payload], 5, &mut codecs);
        assert_eq!(message.expect("valid"), "Hello");
    }
    let mut sender = deflater(15, Context::Takeover, 6);
    deflate(&mut sender, [&b"Hello"[..]], &mut codecs);
    let second = deflate(&mut sender, [&b"Hello"[..]], &mut codecs);
    assert_eq!(second[..], *b"\xF2\x00\x11\x00\x00");
}

#[test]
fn a_window_that_is_not_shared_has_nothing_to_refer_to() {
    let (mut receiver, mut codecs) = (Inflater::new(15, Context::NoTakeover), Codecs::own());
    let first = inflate(&mut receiver, [&b"\xF2\x48\xCD\xC9\xC9\x07\x00"[..]], 5, &mut codecs);
    assert_eq!(first.expect("valid"), "Hello");
    let second = inflate(&mut receiver, [&b"\xF2\x00\x11\x00\x00"[..]], 5, &mut codecs);
    assert_eq!(second.map_err(|error| error.close_code().get()), Err(1007));
}

#[test]
fn a_block_without_compression_7_2_3_3() {
    let payload = b"\x00\x05\x00\xFA\xFF\x48\x65\x6C\x6C\x6F\x00";
    assert_eq!(inflate_one(payload).expect("valid"), "Hello");
}

#[test]
fn a_block_that_says_it_is_the_last_7_2_3_4() {
    assert_eq!(inflate_one(b"\xF3\x48\xCD\xC9\xC9\x07\x00\x00").expect("valid"), "Hello");
}

#[test]
fn two_blocks_in_one_message_7_2_3_5() {
    let payload = b"\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00";
    assert_eq!(inflate_one(payload).expect("valid"), "Hello");
}

#[test]
fn an_empty_message_is_one_byte_7_2_3_6() {
    assert_eq!(inflate_one(b"\x00").expect("valid"), "");
    for context in BOTH {
        let (mut sender, mut codecs) = (deflater(15, context, 1), Codecs::own());
        for _ in 0..3 {
            assert_eq!(deflate(&mut sender, [&b""[..]], &mut codecs)[..], *b"\x00");
        }
        deflate(&mut sender, [&b"Hello"[..]], &mut codecs);
        assert_eq!(deflate(&mut sender, [&b""[..]], &mut codecs)[..], *b"\x00");
        let fragments = [&b"Hello"[..], b"", b""];
        let payload = deflate(&mut sender, fragments, &mut codecs);
        assert!(payload.ends_with(b"\x00\x00\xFF\xFF\x00"));
    }
}

#[test]
fn each_fragment_is_readable_at_once() {
    let (mut sender, mut codecs) = (deflater(15, Context::Takeover, 1), Codecs::own());
    let mut receiver = Inflater::new(15, Context::Takeover);
    let mut message = BytesMut::new();
    for fragment in ["Hel", "", "lo", ", Hello"] {
        let (mut payload, before) = (BytesMut::new(), message.len());
        sender.push(fragment.as_bytes(), &mut payload, &mut codecs);
        receiver.push(&payload, 64, &mut message, &mut codecs).expect("valid");
        assert_eq!(message[before..], *fragment.as_bytes());
    }
}

#[test]
fn a_message_without_payload_is_taken_as_empty() {
    assert_eq!(inflate_one(b"").expect("lenient"), "");
}
