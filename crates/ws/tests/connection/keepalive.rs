//! Silent peers are pinged, and given up when nothing comes of it.

use tidewire_core::Protocol;
use tidewire_ws::{Error, Side};

use crate::kit::{BOTH, Config, Fact, Link, TICK, close_frame, lost, secs, text};

#[test]
fn both_ping_after_a_silence_and_not_before() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.connection.deadline(), Some(link.now + secs(25)));
        assert_eq!(link.wait(secs(25) - TICK), []);
        assert!(link.outbox.is_empty());
        assert_eq!(link.wait(TICK), []);
        assert_eq!(link.frames(), [(0x89, vec![])]);
    }
}

#[test]
fn both_take_any_byte_as_a_sign_of_life() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frame = link.frame(0x81, b"slow");
        for byte in frame.chunks(1).take(frame.len() - 1) {
            assert_eq!(link.feed(byte), []);
            assert_eq!(link.wait(secs(25) - TICK), []);
            assert!(link.outbox.is_empty());
        }
        assert_eq!(link.feed(&frame[frame.len() - 1..]), [text("slow")]);
        assert_eq!(link.connection.deadline(), Some(link.now + secs(25)));
    }
}

#[test]
fn both_fail_when_nothing_follows_a_ping() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.wait(secs(25));
        link.written();
        assert_eq!(link.poll(), []);
        assert_eq!(link.wait(secs(20) - TICK), []);
        let failed = Fact::Failed(Error::PongTimeout { waited: secs(20) });
        assert_eq!(link.wait(TICK), [failed]);
        assert_eq!(link.frames(), [close_frame(3008)]);
    }
}

#[test]
fn both_stay_open_when_anything_follows_a_ping() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.wait(secs(25));
        link.written();
        link.wait(secs(19));
        assert_eq!(link.peer(0x81, b"busy"), [text("busy")]);
        assert_eq!(link.connection.deadline(), Some(link.now + secs(25)));
        assert_eq!(link.wait(secs(24)), []);
    }
}

#[test]
fn both_take_bytes_that_came_in_time_before_they_look_at_the_clock() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.wait(secs(25));
        link.written();
        link.poll();
        link.now += secs(3600);
        assert_eq!(link.peer(0x8A, b""), [Fact::Pong(vec![])]);
    }
}

#[test]
fn both_free_a_dead_peer_within_fifty_seconds_though_nobody_tells_when_the_ping_left() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let start = link.now;
        let mut facts = vec![];
        while facts.is_empty() {
            link.now = link.connection.deadline().unwrap();
            facts = link.poll();
            link.written();
        }
        assert_eq!(facts, [Fact::Failed(Error::PongTimeout { waited: secs(20) })]);
        assert!(link.now <= start + secs(50), "{:?}", link.now);
    }
}

#[test]
fn both_wait_for_a_ping_behind_bytes_that_leave_slowly() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.connection.send_binary(&[0; 100], &mut link.outbox).unwrap();
        link.wait(secs(25));
        for _ in 0..20 {
            assert_eq!(link.wait(secs(19)), []);
            bytes::Buf::advance(&mut link.outbox, 5);
            assert_eq!(link.poll(), []);
        }
        assert_eq!(link.wait(secs(20) - TICK), []);
        assert_eq!(link.wait(TICK), [Fact::Failed(Error::PongTimeout { waited: secs(20) })]);
    }
}

#[test]
fn both_fail_when_a_ping_cannot_leave_at_all() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        link.wait(secs(25));
        assert_eq!(link.wait(secs(20) - TICK), []);
        assert_eq!(link.wait(TICK), [Fact::Failed(Error::PongTimeout { waited: secs(20) })]);
    }
}

