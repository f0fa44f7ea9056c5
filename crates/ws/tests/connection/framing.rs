//! Framing and fragmentation. RFC 6455 §5.1–§5.4.

use tidewire_ws::{Error, Opcode};

use crate::kit::{BOTH, Config, Fact, Link, close_frame, hex, text};

#[test]
fn server_fails_on_unmasked_frame() {
    let mut link = Link::server();
    assert_eq!(link.feed(&hex("8105 48656c6c6f")), [Fact::Failed(Error::Unmasked)]);
    assert_eq!(link.written(), hex("8802 03ea"));
    assert!(link.outbox.is_ended());
}

#[test]
fn client_fails_on_masked_frame() {
    let mut link = Link::client();
    assert_eq!(link.feed(&hex("8185 37fa213d 7f9f4d5158")), [Fact::Failed(Error::Masked)]);
    assert_eq!(link.frames(), [close_frame(1002)]);
    assert!(link.outbox.is_ended());
}

#[test]
fn both_fail_on_each_reserved_bit_without_extension() {
    for role in BOTH {
        for (first, bits) in [(0xC1, 4), (0xA1, 2), (0x91, 1), (0xF1, 7), (0xC9, 4), (0xC8, 4)] {
            let mut link = Link::new(role, Config::default());
            assert_eq!(link.feed(&[first]), [Fact::Failed(Error::ReservedBits { bits })]);
            assert_eq!(link.frames(), [close_frame(1002)]);
        }
    }
}

#[test]
fn both_fail_on_reserved_bit_of_a_continuation() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x01, b"a"), []);
        assert_eq!(link.feed(&[0xC0]), [Fact::Failed(Error::ReservedBits { bits: 4 })]);
    }
}

#[test]
fn both_fail_on_unknown_opcode_before_its_payload_comes() {
    for role in BOTH {
        for opcode in (0x3..=0x7).chain(0xB..=0xF) {
            for fin in [0x00, 0x80] {
                let mut link = Link::new(role, Config::default());
                let failed = Fact::Failed(Error::UnknownOpcode { opcode });
                assert_eq!(link.feed(&[fin | opcode]), [failed]);
                assert_eq!(link.frames(), [close_frame(1002)]);
            }
        }
    }
}

#[test]
fn both_fail_on_control_frame_of_126_bytes_at_its_second_byte() {
    for role in BOTH {
        for opcode in [Opcode::Close, Opcode::Ping, Opcode::Pong] {
            let mut link = Link::new(role, Config::default());
            let frame = link.frame(0x80 | opcode as u8, &[0; 126]);
            assert_eq!(link.feed(&frame[..2]), [Fact::Failed(Error::LongControl { opcode })]);
            assert_eq!(link.frames(), [close_frame(1002)]);
        }
    }
}

#[test]
fn both_take_control_frame_of_125_bytes() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x89, &[7; 125]), [Fact::Ping(vec![7; 125])]);
        assert_eq!(link.frames(), [(0x8A, vec![7; 125])]);
    }
}

#[test]
fn both_fail_on_fragmented_control_frame() {
    for role in BOTH {
        for opcode in [Opcode::Close, Opcode::Ping, Opcode::Pong] {
            let mut link = Link::new(role, Config::default());
            let failed = Fact::Failed(Error::FragmentedControl { opcode });
            assert_eq!(link.feed(&[opcode as u8]), [failed]);
            assert_eq!(link.frames(), [close_frame(1002)]);
        }
    }
}

#[test]
fn both_fail_on_length_that_is_not_minimal() {
    for (bytes, len) in [
        ("82fe 0000", 0),
        ("82fe 007d", 125),
        ("82ff 000000000000007e", 126),
        ("82ff 000000000000ffff", 65_535),
    ] {
        let failed = [Fact::Failed(Error::LengthNotMinimal { len })];
        let mut bytes = hex(bytes);
        assert_eq!(Link::server().feed(&bytes), failed);
        bytes[1] &= 0x7F;
        assert_eq!(Link::client().feed(&bytes), failed);
    }
}

#[test]
fn both_fail_on_length_with_the_top_bit() {
    for len in [1 << 63, u64::MAX - 8, u64::MAX] {
        for (mut link, second) in [(Link::server(), 0xFF), (Link::client(), 0x7F)] {
            let bytes = [&[0x82, second][..], &len.to_be_bytes()].concat();
            assert_eq!(link.feed(&bytes), [Fact::Failed(Error::LengthOutOfRange { len })]);
            assert_eq!(link.frames(), [close_frame(1002)]);
        }
    }
}

