//! Messages as they come: where parts may be cut, and that nothing else changes.

use proptest::prelude::*;
use tidewire_ws::{Delivery, Error};

use crate::kit::{BOTH, Config, Fact, Link, Role};

fn in_parts() -> Config {
    let mut config = Config::default();
    config.delivery = Delivery::Parts;
    config
}

fn part(text: &str, is_last: bool) -> Fact {
    Fact::TextPart(text.into(), is_last)
}

fn bytes(bytes: &[u8], is_last: bool) -> Fact {
    Fact::BinaryPart(bytes.to_vec(), is_last)
}

#[test]
fn both_deliver_a_frame_as_it_comes() {
    for role in BOTH {
        let mut link = Link::new(role, in_parts());
        let frame = link.frame(0x82, b"abcdef");
        let (start, end) = frame.split_at(frame.len() - 4);
        assert_eq!(link.feed(start), [bytes(b"ab", false)]);
        assert_eq!(link.feed(&end[..1]), [bytes(b"c", false)]);
        assert_eq!(link.feed(&end[1..]), [bytes(b"def", true)]);
        assert_eq!(link.peer(0x82, b"next"), [bytes(b"next", true)]);
        assert_eq!(link.inbox.len(), 0);
    }
}

#[test]
fn both_tell_the_end_of_an_empty_message() {
    for role in BOTH {
        let mut link = Link::new(role, in_parts());
        assert_eq!(link.peer(0x81, b""), [part("", true)]);
        assert_eq!(link.peer(0x02, b""), []);
        assert_eq!(link.peer(0x80, b""), [bytes(b"", true)]);
        assert_eq!(link.peer(0x02, b"x"), [bytes(b"x", false)]);
        assert_eq!(link.peer(0x80, b""), [bytes(b"", true)]);
    }
}

#[test]
fn both_keep_a_cut_character_for_the_next_part() {
    for role in BOTH {
        let mut link = Link::new(role, in_parts());
        let text = "a€b🌊c".as_bytes();
        assert_eq!(link.peer(0x01, &text[..2]), [part("a", false)]);
        assert_eq!(link.peer(0x00, &text[2..3]), []);
        assert_eq!(link.peer(0x89, b"?"), [Fact::Ping(b"?".to_vec())]);
        assert_eq!(link.peer(0x00, &text[3..6]), [part("€", false), part("b", false)]);
        assert_eq!(link.peer(0x00, &text[6..9]), [part("🌊", false)]);
        assert_eq!(link.peer(0x80, &text[9..]), [part("c", true)]);
    }
}

#[test]
fn both_fail_where_a_text_ends_inside_a_character() {
    for role in BOTH {
        for (first, payload) in [(0x81, &b"ab\xE2\x82"[..]), (0x81, b"\xE2")] {
            let mut link = Link::new(role, in_parts());
            assert_eq!(link.peer(first, payload), [Fact::Failed(Error::InvalidUtf8)]);
        }
        let mut link = Link::new(role, in_parts());
        assert_eq!(link.peer(0x01, b"a\xE2"), [part("a", false)]);
        assert_eq!(link.peer(0x80, b""), [Fact::Failed(Error::InvalidUtf8)]);
    }
}

#[test]
fn both_hold_parts_to_the_limits_of_messages() {
    for role in BOTH {
        let mut config = in_parts();
        (config.max_message_bytes, config.max_empty_fragments) = (10, 2);
        let mut link = Link::new(role, config.clone());
        assert_eq!(link.peer(0x02, &[1; 6]), [bytes(&[1; 6], false)]);
        assert_eq!(link.peer(0x00, &[1; 4]), [bytes(&[1; 4], false)]);
        let failed = Fact::Failed(Error::MessageTooBig { limit_bytes: 10 });
        assert_eq!(link.peer(0x00, &[1; 1]), [failed]);

        let mut link = Link::new(role, config);
        link.peer(0x02, b"");
        link.peer(0x00, b"");
        assert_eq!(link.peer(0x00, b""), [Fact::Failed(Error::EmptyFragments { limit: 2 })]);
    }
}

#[test]
fn both_count_an_empty_message_in_one_frame_for_no_fragment() {
    for role in BOTH {
        for delivery in [Delivery::Messages, Delivery::Parts] {
            let mut config = Config::default();
            (config.delivery, config.max_empty_fragments) = (delivery, 0);
            let mut link = Link::new(role, config);
            let fact = match delivery {
                Delivery::Messages => Fact::Text(String::new()),
                Delivery::Parts => part("", true),
            };
            assert_eq!(link.peer(0x81, b""), [fact]);
            let failed = Fact::Failed(Error::EmptyFragments { limit: 0 });
            assert_eq!(link.peer(0x01, b""), [failed]);
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn a_long_message_in_parts_takes_no_memory() {
    let mut config = in_parts();
    (config.max_frame_bytes, config.max_message_bytes) = (1 << 30, 1 << 30);
    let mut link = Link::new(Role::Client, config);
    link.feed(b"\x82\x7f\0\0\0\0\x04\0\0\0");
    let piece = vec![7; 1 << 16];
    for _ in 0..1 << 10 {
        assert_eq!(link.feed(&piece).len(), 1);
        assert!(link.inbox.is_empty() && link.inbox.capacity() <= 1 << 17);
    }
    assert_eq!(link.peer(0x82, b"next"), [bytes(b"next", true)]);
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "patterns take minutes to read")]
    fn parts_join_to_the_message_however_it_is_cut(
        texts in prop::collection::vec("\\PC{0,12}", 1..4),
        frame_len in 1..9_usize,
        read_len in 1..20_usize,
        role in prop::sample::select(&BOTH[..]),
    ) {
        let mut link = Link::new(role, in_parts());
        let mut input = Vec::new();
        for text in &texts {
            let mut first = 0x01;
            for fragment in text.as_bytes().chunks(frame_len) {
                input.extend(link.frame(first, fragment));
                first = 0x00;
            }
            input.extend(link.frame(first | 0x80, b""));
        }
        let mut joined = vec![String::new()];
        for fact in input.chunks(read_len).flat_map(|read| link.feed(read)) {
            let Fact::TextPart(text, is_last) = fact else { panic!("{fact:?}") };
            prop_assert!(is_last || !text.is_empty());
            joined.last_mut().unwrap().push_str(&text);
            if is_last {
                joined.push(String::new());
            }
        }
        prop_assert_eq!(joined.pop(), Some(String::new()));
        prop_assert_eq!(joined, texts);
    }
}
