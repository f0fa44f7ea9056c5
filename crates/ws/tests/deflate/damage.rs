//! Payloads that are cut off, changed, or were never compressed: an error or a message, no panic.

use flate2::FlushCompress;
use proptest::collection::vec;
use proptest::prelude::*;
use tidewire_ws::deflate::{Codecs, Context, Error, Inflater};

use crate::kit::{
    content, cut, inflate, inflate_one, message, sizes, zlib, zlib_message, zlib_peer,
};

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_payload_that_is_cut_off_is_found_out() {
    for (level, len, kind) in [(0, 300, 0), (1, 10, 1), (1, 2000, 1), (6, 500, 2), (9, 70_000, 1)] {
        let message = content(len, 11, kind);
        let flushed = zlib_message(&mut zlib_peer(level, 15), &message);
        let ended = zlib(&mut zlib_peer(level, 15), &message, FlushCompress::Finish);
        for whole in [flushed, ended] {
            assert_eq!(inflate_one(&whole).expect("valid"), message);
            // One byte alone may be the header of a block without content.
            for end in (1..whole.len()).filter(|&end| whole[..end] != [0]) {
                let cut_off = inflate_one(&whole[..end]).map(|_| (level, end, whole.len()));
                let error = cut_off.expect_err("something is missing");
                assert!(matches!(error, Error::Truncated | Error::Corrupt));
                assert_eq!(error.close_code().get(), 1007);
            }
        }
    }
}

#[test]
fn a_tail_that_was_not_taken_off_is_an_empty_block_and_no_more() {
    let mut payload = zlib_message(&mut zlib_peer(6, 15), b"Hello");
    payload.extend(b"\x00\x00\xFF\xFF");
    assert_eq!(inflate_one(&payload), Err(Error::Truncated));
    payload.push(0);
    assert_eq!(inflate_one(&payload).expect("valid"), "Hello");
}

#[test]
fn a_block_of_no_known_type_is_corrupt() {
    assert_eq!(inflate_one(b"\x07"), Err(Error::Corrupt));
    assert_eq!(inflate_one(b"\x00\x05\x00\x00\x00Hello"), Err(Error::Corrupt));
}

#[test]
fn a_length_that_is_larger_than_its_block_is_missing_its_end() {
    assert_eq!(inflate_one(b"\x00\x05\x00\xFA\xFFHel"), Err(Error::Truncated));
    assert_eq!(inflate_one(b"\x00\x09\x00\xF6\xFFHello"), Err(Error::Truncated));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    #[cfg_attr(miri, ignore = "so many bytes take minutes")]
    fn changed_bytes_do_no_harm(
        message in message(),
        flips in vec((any::<prop::sample::Index>(), 1_u8..), 1..4),
        sizes in sizes(),
    ) {
        let mut payload = zlib_message(&mut zlib_peer(6, 15), &message);
        for (at, bits) in flips {
            let at = at.index(payload.len());
            payload[at] ^= bits;
        }
        harmless(&payload, &sizes)?;
    }

    #[test]
    #[cfg_attr(miri, ignore = "so many bytes take minutes")]
    fn bytes_that_were_never_compressed_do_no_harm(
        payloads in vec((vec(any::<u8>(), 0..200), sizes()), 1..5),
    ) {
        for (payload, sizes) in payloads {
            harmless(&payload, &sizes)?;
        }
    }
}

/// Whole or in pieces, the payload comes to the same and stays within its limit.
fn harmless(payload: &[u8], sizes: &[usize]) -> Result<(), TestCaseError> {
    const MAX_BYTES: usize = 100_000;
    let mut codecs = Codecs::own();
    let inflater = || Inflater::new(15, Context::Takeover);
    let whole = inflate(&mut inflater(), [payload], MAX_BYTES, &mut codecs);
    let pieces = inflate(&mut inflater(), cut(payload, sizes), MAX_BYTES, &mut codecs);
    prop_assert_eq!(&whole, &pieces);
    prop_assert!(whole.map_or(0, |message| message.len()) <= MAX_BYTES);
    Ok(())
}
