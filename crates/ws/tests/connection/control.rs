//! Pings and pongs. RFC 6455 §5.5.2–§5.5.3.

use tidewire_core::Protocol;
use tidewire_ws::{CloseCode, Error, Side};

use crate::kit::{BOTH, Config, Fact, Link, TICK, close_frame, closed, lost, secs};

/// A flood; Miri looks at a sample.
const PINGS: u32 = if cfg!(miri) { 50 } else { 50_000 };

/// A configuration under which nothing but the test itself limits control frames and output.
fn tolerant() -> Config {
    let mut config = Config::default();
    config.max_control_frames_per_second = u32::MAX;
    config
}

#[test]
fn both_answer_a_ping_with_its_exact_payload() {
    for role in BOTH {
        for payload in [&b""[..], b"x", &[0xFF; 125]] {
            let mut link = Link::new(role, Config::default());
            assert_eq!(link.peer(0x89, payload), [Fact::Ping(payload.to_vec())]);
            assert_eq!(link.frames(), [(0x8A, payload.to_vec())]);
        }
    }
}

#[test]
fn both_only_report_an_unsolicited_pong() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.peer(0x8A, b"hi"), [Fact::Pong(b"hi".to_vec())]);
        assert!(link.outbox.is_empty());
    }
}

#[test]
fn both_answer_no_ping_behind_their_close() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
        assert_eq!(link.peer(0x89, b"?"), []);
        assert_eq!(link.frames(), [close_frame(1000)]);
        link.peer(0x88, b"");
        link.peer(0x89, b"late");
        assert!(link.outbox.is_empty());
    }
}

#[test]
fn both_bear_any_number_of_pings_while_they_close() {
    for role in BOTH {
        let mut config = Config::default();
        (config.max_control_frames_per_second, config.max_outbox_bytes) = (1, 1000);
        let mut link = Link::new(role, config);
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
        for _ in 0..PINGS / 50 {
            assert_eq!(link.peer(0x89, b"?"), []);
            assert_eq!(link.peer(0x8A, b"!"), []);
        }
        assert_eq!(link.frames(), [close_frame(1000)]);
        assert_eq!(link.wait(secs(10)), [lost(Side::Local)]);
    }
}

#[test]
fn both_remember_one_ping_while_the_peer_does_not_read() {
    for role in BOTH {
        let mut config = tolerant();
        config.max_outbox_bytes = 1000;
        let mut link = Link::new(role, config);
        link.connection.send_binary(&[0; 980], &mut link.outbox).unwrap();
        let before = link.outbox.len();
        for count in 0..PINGS {
            let payload = count.to_be_bytes();
            assert_eq!(link.peer(0x89, &payload), [Fact::Ping(payload.to_vec())]);
        }
        assert!(link.outbox.len() <= 1000, "{} bytes wait", link.outbox.len());
        assert!(link.outbox.len() - before < 2 * 10);

        link.written();
        assert_eq!(link.connection.deadline(), Some(link.now + secs(1)));
        assert_eq!(link.wait(secs(1)), []);
        assert_eq!(link.frames(), [(0x8A, (PINGS - 1).to_be_bytes().to_vec())]);
        assert_eq!(link.wait(secs(1)), []);
        assert!(link.outbox.is_empty());
    }
}

#[test]
fn both_answer_only_the_latest_ping_once_there_is_room() {
    for role in BOTH {
        let mut config = tolerant();
        config.max_outbox_bytes = 20;
        let mut link = Link::new(role, config);
        link.connection.send_binary(&[0; 20], &mut link.outbox).unwrap();
        link.peer(0x89, b"old");
        link.written();
        let frames = [link.frame(0x89, b"new"), link.frame(0x81, b"")].concat();
        link.feed(&frames);
        assert_eq!(link.frames(), [(0x8A, b"new".to_vec())]);
        link.wait(secs(1));
        assert!(link.outbox.is_empty());
    }
}

#[test]
fn both_drop_a_pong_that_they_owe_when_the_peer_closes() {
    for role in BOTH {
        let mut config = tolerant();
        config.max_outbox_bytes = 1;
        let mut link = Link::new(role, config);
        link.connection.send_binary(b"waits", &mut link.outbox).unwrap();
        assert_eq!(link.peer(0x89, b"?"), [Fact::Ping(b"?".to_vec())]);
        assert_eq!(link.peer(0x88, b""), [closed(None, "")]);
        assert_eq!(link.frames(), [(0x82, b"waits".to_vec()), (0x88, vec![])]);
    }
}

#[test]
fn both_send_the_users_pong_beside_the_automatic_one() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.connection.pong(b"mine", &mut link.outbox).unwrap();
        link.peer(0x89, b"yours");
        link.connection.pong(b"more", &mut link.outbox).unwrap();
        let pongs = [b"mine".to_vec(), b"yours".to_vec(), b"more".to_vec()];
        assert_eq!(link.frames(), pongs.map(|payload| (0x8A, payload)));
    }
}

#[test]
fn both_fail_on_more_pings_and_pongs_in_a_second_than_allowed() {
    for role in BOTH {
        let mut config = Config::default();
        config.max_control_frames_per_second = 3;
        let mut link = Link::new(role, config);
        for _ in 0..2 {
            for _ in 0..3 {
                assert_eq!(link.peer(0x8A, b""), [Fact::Pong(vec![])]);
            }
            link.wait(secs(1));
        }
        for _ in 0..3 {
            assert_eq!(link.peer(0x89, b""), [Fact::Ping(vec![])]);
        }
        link.written();
        assert_eq!(link.peer(0x8A, b""), [Fact::Failed(Error::ControlFlood { limit: 3 })]);
        assert_eq!(link.frames(), [close_frame(1008)]);
    }
}

#[test]
fn both_make_room_for_pings_as_time_passes_and_bear_a_clock_that_runs_backwards() {
    for role in BOTH {
        let mut config = Config::default();
        config.max_control_frames_per_second = 4;
        let mut link = Link::new(role, config);
        let behind = link.now;
        link.wait(secs(9));
        for _ in 0..4 {
            assert_eq!(link.peer(0x8A, b""), [Fact::Pong(vec![])]);
        }
        link.wait(secs(1) / 4);
        assert_eq!(link.peer(0x8A, b""), [Fact::Pong(vec![])]);
        link.now = behind;
        for _ in 0..4 {
            assert_eq!(link.peer(0x8A, b""), [Fact::Pong(vec![])]);
        }
        link.wait(secs(1) / 4 - TICK);
        assert_eq!(link.peer(0x8A, b""), [Fact::Failed(Error::ControlFlood { limit: 4 })]);
    }
}

#[test]
fn both_leave_pings_to_the_caller_if_told_to() {
    for role in BOTH {
        let mut config = Config::default();
        config.answer_pings = false;
        let mut link = Link::new(role, config);
        assert_eq!(link.peer(0x89, b"?"), [Fact::Ping(b"?".to_vec())]);
        assert!(link.outbox.is_empty());
        link.connection.pong(b"?", &mut link.outbox).unwrap();
        assert_eq!(link.frames(), [(0x8A, b"?".to_vec())]);
    }
}
