//! Blocks that say they are the last, and data behind them. RFC 7692 §7.2.1, §7.2.3.4.

use flate2::FlushCompress;
use proptest::collection::vec;
use proptest::prelude::*;
use tidewire_ws::deflate::{Codecs, Context, Inflater};

use crate::kit::{
    BOTH, content, cut, inflate, inflate_one, message, own_and_lent, sizes, zlib, zlib_peer,
};

/// A whole DEFLATE stream, ended by a last block, that refers back to `before`.
fn last_block(bytes: &[u8], before: &[u8]) -> Vec<u8> {
    stream(bytes, before, FlushCompress::Finish)
}

fn stream(bytes: &[u8], before: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut peer = zlib_peer(6, 15);
    if !before.is_empty() {
        let window = &before[before.len().saturating_sub(1 << 15)..];
        peer.set_dictionary(window).expect("a raw stream takes one");
    }
    zlib(&mut peer, bytes, flush)
}

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 97 } else { 1 };

#[test]
fn a_last_block_may_end_a_message_with_or_without_the_byte_behind_it() {
    for len in (0..300).step_by(STEP) {
        let message = content(len, 3, 1);
        let bare = last_block(&message, b"");
        assert_eq!(inflate_one(&bare).expect("lenient"), message);
        let padded = [&bare[..], b"\x00"].concat();
        assert_eq!(inflate_one(&padded).expect("valid"), message);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn blocks_behind_a_last_one_belong_to_the_same_message() {
    let whole = content(5000, 1, 1);
    let (first, second) = whole.split_at(2500);
    for before in [&b""[..], first] {
        let payload = [last_block(first, b""), last_block(second, before), vec![0]].concat();
        for size in [1, 2, 100, payload.len()] {
            let mut inflater = Inflater::new(15, Context::NoTakeover);
            let pieces = cut(&payload, &[size]);
            let inflated = inflate(&mut inflater, pieces, whole.len(), &mut Codecs::own());
            assert_eq!(inflated.expect("valid"), whole);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn the_window_lasts_over_a_last_block_into_the_next_message() {
    let text = content(40_000, 5, 0);
    let (mut inflater, mut codecs) = (Inflater::new(15, Context::Takeover), Codecs::own());
    let first = [last_block(&text, b""), vec![0]].concat();
    let again = [last_block(&text[10_000..], &text), vec![0]].concat();
    assert!(again.len() < text.len() / 2, "it refers back");
    let inflated = inflate(&mut inflater, [&first[..]], text.len(), &mut codecs);
    assert_eq!(inflated.expect("valid"), text);
    let inflated = inflate(&mut inflater, [&again[..]], text.len(), &mut codecs);
    assert_eq!(inflated.expect("valid"), text[10_000..]);
}

#[test]
fn without_takeover_it_does_not() {
    let text = content(1000, 5, 0);
    let (mut inflater, mut codecs) = (Inflater::new(15, Context::NoTakeover), Codecs::own());
    let first = last_block(&text, b"");
    inflate(&mut inflater, [&first[..]], text.len(), &mut codecs).expect("valid");
    let again = last_block(&text, &text);
    inflate(&mut inflater, [&again[..]], text.len(), &mut codecs).expect_err("nothing there");
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn last_blocks_are_taken_up_to_a_thousand_a_message() {
    let (mut inflater, mut codecs) = (Inflater::new(15, Context::Takeover), Codecs::own());
    let fill = [last_block(&content(40_000, 5, 0), b""), vec![0]].concat();
    inflate(&mut inflater, [&fill[..]], 40_000, &mut codecs).expect("valid");
    for _ in 0..2 {
        let blocks = b"\x03\x00".repeat(1024);
        let inflated = inflate(&mut inflater, [&blocks[..]], 0, &mut codecs);
        assert_eq!(inflated.expect("valid"), "");
    }
    let blocks = b"\x03\x00".repeat(1025);
    inflate(&mut inflater, [&blocks[..]], 0, &mut codecs).expect_err("one too many");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    #[cfg_attr(miri, ignore = "so many bytes take minutes")]
    fn blocks_of_both_kinds_in_any_order(
        messages in vec((vec((message(), any::<bool>()), 1..5), sizes()), 1..5),
    ) {
        let codecs = own_and_lent().into_iter().chain(own_and_lent());
        for (context, mut codecs) in BOTH.into_iter().flat_map(|it| [it, it]).zip(codecs) {
            let mut inflater = Inflater::new(15, context);
            let mut history = Vec::new();
            for (parts, sizes) in &messages {
                if context == Context::NoTakeover {
                    history.clear();
                }
                let (start, mut payload) = (history.len(), Vec::new());
                for (part, is_last) in parts {
                    let flush = if *is_last { FlushCompress::Finish } else { FlushCompress::Sync };
                    payload.extend(stream(part, &history, flush));
                    history.extend_from_slice(part);
                }
                payload.push(0);
                let pieces = cut(&payload, sizes);
                let inflated = inflate(&mut inflater, pieces, usize::MAX, &mut codecs);
                prop_assert_eq!(&inflated.expect("valid")[..], &history[start..]);
            }
        }
    }
}
