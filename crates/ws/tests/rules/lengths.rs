//! Lengths at every edge of their encodings and of the types that hold them. RFC 6455 §5.2.
#![cfg(target_pointer_width = "64")]

use allocation_counter::measure;
use tidewire_ws::Error;

use crate::kit::{BOTH, Config, Fact, KEY, Link, Role};

const EDGES: [u64; 18] = [
    0,
    1,
    125,
    126,
    127,
    0xFFFE,
    0xFFFF,
    0x1_0000,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    1 << 32,
    (1 << 53) - 1,
    1 << 53,
    (1 << 53) + 1,
    (1 << 62) + 1,
    (1 << 63) - 2,
    (1 << 63) - 1,
];

/// The header of a frame of `len` bytes from the peer, in the shortest form.
fn header(role: Role, first: u8, len: u64) -> Vec<u8> {
    let masked = role == Role::Server;
    let bit = if masked { 0x80 } else { 0 };
    let mut bytes = vec![first];
    if len < 126 {
        bytes.push(bit | len as u8);
    } else if len < 0x1_0000 {
        bytes.push(bit | 126);
        bytes.extend((len as u16).to_be_bytes());
    } else {
        bytes.push(bit | 127);
        bytes.extend(len.to_be_bytes());
    }
    if masked {
        bytes.extend(KEY);
    }
    bytes
}

fn limited(max_frame_bytes: usize, max_message_bytes: usize) -> Config {
    let mut config = Config::default();
    config.max_frame_bytes = max_frame_bytes;
    config.max_message_bytes = max_message_bytes;
    config
}

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 7 } else { 1 };

#[test]
fn both_compare_each_length_with_each_limit_exactly() {
    for role in BOTH {
        for limit in EDGES.into_iter().step_by(STEP) {
            for len in EDGES {
                let bytes = limit as usize;
                let frames = limited(bytes, usize::MAX);
                let facts = Link::new(role, frames).feed(&header(role, 0x82, len));
                let too_big = [Fact::Failed(Error::FrameTooBig { limit_bytes: bytes })];
                assert_eq!(facts == too_big, len > limit, "{len} of {limit}: {facts:?}");
                assert!(facts.is_empty() || len > limit || len == 0, "{len} of {limit}: {facts:?}");

                let messages = limited(usize::MAX, bytes);
                let facts = Link::new(role, messages).feed(&header(role, 0x02, len));
                let too_big = [Fact::Failed(Error::MessageTooBig { limit_bytes: bytes })];
                assert_eq!(facts == too_big, len > limit, "{len} of {limit}: {facts:?}");
                assert!(facts.is_empty() || len > limit, "{len} of {limit}: {facts:?}");
            }
        }
    }
}

#[test]
fn both_add_fragments_up_past_every_signed_and_unsigned_bound() {
    for role in BOTH {
        let mut link = Link::new(role, limited(usize::MAX, usize::MAX));
        assert_eq!(link.peer(0x02, &[1; 1000]), []);
        assert_eq!(link.feed(&header(role, 0x00, (1 << 63) - 1)), []);
        assert_eq!(link.feed(&[0; 1000]), []);

        let most = (1 << 63) - 1_u64;
        let mut link = Link::new(role, limited(usize::MAX, most as usize));
        assert_eq!(link.peer(0x02, &[1; 1]), []);
        assert_eq!(link.feed(&header(role, 0x00, most - 1)), []);
        let mut link = Link::new(role, limited(usize::MAX, most as usize));
        assert_eq!(link.peer(0x02, &[1; 1]), []);
        let failed = Fact::Failed(Error::MessageTooBig { limit_bytes: most as usize });
        assert_eq!(link.feed(&header(role, 0x00, most)), [failed]);
    }
}

#[test]
fn both_reserve_nothing_for_any_length_that_is_claimed() {
    for role in BOTH {
        for len in EDGES.into_iter().filter(|&len| len > 1) {
            for first in [0x82, 0x02] {
                let head = header(role, first, len);
                let mut link = Link::new(role, limited(usize::MAX, usize::MAX));
                let taken = measure(|| {
                    assert_eq!(link.feed(&head), []);
                    assert_eq!(link.feed(b"x"), []);
                });
                assert!(taken.bytes_max < 512, "{len}: {} bytes", taken.bytes_max);
            }
        }
    }
}
