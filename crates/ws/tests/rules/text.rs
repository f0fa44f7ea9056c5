//! Text is judged as it arrives, and each byte of it once. RFC 6455 §8.1.

use tidewire_ws::Error;

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame, text};

const INVALID: [Fact; 1] = [Fact::Failed(Error::InvalidUtf8)];
const LEN: usize = 1 << 20;

/// How many bytes stand before the payload of a long frame.
fn head_len(role: Role) -> usize {
    match role {
        Role::Server => 14,
        Role::Client => 10,
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_fail_at_the_very_byte_that_cannot_be_right_in_a_frame_of_a_mebibyte() {
    for role in BOTH {
        for first in [0x81, 0x01] {
            for at in (0..70).chain([4095, 4096, 65_535]) {
                let mut payload = vec![b'a'; LEN];
                payload[at..at + 2].copy_from_slice(b"\xE2\x28");
                let mut link = Link::new(role, Config::default());
                let frame = link.frame(first, &payload);
                let (good, rest) = frame.split_at(head_len(role) + at + 1);
                assert_eq!(link.feed(good), [], "{at}");
                assert_eq!(link.feed(&rest[..1]), INVALID, "{at}");
                assert_eq!(link.frames(), [close_frame(1007)]);
            }
        }
    }
}

#[test]
fn both_fail_at_the_very_byte_in_a_late_fragment() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x01, "é€".as_bytes()), []);
        assert_eq!(link.peer(0x00, b"\xF0\x9F"), []);
        let last = link.frame(0x80, b"\x98\x28aaaa");
        let (good, rest) = last.split_at(last.len() - 5);
        assert_eq!(link.feed(good), []);
        assert_eq!(link.feed(&rest[..1]), INVALID);
    }
}

/// What was judged is made wrong behind the connection's back, and nobody notices until it is put
/// right again: so a text in many reads costs as much as in one.
#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_look_at_each_byte_of_a_text_once() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frame = link.frame(0x81, "€".repeat(LEN / 3).as_bytes());
        let (head, mut rest) = frame.split_at(head_len(role) + 1000);
        assert_eq!(link.feed(head), []);
        let judged = link.inbox.as_slice().to_vec();
        while rest.len() > 1 {
            link.inbox.as_mut_slice()[..judged.len()].fill(0xFF);
            let (piece, behind) = rest.split_at(50_000.min(rest.len() - 1));
            assert_eq!(link.feed(piece), []);
            rest = behind;
        }
        link.inbox.as_mut_slice()[..judged.len()].copy_from_slice(&judged);
        let facts = link.feed(rest);
        assert!(matches!(&facts[..], [Fact::Text(text)] if text.len() == LEN / 3 * 3));
    }
}

/// If each fragment had the text before it judged again, this would look at 2³⁹ bytes, and not end.
#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_take_a_text_of_a_million_fragments_each_of_a_third_of_a_character() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let whole = "€".repeat(LEN / 3);
        let more: Vec<u8> =
            "€".bytes().flat_map(|byte| link.frame(0x00, &[byte])).collect::<Vec<_>>().repeat(255);
        assert_eq!(link.peer(0x01, b""), []);
        for _ in 0..LEN / 3 / 255 {
            assert_eq!(link.feed(&more), []);
        }
        let left = LEN / 3 % 255;
        assert_eq!(link.feed(&more[..more.len() / 255 * left]), []);
        assert_eq!(link.peer(0x80, b""), [text(&whole)]);
    }
}
