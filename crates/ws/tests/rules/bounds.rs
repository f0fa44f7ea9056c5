//! The bounds of `Config` at their own bounds: nothing at all, and no bound. What each does in
//! between is in `connection`.

use std::time::Duration;

use tidewire_core::Protocol;
use tidewire_ws::{CloseCode, Delivery, Error, SendError, Side};

use crate::kit::{BOTH, Config, Fact, Link, Role, close_frame, closed, lost, secs, text};

fn with(change: impl Fn(&mut Config)) -> Config {
    let mut config = Config::default();
    change(&mut config);
    config
}

#[test]
fn every_limit_is_on_by_default_and_has_the_value_of_its_docs() {
    let config = Config::default();
    assert_eq!(config.max_frame_bytes, 1 << 20);
    assert_eq!(config.max_message_bytes, 1 << 20);
    assert_eq!(config.max_empty_fragments, 128);
    assert_eq!(config.max_control_frames_per_second, 100);
    assert_eq!(config.max_outbox_bytes, 1 << 20);
    assert_eq!(config.low_outbox_bytes, 256 << 10);
    assert_eq!(config.delivery, Delivery::Messages);
    assert!(config.answer_pings && !config.accept_long_lengths);
    assert_eq!(config.ping_every, Some(secs(25)));
    assert_eq!(config.pong_timeout, secs(20));
    assert_eq!(config.idle_timeout, Some(secs(120)));
    assert_eq!(config.close_timeout, secs(10));
    assert_eq!(config.linger, secs(5));
}

#[test]
fn a_bound_of_no_bytes_lets_the_empty_through_and_nothing_else() {
    for role in BOTH {
        let config = with(|config| config.max_frame_bytes = 0);
        let mut link = Link::new(role, config);
        assert_eq!(link.peer(0x81, b""), [text("")]);
        assert_eq!(link.peer(0x81, b"x"), [Fact::Failed(Error::FrameTooBig { limit_bytes: 0 })]);

        let config = with(|config| config.max_message_bytes = 0);
        let mut link = Link::new(role, config);
        assert_eq!(link.peer(0x01, b""), []);
        assert_eq!(link.peer(0x80, b""), [text("")]);
        assert_eq!(link.peer(0x81, b"x"), [Fact::Failed(Error::MessageTooBig { limit_bytes: 0 })]);
    }
}

#[test]
fn a_bound_of_no_deeds_refuses_the_first() {
    for role in BOTH {
        let mut link = Link::new(role, with(|config| config.max_empty_fragments = 0));
        assert_eq!(link.peer(0x81, b""), [text("")]);
        assert_eq!(link.peer(0x01, b""), [Fact::Failed(Error::EmptyFragments { limit: 0 })]);

        let mut link = Link::new(role, with(|config| config.max_control_frames_per_second = 0));
        assert_eq!(link.peer(0x8A, b""), [Fact::Failed(Error::ControlFlood { limit: 0 })]);
        let mut link = Link::new(role, with(|config| config.max_control_frames_per_second = 0));
        assert_eq!(link.peer(0x88, b""), [closed(None, "")]);
    }
}

#[test]
fn an_outbox_bound_of_nothing_lets_one_message_wait_and_a_close_and_a_keepalive_pass() {
    for role in BOTH {
        let mut link = Link::new(role, with(|config| config.max_outbox_bytes = 0));
        link.connection.send_text("one", &mut link.outbox).unwrap();
        let full = Err(SendError::OutboxFull { limit_bytes: 0 });
        assert_eq!(link.connection.send_text("", &mut link.outbox), full);
        assert_eq!(link.connection.ping(b"", &mut link.outbox, link.now), full);
        assert_eq!(link.wait(secs(25)), []);
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
        let expected = [(0x81, b"one".to_vec()), (0x89, vec![]), close_frame(1000)];
        assert_eq!(link.frames(), expected);
    }
}

#[test]
fn a_period_of_no_time_is_over_at_once_and_one_without_end_never() {
    for role in BOTH {
        let mut link = Link::new(role, with(|config| config.close_timeout = Duration::ZERO));
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
        assert_eq!(link.poll(), [lost(Side::Local)]);

        let mut link = Link::new(role, with(|config| config.close_timeout = Duration::MAX));
        link.connection.close(CloseCode::NORMAL, "", &mut link.outbox, link.now).unwrap();
        assert_eq!(link.wait(secs(1 << 33)), []);
        assert_eq!(link.peer(0x88, b"").len(), 1);

        let mut link = Link::new(
            role,
            with(|config| {
                config.ping_every = Some(Duration::MAX);
                config.idle_timeout = None;
            }),
        );
        assert_eq!(link.wait(secs(1 << 33)), []);
        assert!(link.outbox.is_empty());

        let mut link = Link::new(role, with(|config| config.pong_timeout = Duration::MAX));
        assert_eq!(link.wait(secs(25)), []);
        assert_eq!(link.frames(), [(0x89, vec![])]);
        assert_eq!(link.wait(secs(1 << 33)), []);
        assert!(link.connection.is_open());
    }
    let mut link = Link::new(Role::Client, with(|config| config.linger = Duration::ZERO));
    assert_eq!(link.peer(0x88, b""), [closed(None, "")]);
    assert!(link.outbox.is_ended());
    assert_eq!(link.connection.deadline(), None);
}

#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn no_bound_at_all_bounds_nothing_and_overflows_nowhere() {
    for role in BOTH {
        let mut link = Link::new(
            role,
            with(|config| {
                config.max_frame_bytes = usize::MAX;
                config.max_message_bytes = usize::MAX;
                config.max_empty_fragments = u32::MAX;
                config.max_control_frames_per_second = u32::MAX;
                config.max_outbox_bytes = usize::MAX;
            }),
        );
        assert_eq!(link.peer(0x02, &vec![1; 3 << 20]), []);
        for _ in 0..1000 {
            assert_eq!(link.peer(0x00, b""), []);
            assert_eq!(link.peer(0x89, b""), [Fact::Ping(vec![])]);
        }
        assert_eq!(link.peer(0x80, &vec![1; 3 << 20]), [Fact::Binary(vec![1; 6 << 20])]);
        link.connection.send_binary(&vec![1; 6 << 20], &mut link.outbox).unwrap();
        assert_eq!(link.frames().len(), 1001);
    }
}
