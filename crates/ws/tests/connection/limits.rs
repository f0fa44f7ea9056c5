//! Each limit holds at its bound and breaks one past it.

use tidewire_core::{Inbox, Protocol};
use tidewire_ws::Error;

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame};

fn limited(change: impl Fn(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

#[test]
fn both_limit_a_frame_by_its_header() {
    for role in BOTH {
        let config = limited(|config| config.max_frame_bytes = 1000);
        let mut link = Link::new(role, config.clone());
        assert_eq!(link.peer(0x82, &[1; 1000]), [Fact::Binary(vec![1; 1000])]);
        assert_eq!(link.peer(0x02, &[1; 1000]), []);
        assert_eq!(link.peer(0x80, &[1; 1000]), [Fact::Binary(vec![1; 2000])]);
        let header = link.frame(0x82, &[1; 1001])[..8].to_vec();
        let failed = Fact::Failed(Error::FrameTooBig { limit_bytes: 1000 });
        assert_eq!(link.feed(&header), [failed]);
        assert_eq!(link.frames(), [close_frame(1009)]);
    }
}

#[test]
fn both_limit_a_message_over_all_its_fragments() {
    for role in BOTH {
        let config = limited(|config| config.max_message_bytes = 8);
        let failed = Fact::Failed(Error::MessageTooBig { limit_bytes: 8 });
        let mut link = Link::new(role, config.clone());
        assert_eq!(link.peer(0x82, &[1; 8]), [Fact::Binary(vec![1; 8])]);
        assert_eq!(link.peer(0x02, &[1; 5]), []);
        assert_eq!(link.peer(0x80, &[1; 3]), [Fact::Binary(vec![1; 8])]);
        assert_eq!(link.peer(0x02, &[1; 5]), []);
        assert_eq!(link.peer(0x80, &[1; 4]), std::slice::from_ref(&failed));
        assert_eq!(link.frames(), [close_frame(1009)]);

        let mut link = Link::new(role, config);
        assert_eq!(link.peer(0x82, &[1; 9]), [failed]);
    }
}

#[test]
fn both_limit_fragments_whose_lengths_overflow_when_added() {
    for role in BOTH {
        let config = limited(|config| config.max_frame_bytes = usize::MAX);
        let mut link = Link::new(role, config);
        assert_eq!(link.peer(0x02, &[1; 1000]), []);
        let second = if role == Role::Server { 0xFF } else { 0x7F };
        let header = [&[0x80, second][..], &(u64::MAX >> 1).to_be_bytes(), &[0; 4]].concat();
        let failed = Fact::Failed(Error::MessageTooBig { limit_bytes: 1 << 20 });
        assert_eq!(link.feed(&header), [failed]);
    }
}

#[test]
fn both_limit_empty_fragments() {
    for role in BOTH {
        let config = limited(|config| config.max_empty_fragments = 3);
        let mut link = Link::new(role, config);
        for first in [0x02, 0x00] {
            assert_eq!(link.peer(first, b""), []);
        }
        assert_eq!(link.peer(0x80, b""), [Fact::Binary(vec![])]);
        for first in [0x02, 0x00, 0x00] {
            assert_eq!(link.peer(first, b""), []);
        }
        assert_eq!(link.peer(0x00, b"x"), []);
        assert_eq!(link.peer(0x00, b""), [Fact::Failed(Error::EmptyFragments { limit: 3 })]);
        assert_eq!(link.frames(), [close_frame(1008)]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "a million frames take hours")]
fn both_take_a_million_fragments_of_one_byte() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let (first, more) = (link.frame(0x02, b"x"), link.frame(0x00, b"x"));
        assert_eq!(link.feed(&first), []);
        for _ in 0..((1 << 20) - 1) / 4095 {
            assert_eq!(link.feed(&more.repeat(4095)), []);
        }
        let facts = link.peer(0x80, b"");
        assert!(matches!(&facts[..], [Fact::Binary(bytes)] if bytes.len() > 1_000_000));
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_ask_for_room_only_as_far_as_a_lent_frame_needs() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frame = link.frame(0x82, &[7; 1 << 20]);
        let mut rest = &frame[..];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(link.inbox.room()).min(50_000));
            assert!(!piece.is_empty(), "stuck with {} bytes", link.inbox.len());
            link.inbox.push(piece);
            rest = behind;
            let event = link.next();
            assert_eq!(event.is_some(), rest.is_empty());
        }
        assert_eq!(link.inbox.room(), Inbox::DEFAULT_LIMIT);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_keep_fragments_out_of_the_inbox() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frame = link.frame(0x02, &[7; 1 << 19]);
        for piece in frame.chunks(4096) {
            assert_eq!(link.feed(piece), []);
            assert!(link.inbox.len() < 14);
        }
        let whole = Fact::Binary([&[7; 1 << 19][..], &[8]].concat());
        assert_eq!(link.peer(0x80, &[8]), [whole]);
        assert!(link.connection.deadline().is_some());
    }
}
