//! The closing handshake, and ends without one. RFC 6455 §5.5.1 and §7.

use tidewire_core::Protocol;
use tidewire_ws::{CloseCode, Closed, Error, SendError, Side};

use crate::kit::{BOTH, Config, Fact, Link, Role, TICK, close_frame, closed, lost, secs};

fn close(link: &mut Link, code: CloseCode, reason: &str) -> Result<(), SendError> {
    link.connection.close(code, reason, &mut link.outbox, link.now)
}

fn closed_by_us(code: CloseCode) -> Fact {
    let reason = "".into();
    Fact::Closed(Closed { code: Some(code), reason, clean: true, by: Side::Local })
}

#[test]
fn both_fail_on_close_of_one_byte() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x88, b"\x03"), [Fact::Failed(Error::CutCloseCode)]);
        assert_eq!(link.frames(), [close_frame(1002)]);
    }
}

/// Miri looks at a sample.
const STEP: usize = if cfg!(miri) { 1999 } else { 1 };

#[test]
fn both_echo_or_fail_on_every_close_code() {
    for role in BOTH {
        for code in (0..=u16::MAX).step_by(STEP) {
            let mut link = Link::new(role, Config::default());
            let facts = link.peer(0x88, &code.to_be_bytes());
            if matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                assert_eq!(facts, [closed(code, "")]);
                assert_eq!(link.frames(), [close_frame(code)]);
            } else {
                assert_eq!(facts, [Fact::Failed(Error::InvalidCloseCode { code })]);
                assert_eq!(link.frames(), [close_frame(1002)]);
            }
        }
    }
}

#[test]
fn both_fail_on_close_reason_that_is_not_utf8() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x88, b"\x03\xe8ok\xE2\x82"), [Fact::Failed(Error::InvalidUtf8)]);
        assert_eq!(link.frames(), [close_frame(1007)]);
    }
}

#[test]
fn both_refuse_to_send_a_close_reason_of_more_than_123_bytes() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let refused = close(&mut link, CloseCode::NORMAL, &"r".repeat(124));
        assert_eq!(refused, Err(SendError::ReasonTooLong));
        assert!(link.connection.is_open() && link.outbox.is_empty());
        assert_eq!(close(&mut link, CloseCode::NORMAL, &"r".repeat(123)), Ok(()));
        assert_eq!(link.frames()[0].1.len(), 125);
    }
}

#[test]
fn both_deliver_nothing_after_the_peers_close_and_send_nothing_after_theirs() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frames = [
            link.frame(0x88, b"\x03\xe8bye"),
            link.frame(0x81, b"late"),
            link.frame(0x89, b"late"),
            vec![0xFF; 20],
        ];
        assert_eq!(link.feed(&frames.concat()), [closed(1000, "bye")]);
        assert_eq!(link.frames(), [close_frame(1000)]);
        assert!(link.inbox.is_empty());
        let (connection, outbox) = (&mut link.connection, &mut link.outbox);
        assert_eq!(connection.send_text("late", outbox), Err(SendError::NotOpen));
        assert_eq!(connection.ping(b"", outbox, link.now), Err(SendError::NotOpen));
        assert_eq!(connection.pong(b"", outbox), Err(SendError::NotOpen));
        assert_eq!(connection.begin_text("late", outbox), Err(SendError::NotOpen));
        assert_eq!(connection.finish(outbox), Err(SendError::NotOpen));
        assert_eq!(close(&mut link, CloseCode::NORMAL, ""), Err(SendError::NotOpen));
        assert!(link.outbox.is_empty());
    }
}

#[test]
fn both_answer_an_empty_close_with_an_empty_one() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x88, b""), [closed(None, "")]);
        assert_eq!(link.frames(), [(0x88, vec![])]);
    }
}

#[test]
fn both_send_one_close_when_closes_cross() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        close(&mut link, CloseCode::NORMAL, "done").unwrap();
        assert_eq!(link.peer(0x88, &[0x03, 0xE9]), [closed_by_us(CloseCode::GOING_AWAY)]);
        assert_eq!(link.frames(), [(0x88, b"\x03\xe8done".to_vec())]);
    }
}

#[test]
fn both_send_one_close_when_the_peer_breaks_a_rule_after_it() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        close(&mut link, CloseCode::NORMAL, "").unwrap();
        assert_eq!(link.feed(&[0x83]), [Fact::Failed(Error::UnknownOpcode { opcode: 3 })]);
        assert_eq!(link.frames(), [close_frame(1000)]);
        assert!(link.outbox.is_ended());
    }
}

