//! A full outbox: what is refused, and when room is told of.

use bytes::Buf;
use tidewire_ws::{CloseCode, SendError};

use crate::kit::{BOTH, Config, Fact, Link};

fn small() -> Config {
    let mut config = Config::default();
    (config.max_outbox_bytes, config.low_outbox_bytes) = (1000, 100);
    config
}

/// Fills the outbox until a command is refused.
fn fill(link: &mut Link) {
    let full = Err(SendError::OutboxFull { limit_bytes: 1000 });
    while link.connection.send_binary(&[0; 50], &mut link.outbox) != full {}
}

#[test]
fn both_tell_of_room_once_for_each_time_it_was_missing() {
    for role in BOTH {
        let mut link = Link::new(role, small());
        link.connection.send_binary(&[0; 900], &mut link.outbox).unwrap();
        link.written();
        assert_eq!(link.poll(), [], "nothing was refused");
        for _ in 0..2 {
            fill(&mut link);
            assert_eq!(link.poll(), []);
            link.outbox.advance(link.outbox.len() - 101);
            assert_eq!(link.poll(), [], "one byte too many");
            link.outbox.advance(1);
            assert_eq!(link.poll(), [Fact::Drained]);
            assert_eq!(link.poll(), []);
            link.written();
            assert_eq!(link.poll(), []);
        }
    }
}

#[test]
fn both_change_nothing_when_they_refuse() {
    for role in BOTH {
        let mut link = Link::new(role, small());
        fill(&mut link);
        let before = link.outbox.len();
        let full = Err(SendError::OutboxFull { limit_bytes: 1000 });
        assert_eq!(link.connection.begin_text(&"x".repeat(50), &mut link.outbox), full);
        assert_eq!(link.outbox.len(), before);
        link.written();
        assert_eq!(link.connection.send_text("x", &mut link.outbox), Ok(()), "none is under way");
    }
}

#[test]
fn both_tell_of_no_room_that_does_not_suffice_for_what_was_refused() {
    for role in BOTH {
        for len in [990, 2000] {
            let mut link = Link::new(role, small());
            link.connection.send_binary(&[0; 50], &mut link.outbox).unwrap();
            let message = vec![0; len];
            assert!(link.connection.send_binary(&message, &mut link.outbox).is_err());
            assert_eq!(link.poll(), [], "nothing has left");
            link.written();
            assert_eq!(link.poll(), [Fact::Drained]);
            assert_eq!(link.connection.send_binary(&message, &mut link.outbox), Ok(()));
        }
    }
}

#[test]
fn a_closed_connection_tells_of_no_room() {
    for role in BOTH {
        let mut link = Link::new(role, small());
        fill(&mut link);
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
        link.written();
        assert_eq!(link.poll(), []);
    }
}