#[test]
fn both_compare_huge_lengths_exactly() {
    for len in [(1 << 53) + 1, (1 << 63) - 1_u64] {
        for (mut link, second) in [(Link::server(), 0xFF), (Link::client(), 0x7F)] {
            let bytes = [&[0x82, second][..], &len.to_be_bytes(), &[0; 4]].concat();
            let limit_bytes = 1 << 20;
            assert_eq!(link.feed(&bytes), [Fact::Failed(Error::FrameTooBig { limit_bytes })]);
            assert_eq!(link.frames(), [close_frame(1009)]);
        }
    }
}

#[test]
fn both_fail_on_lone_continuation() {
    for role in BOTH {
        for first in [0x00, 0x80] {
            let mut link = Link::new(role, Config::default());
            assert_eq!(link.feed(&[first]), [Fact::Failed(Error::NothingToContinue)]);
            assert_eq!(link.frames(), [close_frame(1002)]);
        }
    }
}

#[test]
fn both_fail_on_new_message_inside_a_fragmented_one() {
    for role in BOTH {
        for opcode in [Opcode::Text, Opcode::Binary] {
            for fin in [0x00, 0x80] {
                let mut link = Link::new(role, Config::default());
                assert_eq!(link.peer(0x01, b"a"), []);
                let failed = Fact::Failed(Error::UnfinishedMessage { opcode });
                assert_eq!(link.feed(&[fin | opcode as u8]), [failed]);
                assert_eq!(link.frames(), [close_frame(1002)]);
            }
        }
    }
}

#[test]
fn both_take_control_frames_between_fragments_in_their_order() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x01, b"Hel"), []);
        assert_eq!(link.peer(0x89, b"?"), [Fact::Ping(b"?".to_vec())]);
        assert_eq!(link.peer(0x00, b"l"), []);
        assert_eq!(link.peer(0x8A, b"!"), [Fact::Pong(b"!".to_vec())]);
        assert_eq!(link.peer(0x80, b"o"), [text("Hello")]);
        assert_eq!(link.frames(), [(0x8A, b"?".to_vec())]);
    }
}

#[test]
fn both_deliver_a_message_of_empty_fragments_as_one_empty_message() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x81, b""), [text("")]);
        assert_eq!(link.peer(0x82, b""), [Fact::Binary(vec![])]);
        assert_eq!(link.peer(0x01, b""), []);
        assert_eq!(link.peer(0x00, b""), []);
        assert_eq!(link.peer(0x80, b""), [text("")]);
        assert_eq!(link.peer(0x82, b"x"), [Fact::Binary(b"x".to_vec())]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_take_every_width_of_length() {
    for role in BOTH {
        for len in [0, 125, 126, 65_535, 65_536, 1 << 20] {
            let mut link = Link::new(role, Config::default());
            let payload: Vec<u8> = (0..len).map(|index| index as u8).collect();
            assert_eq!(link.peer(0x82, &payload), [Fact::Binary(payload)]);
        }
    }
}

#[test]
fn server_delivers_two_messages_before_garbage_in_the_same_read() {
    let mut link = Link::server();
    let facts = link.feed(&hex("8181 37fa213d 56 8181 37fa213d 55 ff 8181 37fa213d 54"));
    assert_eq!(facts, [text("a"), text("b"), Fact::Failed(Error::ReservedBits { bits: 7 })]);
    assert_eq!(link.frames(), [close_frame(1002)]);
}

#[test]
fn both_take_long_lengths_if_told_to() {
    for role in BOTH {
        let mut config = Config::default();
        config.accept_long_lengths = true;
        let mut link = Link::new(role, config);
        let short = link.frame(0x82, b"x");
        let (head, rest) = short.split_at(2);
        let bit = head[1] & 0x80;
        for long in [vec![0x82, bit | 126, 0, 1], vec![0x82, bit | 127, 0, 0, 0, 0, 0, 0, 0, 1]] {
            assert_eq!(link.feed(&[&long, rest].concat()), [Fact::Binary(b"x".to_vec())]);
        }
        let high = [0x82, bit | 127, 0x80, 0, 0, 0, 0, 0, 0, 1];
        let failed = Error::LengthOutOfRange { len: (1 << 63) + 1 };
        assert_eq!(link.feed(&high), [Fact::Failed(failed)]);
    }
}