#[test]
fn both_take_a_close_inside_a_fragmented_message() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x01, b"half"), []);
        assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed(1000, "")]);
        assert_eq!(link.frames(), [close_frame(1000)]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn both_drop_what_comes_between_their_close_and_the_peers() {
    for role in BOTH {
        let mut config = Config::default();
        config.max_message_bytes = 8;
        let mut link = Link::new(role, config);
        let large = link.frame(0x81, &[0xFF; 70_000]);
        assert_eq!(link.peer(0x01, b"half"), []);
        let (begun, rest) = large.split_at(9);
        close(&mut link, CloseCode::NORMAL, "").unwrap();
        assert_eq!(link.peer(0x80, &[0xFF; 100]), []);
        assert_eq!(link.feed(begun), []);
        assert_eq!(link.feed(rest), []);
        assert_eq!(link.peer(0x89, b"?"), []);
        assert!(link.inbox.is_empty());
        assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed_by_us(CloseCode::NORMAL)]);
        assert_eq!(link.frames(), [close_frame(1000)]);
    }
}

#[test]
fn both_drop_a_message_whose_frame_was_half_read_when_they_closed() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let message = link.frame(0x81, b"half read");
        assert_eq!(link.feed(&message[..10]), []);
        close(&mut link, CloseCode::NORMAL, "").unwrap();
        assert_eq!(link.feed(&message[10..]), []);
        assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed_by_us(CloseCode::NORMAL)]);
    }
}

#[test]
fn server_ends_the_stream_as_soon_as_both_closes_are_through() {
    let mut link = Link::server();
    assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed(1000, "")]);
    assert!(link.outbox.is_ended());
    assert_eq!(link.connection.deadline(), None);

    let mut link = Link::server();
    close(&mut link, CloseCode::NORMAL, "").unwrap();
    assert!(!link.outbox.is_ended());
    assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed_by_us(CloseCode::NORMAL)]);
    assert!(link.outbox.is_ended());
}

#[test]
fn client_lets_the_server_end_the_stream_first() {
    let mut link = Link::client();
    assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed(1000, "")]);
    assert!(!link.outbox.is_ended());
    assert_eq!(link.end(), []);
    assert!(link.outbox.is_ended());
    assert_eq!(link.connection.deadline(), None);
}

#[test]
fn client_ends_the_stream_when_the_server_lingers_too_long() {
    let mut link = Link::client();
    assert_eq!(link.peer(0x88, &[0x03, 0xE8]), [closed(1000, "")]);
    assert_eq!(link.connection.deadline(), Some(link.now + secs(5)));
    assert_eq!(link.wait(secs(5) - TICK), []);
    assert!(!link.outbox.is_ended());
    assert_eq!(link.wait(TICK), []);
    assert!(link.outbox.is_ended());
}

#[test]
fn both_give_up_on_a_peer_that_never_answers_their_close() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        close(&mut link, CloseCode::NORMAL, "").unwrap();
        assert_eq!(link.connection.deadline(), Some(link.now + secs(10)));
        assert_eq!(link.wait(secs(10) - TICK), []);
        assert_eq!(link.peer(0x81, b"chatter"), []);
        assert_eq!(link.wait(TICK), [lost(Side::Local)]);
        assert_eq!(link.frames(), [close_frame(1000)]);
        assert!(link.outbox.is_ended());
    }
}

#[test]
fn both_report_an_end_without_close_as_unclean() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x01, b"half"), []);
        assert_eq!(link.feed(&[0x80]), []);
        assert_eq!(link.end(), [lost(Side::Peer)]);
        assert!(link.written().is_empty() && link.outbox.is_ended());

        let mut link = Link::new(role, Config::default());
        close(&mut link, CloseCode::NORMAL, "").unwrap();
        assert_eq!(link.end(), [lost(Side::Local)]);
        assert_eq!(link.frames(), [close_frame(1000)]);
    }
}

#[test]
fn both_deliver_what_came_before_the_end() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frames = [link.frame(0x82, b"last"), link.frame(0x88, &[0x0F, 0xA0])].concat();
        link.inbox.push(&frames);
        let last = Fact::Binary(b"last".to_vec());
        assert_eq!(link.end(), [last, closed(4000, "")]);
    }
}

#[test]
fn server_close_may_be_answered_while_an_event_is_held() {
    let mut link = Link::server();
    let frame = link.frame(0x81, b"quit");
    link.inbox.push(&frame);
    let event = link.connection.next_event(&mut link.inbox, &mut link.outbox, link.now);
    let Ok(Some(tidewire_ws::Event::Text(text))) = event else { panic!("{event:?}") };
    link.connection.close(CloseCode::NORMAL, &text, &mut link.outbox, link.now).unwrap();
    assert_eq!(link.role, Role::Server);
    assert_eq!(link.frames(), [(0x88, b"\x03\xe8quit".to_vec())]);
}
