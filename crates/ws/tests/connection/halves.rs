//! A connection taken apart: two tasks, and a reply on its way from one to the other.

use bytes::Buf;
use tidewire_core::{Inbox, Instant, Outbox};
use tidewire_ws::{CloseCode, Closed, Connection, Event, Receiving, Reply, Sending, Side};

use crate::kit::{Config, Link, TICK, close_frame, frames, hex, secs};

struct Halves {
    receiving: Receiving,
    sending: Sending,
    inbox: Inbox,
    reply: Reply,
    outbox: Outbox,
    now: Instant,
}

impl Halves {
    fn server(config: Config) -> Self {
        let now = Instant::ORIGIN + secs(100);
        let (receiving, sending) = Connection::server(config, now).split();
        let (inbox, reply, outbox) = (Inbox::new(), Reply::default(), Outbox::new());
        Self { receiving, sending, inbox, reply, outbox, now }
    }

    /// Takes all events there are, without a look at the other half.
    fn feed(&mut self, bytes: &str) -> Vec<String> {
        self.inbox.push(&hex(bytes));
        let mut told = Vec::new();
        loop {
            match self.receiving.next_event(&mut self.inbox, &mut self.reply, self.now) {
                Ok(None) => break,
                Ok(Some(event)) => told.push(format!("{event:?}")),
                Err(error) => told.push(format!("{error:?}")),
            }
        }
        assert!(self.receiving.deadline().is_none_or(|at| at > self.now));
        told
    }

    fn apply(&mut self) -> Vec<(u8, Vec<u8>)> {
        self.sending.apply(&self.reply.take(), &mut self.outbox, self.now);
        frames(&self.outbox.copy_to_bytes(self.outbox.len()), false)
    }
}

#[test]
fn the_reply_waits_for_the_other_half_and_keeps_the_latest_ping_alone() {
    let mut halves = Halves::server(Config::default());
    assert_eq!(halves.feed("8981 37fa213d 56 8981 37fa213d 55").len(), 2);
    assert_eq!(halves.apply(), [(0x8A, b"b".to_vec())]);
    assert!(halves.reply.is_empty());
    assert_eq!(halves.apply(), []);
}

#[test]
fn a_close_of_the_peer_is_echoed_by_the_other_half_which_then_ends() {
    let mut halves = Halves::server(Config::default());
    let closed =
        Closed { code: Some(CloseCode::NORMAL), reason: "".into(), clean: true, by: Side::Peer };
    let expected = format!("{:?}", Event::Closed(closed));
    assert_eq!(halves.feed("8882 37fa213d 3412"), [expected]);
    assert!(!halves.receiving.is_open() && halves.sending.is_open());
    assert_eq!(halves.apply(), [close_frame(1000)]);
    assert!(!halves.sending.is_open() && halves.outbox.is_ended());
}

#[test]
fn closes_that_cross_are_still_one_each() {
    let mut halves = Halves::server(Config::default());
    halves.sending.close(CloseCode::GOING_AWAY, "", &mut halves.outbox).unwrap();
    halves.feed("8882 37fa213d 3412");
    assert_eq!(halves.apply(), [close_frame(1001)]);
    assert!(halves.outbox.is_ended());
}

#[test]
fn the_close_timer_runs_from_when_the_receiving_half_is_told() {
    let mut halves = Halves::server(Config::default());
    halves.sending.close(CloseCode::NORMAL, "", &mut halves.outbox).unwrap();
    halves.receiving.on_close_sent(halves.now);
    assert_eq!(halves.receiving.deadline(), Some(halves.now + secs(10)));
    halves.now += secs(10) - TICK;
    assert!(halves.feed("8181 37fa213d 56").is_empty(), "a message is dropped");
    halves.now += TICK;
    assert_eq!(halves.feed("").len(), 1);
    assert_eq!(halves.apply(), [close_frame(1000)]);
    assert!(halves.outbox.is_ended());
}

#[test]
fn a_violation_is_told_by_one_half_and_closed_by_the_other() {
    let mut halves = Halves::server(Config::default());
    assert_eq!(halves.feed("8100"), ["Unmasked"]);
    assert_eq!(halves.apply(), [close_frame(1002)]);
    assert!(halves.outbox.is_ended());
    assert!(halves.feed("8100").is_empty());
    assert!(halves.reply.is_empty());
}

#[test]
fn a_silent_peer_is_pinged_and_given_up_across_the_halves() {
    let mut halves = Halves::server(Config::default());
    halves.now += secs(25);
    assert!(halves.feed("").is_empty());
    assert_eq!(halves.apply(), [(0x89, vec![])]);
    halves.now += secs(20);
    assert_eq!(halves.feed(""), ["PongTimeout { waited: 20s }"]);
    assert_eq!(halves.apply(), [close_frame(3008)]);
}

#[test]
fn a_ping_of_the_callers_is_timed_once_the_receiving_half_knows() {
    let mut config = Config::default();
    (config.ping_every, config.idle_timeout) = (None, None);
    let mut halves = Halves::server(config);
    halves.sending.ping(b"?", &mut halves.outbox).unwrap();
    assert_eq!(halves.receiving.deadline(), None);
    halves.receiving.on_ping_sent(halves.now);
    assert_eq!(halves.receiving.deadline(), Some(halves.now + secs(20)));
}

#[test]
fn a_ping_that_is_noted_after_its_pong_came_is_answered() {
    let mut halves = Halves::server(Config::default());
    let sent = halves.now;
    halves.sending.ping(b"", &mut halves.outbox).unwrap();
    halves.now += secs(1);
    assert_eq!(halves.feed("8a80 37fa213d").len(), 1);
    halves.receiving.on_ping_sent(sent);
    assert_eq!(halves.receiving.deadline(), Some(halves.now + secs(25)));
}

#[test]
fn a_ping_on_its_way_out_counts_as_left_once_the_halves_are_apart() {
    let mut link = Link::server();
    assert_eq!(link.wait(secs(25)), []);
    let pinged = link.now;
    let (mut receiving, _) = link.connection.split();
    let mut reply = Reply::default();
    let now = receiving.deadline().unwrap();
    assert!(matches!(receiving.next_event(&mut link.inbox, &mut reply, now), Ok(None)));
    assert_eq!(receiving.deadline(), Some(pinged + secs(20)));
}

#[test]
fn the_receiving_half_says_when_it_is_over() {
    let mut halves = Halves::server(Config::default());
    halves.receiving.on_close_sent(halves.now);
    assert!(!halves.receiving.is_open() && !halves.receiving.is_ended());
    halves.inbox.end();
    assert_eq!(halves.feed("").len(), 1);
    assert!(halves.receiving.is_ended());
}

#[test]
fn a_pong_without_room_is_owed_until_there_is_some() {
    let mut config = Config::default();
    config.max_outbox_bytes = 100;
    let mut halves = Halves::server(config);
    halves.sending.send_binary(&[0; 200], &mut halves.outbox).unwrap();
    halves.feed("8981 37fa213d 56");
    halves.sending.apply(&halves.reply.take(), &mut halves.outbox, halves.now);
    assert_eq!(halves.sending.deadline(), Some(halves.now + secs(1)));
    halves.outbox.advance(halves.outbox.len());
    assert!(!halves.sending.on_written(&mut halves.outbox, halves.now));
    assert_eq!(halves.apply(), [(0x8A, b"a".to_vec())]);
    assert_eq!(halves.sending.deadline(), None);
}

#[test]
fn halves_may_live_in_two_threads() {
    fn is_send<T: Send>() {}
    is_send::<Receiving>();
    is_send::<Sending>();
    is_send::<Reply>();
}
