//! When and how often the connection is asked is the caller's to choose, and changes nothing.

use proptest::prelude::*;
use tidewire_core::Protocol;

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame, closed};

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(BOTH.to_vec())
}

/// Frames that are mostly right.
fn frames() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    let first = prop::sample::select(vec![0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x8A, 0x88, 0x83]);
    prop::collection::vec((first, "\\PC{0,30}".prop_map(String::into_bytes)), 0..8)
}

proptest! {
    /// Whoever waits for an event and gives up has lost nothing, and whoever asks again gains
    /// nothing.
    #[test]
    #[cfg_attr(miri, ignore = "patterns take minutes to read")]
    fn asking_again_at_any_byte_changes_nothing(
        role in role(), frames in frames(), again in prop::collection::vec(0..4_u8, 1..50)
    ) {
        let mut once = Link::new(role, Config::default());
        let bytes: Vec<u8> =
            frames.iter().flat_map(|(first, payload)| once.frame(*first, payload)).collect();
        let expected = (once.feed(&bytes), once.written(), once.outbox.is_ended());

        let mut often = Link::new(role, Config::default());
        let mut facts = vec![];
        for (byte, again) in bytes.iter().zip(again.iter().cycle()) {
            often.inbox.push(&[*byte]);
            for _ in 0..*again {
                let _ = often.connection.deadline();
                facts.extend(often.next());
            }
        }
        facts.extend(often.poll());
        prop_assert_eq!((facts, often.written(), often.outbox.is_ended()), expected);
    }

    /// Each event is told by one call, and none is told ahead of it.
    #[test]
    #[cfg_attr(miri, ignore = "patterns take minutes to read")]
    fn one_call_tells_one_event_and_answers_no_later_one(
        role in role(), pings in prop::collection::vec("[a-z]{0,8}", 1..10)
    ) {
        let mut link = Link::new(role, Config::default());
        for ping in &pings {
            let frame = link.frame(0x89, ping.as_bytes());
            link.inbox.push(&frame);
        }
        for ping in pings {
            prop_assert_eq!(link.next(), Some(Fact::Ping(ping.clone().into_bytes())));
            prop_assert_eq!(link.frames(), [(0x8A, ping.into_bytes())]);
        }
        prop_assert_eq!(link.next(), None);
    }

    /// Whatever stands behind the peer's Close, and whenever it comes, is dropped unread.
    #[test]
    #[cfg_attr(miri, ignore = "patterns take minutes to read")]
    fn nothing_behind_the_peers_close_is_told_or_answered(
        role in role(),
        frames in frames(),
        noise in prop::collection::vec(any::<u8>(), 0..100),
        at_once: bool,
    ) {
        let mut link = Link::new(role, Config::default());
        let close = link.frame(0x88, b"\x03\xE8bye");
        let late: Vec<u8> =
            frames.iter().flat_map(|(first, payload)| link.frame(*first, payload)).collect();
        let late = [late, noise].concat();
        if at_once {
            let facts = link.feed(&[close, late].concat());
            prop_assert_eq!(facts, [closed(1000, "bye")]);
        } else {
            prop_assert_eq!(link.feed(&close), [closed(1000, "bye")]);
            prop_assert_eq!(link.feed(&late), []);
        }
        prop_assert_eq!(link.frames(), [close_frame(1000)]);
        prop_assert!(link.inbox.is_empty());
    }
}