#[test]
fn both_hold_the_users_ping_to_the_same_time() {
    for role in BOTH {
        let mut config = Config::default();
        (config.ping_every, config.idle_timeout) = (None, None);
        let mut link = Link::new(role, config);
        assert_eq!(link.connection.deadline(), None);
        link.connection.ping(b"hello?", &mut link.outbox, link.now).unwrap();
        assert_eq!(link.frames(), [(0x89, b"hello?".to_vec())]);
        assert_eq!(link.poll(), []);
        assert_eq!(link.wait(secs(20) - TICK), []);
        assert_eq!(link.wait(TICK), [Fact::Failed(Error::PongTimeout { waited: secs(20) })]);
    }
}

#[test]
fn both_bear_a_clock_that_runs_backwards() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let start = link.now;
        link.now = tidewire_core::Instant::ORIGIN;
        assert_eq!(link.peer(0x81, b"then"), [text("then")]);
        link.now = start + (secs(25) - TICK);
        assert_eq!(link.poll(), []);
        assert!(link.outbox.is_empty());
    }
}

#[test]
fn both_let_a_second_ping_of_the_user_change_nothing() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        for _ in 0..2 {
            link.connection.ping(b"", &mut link.outbox, link.now).unwrap();
            link.written();
            assert_eq!(link.poll(), []);
            assert_eq!(link.wait(secs(10) - TICK), []);
        }
        let failed = Fact::Failed(Error::PongTimeout { waited: secs(20) });
        assert_eq!(link.wait(TICK + TICK), [failed]);
    }
}

#[test]
fn both_take_bytes_that_came_before_for_no_new_sign_of_life() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        let frames = [&link.frame(0x81, b"")[..], &[0x81]].concat();
        link.inbox.push(&frames);
        assert_eq!(link.next(), Some(text("")));
        assert_eq!(link.wait(secs(25)), []);
        assert_eq!(link.frames(), [(0x89, vec![])]);

        let mut link = Link::new(role, Config::default());
        assert_eq!(link.feed(&[0x81]), []);
        assert_eq!(link.wait(secs(25)), []);
        assert_eq!(link.frames(), [(0x89, vec![])]);
        assert_eq!(link.poll(), []);
        assert_eq!(link.wait(secs(20)), [Fact::Failed(Error::PongTimeout { waited: secs(20) })]);
    }
}

#[test]
fn both_close_with_1001_after_an_idle_time_if_pings_are_off() {
    for role in BOTH {
        let mut config = Config::default();
        config.ping_every = None;
        let mut link = Link::new(role, config);
        link.wait(secs(100));
        assert_eq!(link.feed(&link.frame(0x81, b"x")[..1]), [], "any byte counts");
        assert_eq!(link.connection.deadline(), Some(link.now + secs(120)));
        assert_eq!(link.wait(secs(120) - TICK), []);
        assert!(link.outbox.is_empty());
        assert_eq!(link.wait(TICK), []);
        assert_eq!(link.frames(), [close_frame(1001)]);
        assert_eq!(link.wait(secs(10)), [lost(Side::Local)]);
    }
}

#[test]
fn both_ping_before_they_close_even_if_called_late() {
    for role in BOTH {
        let mut link = Link::new(role, Config::default());
        assert_eq!(link.wait(secs(100_000)), []);
        assert_eq!(link.frames(), [(0x89, vec![])]);
        assert!(link.connection.is_open());
    }
}

#[test]
fn both_go_by_the_idle_time_alone_if_it_is_the_shorter_one() {
    for role in BOTH {
        let mut config = Config::default();
        config.idle_timeout = Some(secs(10));
        let mut link = Link::new(role, config);
        assert_eq!(link.wait(secs(10) - TICK), []);
        assert_eq!(link.wait(TICK), []);
        assert_eq!(link.frames(), [close_frame(1001)]);
    }
}

#[test]
fn both_stop_for_good_when_no_time_is_left_to_close() {
    for role in BOTH {
        let mut config = Config::default();
        (config.idle_timeout, config.close_timeout) = (Some(secs(1)), secs(0));
        let mut link = Link::new(role, config);
        assert_eq!(link.wait(secs(1)), [lost(Side::Local)]);
        assert_eq!(link.connection.deadline(), None);
    }
}
