//! Text is UTF-8, and fails as soon as it cannot be. RFC 6455 §8.1.

use tidewire_ws::Error;

use crate::kit::{BOTH, Config, Fact, Link, close_frame, text};

const INVALID: [Fact; 1] = [Fact::Failed(Error::InvalidUtf8)];

#[test]
fn both_fail_on_text_that_ends_inside_a_character() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x81, b"\xE2\x82"), INVALID);
        assert_eq!(link.frames(), [close_frame(1007)]);

        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x01, b"a\xE2\x82"), []);
        assert_eq!(link.peer(0x80, b""), INVALID);
        assert_eq!(link.frames(), [close_frame(1007)]);
    }
}

#[test]
fn both_check_each_message_afresh() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x81, "é".as_bytes()), [text("é")]);
        assert_eq!(link.peer(0x01, b"\xE2\x82"), []);
        assert_eq!(link.peer(0x80, b"\xAC"), [text("€")]);
        assert_eq!(link.peer(0x02, b"\xE2\x82"), []);
        assert_eq!(link.peer(0x80, b"\xFF"), [Fact::Binary(b"\xE2\x82\xFF".to_vec())]);
        assert_eq!(link.peer(0x81, b"ok"), [text("ok")]);
        assert_eq!(link.peer(0x81, b"\xAC"), INVALID);
    }
}

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 7 } else { 1 };

#[test]
fn both_take_a_character_split_at_every_byte_over_fragments_and_reads() {
    let whole = "κόσμε😀é€";
    for role in BOTH {
        for first in (0..=whole.len()).step_by(STEP) {
            for second in (first..=whole.len()).step_by(STEP) {
                let mut link = Link::new(role, Config::default());
                let parts = [
                    link.frame(0x01, &whole.as_bytes()[..first]),
                    link.frame(0x89, b"\xFF"),
                    link.frame(0x00, &whole.as_bytes()[first..second]),
                    link.frame(0x80, &whole.as_bytes()[second..]),
                ];
                let facts: Vec<Fact> =
                    parts.concat().chunks(1).flat_map(|byte| link.feed(byte)).collect();
                assert_eq!(facts, [Fact::Ping(vec![0xFF]), text(whole)]);
            }
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_fail_on_a_bad_byte_at_the_start_of_a_large_frame_without_the_rest() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frame = link.frame(0x81, &[0xC0; 1 << 20]);
        let head = if link.role == crate::kit::Role::Server { 14 } else { 10 };
        assert_eq!(link.feed(&frame[..head]), []);
        assert_eq!(link.feed(&frame[head..=head]), INVALID);
        assert_eq!(link.frames(), [close_frame(1007)]);
    }
}

#[test]
fn both_fail_on_surrogates_overlong_forms_and_what_lies_past_the_last_character() {
    for bad in [
        &b"\xED\xA0\x80"[..],
        b"\xED\xBF\xBF",
        b"\xC0\xAF",
        b"\xE0\x80\x80",
        b"\xF0\x80\x80\x80",
        b"\xF4\x90\x80\x80",
        b"\xF8\x88\x80\x80\x80",
    ] {
        for role in BOTH {
            let mut link = Link::new(role, Config::default());
            assert_eq!(link.peer(0x81, bad), INVALID, "{bad:x?}");
            assert_eq!(link.frames(), [close_frame(1007)]);
        }
    }
}
