//! What we write zlib reads, and what zlib writes we read: any window, any cutting.

use bytes::BytesMut;
use flate2::{Decompress, FlushCompress, FlushDecompress, Status};
use proptest::collection::vec;
use proptest::prelude::*;
use tidewire_ws::deflate::{Codecs, Config, Context, Deflater, Inflater};

use crate::kit::{
    BOTH, TAIL, content, cut, deflate, deflater, inflate, message, own_and_lent, sizes, zlib,
    zlib_message, zlib_peer,
};

/// zlib as the receiver.
fn zlib_reads(peer: &mut Decompress, payload: &[u8]) -> Vec<u8> {
    let (mut out, with_tail) = (Vec::new(), [payload, &TAIL].concat());
    let mut bytes = &with_tail[..];
    loop {
        out.reserve(4096);
        let before = peer.total_in();
        let status = peer.decompress_vec(bytes, &mut out, FlushDecompress::Sync);
        assert_ne!(status.expect("zlib reads it"), Status::StreamEnd, "no block is the last");
        bytes = &bytes[(peer.total_in() - before) as usize..];
        if bytes.is_empty() && out.len() < out.capacity() {
            return out;
        }
    }
}

fn context() -> impl Strategy<Value = Context> {
    prop_oneof![Just(Context::Takeover), Just(Context::NoTakeover)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn zlib_reads_what_we_write(
        (bits, context, level, memory_level) in (9_u8..=15, context(), 1_u8..=9, 1_u8..=9),
        messages in vec((message(), sizes()), 1..6),
    ) {
        let mut config = Config::default();
        (config.level, config.memory_level) = (level, memory_level);
        let mut ours = Deflater::new(bits, context, config).expect("zlib has such a window");
        let mut codecs = Codecs::own();
        let mut peer = Decompress::new_with_window_bits(false, bits);
        for (message, sizes) in messages {
            if context == Context::NoTakeover {
                peer = Decompress::new_with_window_bits(false, bits);
            }
            let payload = deflate(&mut ours, cut(&message, &sizes), &mut codecs);
            prop_assert!(!payload.is_empty());
            prop_assert_eq!(zlib_reads(&mut peer, &payload), message);
        }
    }

    #[test]
    fn we_read_what_zlib_writes(
        (bits, context, level) in (9_u8..=15, context(), 0_u32..=9),
        messages in vec((message(), sizes(), sizes(), any::<bool>()), 1..6),
    ) {
        for mut codecs in own_and_lent() {
            let mut ours = Inflater::new(bits, context);
            let mut peer = zlib_peer(level, bits);
            for (message, fragments, reads, rests) in &messages {
                if context == Context::NoTakeover {
                    peer.reset();
                }
                let mut payload = Vec::new();
                let fragments = cut(message, fragments);
                let (last, first) = fragments.split_last().expect("there is one piece at least");
                for fragment in first {
                    payload.extend(zlib(&mut peer, fragment, FlushCompress::Sync));
                }
                payload.extend(zlib_message(&mut peer, last));
                let pieces = cut(&payload, reads);
                let inflated = inflate(&mut ours, pieces, message.len(), &mut codecs);
                prop_assert_eq!(inflated.map(Vec::from), Ok(message.clone()));
                if *rests {
                    ours.release(&mut codecs);
                }
            }
        }
    }

    #[test]
    fn any_cutting_inflates_to_the_same(message in message(), sizes in sizes()) {
        let payload = zlib_message(&mut zlib_peer(6, 15), &message);
        let (mut ours, mut codecs) = (Inflater::new(15, Context::Takeover), Codecs::own());
        for pieces in [vec![&payload[..]], cut(&payload, &sizes), cut(&payload, &[1])] {
            let mut inflater = Inflater::new(15, Context::NoTakeover);
            let once = inflate(&mut inflater, pieces.clone(), usize::MAX, &mut codecs);
            let again = inflate(&mut ours, pieces, usize::MAX, &mut codecs);
            prop_assert_eq!(&once.expect("valid")[..], &message[..]);
            prop_assert_eq!(&again.expect("valid")[..], &message[..]);
        }
    }
}

#[test]
fn windows_last_over_more_than_their_size() {
    for bits in 9..=15 {
        let (mut sender, mut codecs) = (deflater(bits, Context::Takeover, 6), Codecs::own());
        let mut receiver = Inflater::new(bits, Context::Takeover);
        let mut peer = Decompress::new_with_window_bits(false, bits);
        // Noise that comes again at a distance just within the window, for several windows.
        let noise = content((1 << bits) - 300, 7, 0);
        for round in 0..5 {
            let payload = deflate(&mut sender, [&noise[..]], &mut codecs);
            let inflated = inflate(&mut receiver, [&payload[..]], noise.len(), &mut codecs);
            assert_eq!(inflated.expect("valid"), noise);
            assert_eq!(zlib_reads(&mut peer, &payload), noise);
            assert!(round == 0 || bits < 12 || payload.len() < noise.len() / 10, "{bits}");
        }
    }
}

#[test]
fn a_window_of_eight_bits_is_taken_and_never_used() {
    let (mut codecs, config) = (Codecs::own(), Config::default());
    for context in BOTH {
        assert!(Deflater::new(8, context, config).is_none());
        let mut receiver = Inflater::new(8, context);
        for seed in 0..50 {
            let message = content(256, seed, 1);
            let payload = zlib_message(&mut zlib_peer(6, 9), &message);
            let inflated = inflate(&mut receiver, [&payload[..]], 256, &mut codecs);
            assert_eq!(inflated.expect("valid"), message);
        }
    }
}

#[test]
fn lengths_around_blocks_and_windows() {
    let mut codecs = Codecs::own();
    for around in [1 << 14, 1 << 15, 65_535, 1 << 16, 1 << 17] {
        for len in around - 2..=around + 2 {
            for kind in 0..4 {
                let message = content(len, 99, kind);
                let (mut sender, mut receiver) =
                    (deflater(15, Context::Takeover, 1), Inflater::new(15, Context::Takeover));
                for _ in 0..2 {
                    let payload = deflate(&mut sender, [&message[..]], &mut codecs);
                    let inflated = inflate(&mut receiver, [&payload[..]], len, &mut codecs);
                    assert_eq!(inflated.expect("valid"), message);
                }
                let stored = zlib_message(&mut zlib_peer(0, 15), &message);
                let inflated = inflate(&mut receiver, cut(&stored, &[16_384]), len, &mut codecs);
                assert_eq!(inflated.expect("valid"), message);
            }
        }
    }
}

#[test]
fn payloads_that_end_at_any_bit_of_a_byte() {
    let mut codecs = Codecs::own();
    let mut ends = [0; 256];
    for len in 0..600 {
        let message = content(len, len as u64, 1);
        for level in [1, 6] {
            let mut sender = deflater(15, Context::NoTakeover, level);
            let payload = deflate(&mut sender, [&message[..]], &mut codecs);
            ends[usize::from(*payload.last().expect("never empty"))] += 1;
            let mut receiver = Inflater::new(15, Context::NoTakeover);
            let mut inflated = BytesMut::new();
            for byte in payload.chunks(1) {
                receiver.push(byte, len, &mut inflated, &mut codecs).expect("valid");
            }
            receiver.finish(&mut codecs).expect("valid");
            assert_eq!(inflated, message);
        }
    }
    assert!(ends[0] > 50, "the last block's end and the flush's header filled a byte between them");
}
