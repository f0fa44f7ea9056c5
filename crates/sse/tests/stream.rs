//! The server's stream: signs of life, lifetime, slow and stalled clients.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

mod kit;

use core::time::Duration;

use bytes::{Buf, Bytes};
use proptest::prelude::*;
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_sse::{
    Ending, EventId, EventName, Frame, SendError, Stream, StreamConfig, StreamError, StreamEvent,
};

use crate::kit::{entropy, event, events, seconds};

/// A stream, its outbox, and a clock that is moved by hand.
struct Link {
    stream: Stream,
    outbox: Outbox,
    now: Instant,
}

impl Link {
    fn new(config: StreamConfig) -> Self {
        let stream = Stream::new(config, &mut entropy(0), Instant::ORIGIN);
        Self { stream, outbox: Outbox::new(), now: Instant::ORIGIN }
    }

    fn next(&mut self) -> Result<Option<StreamEvent>, StreamError> {
        self.stream.next_event(&mut Inbox::new(), &mut self.outbox, self.now)
    }

    fn wait(&mut self, wait: Duration) -> Result<Option<StreamEvent>, StreamError> {
        self.now += wait;
        self.next()
    }

    fn send(&mut self, frame: &'static str) -> Result<(), SendError> {
        self.stream.send(&Bytes::from_static(frame.as_bytes()), &mut self.outbox, self.now)
    }

    /// What the client takes.
    fn take(&mut self) -> String {
        String::from_utf8(self.outbox.copy_to_bytes(self.outbox.len()).to_vec()).unwrap()
    }
}

const SECOND: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_nanos(1);

#[test]
fn a_clock_that_runs_backwards_brings_no_sign_of_life_early() {
    let mut link = Link::new(StreamConfig::default());
    link.now = seconds(100);
    link.send("data: x\n\n").unwrap();
    link.take();
    link.now = seconds(50);
    link.send("data: x\n\n").unwrap();
    link.take();
    link.now = seconds(114);
    assert_eq!(link.next(), Ok(None));
    assert_eq!(link.take(), "");
}

#[test]
fn a_clock_that_runs_backwards_makes_no_client_stall_early() {
    let mut config = StreamConfig::default();
    config.keep_alive_every = None;
    let mut link = Link::new(config);
    link.now = seconds(100);
    assert_eq!(link.next(), Ok(None));
    link.now = seconds(50);
    link.send("data: x\n\n").unwrap();
    assert_eq!(link.next(), Ok(None));
    link.now = seconds(129);
    assert_eq!(link.next(), Ok(None));
    link.now = seconds(130);
    assert_eq!(link.next(), Err(StreamError::Stalled { limit: 30 * SECOND }));
}

#[test]
fn no_room_at_all_still_takes_one_frame_at_a_time() {
    let mut config = StreamConfig::default();
    config.max_unsent_bytes = 0;
    let mut link = Link::new(config);
    link.send("data: x\n\n").unwrap();
    assert_eq!(link.send("data: x\n\n"), Err(SendError::OutboxFull { limit_bytes: 0 }));
    link.take();
    link.send("data: x\n\n").unwrap();
}

#[test]
fn the_head_keeps_caches_and_proxies_from_holding_events_back() {
    let fields = Stream::response_fields();
    assert!(fields.contains(&("Content-Type", "text/event-stream")));
    assert!(fields.contains(&("Cache-Control", "no-store, no-transform")));
    assert!(fields.contains(&("X-Accel-Buffering", "no")));
}

#[test]
fn a_silent_stream_gives_a_sign_of_life_every_15_seconds() {
    let mut link = Link::new(StreamConfig::default());
    assert_eq!(link.stream.deadline(), Some(seconds(15)));
    assert_eq!(link.wait(15 * SECOND - TICK), Ok(None));
    assert_eq!(link.take(), "");
    assert_eq!(link.wait(TICK), Ok(None));
    assert_eq!(link.take(), ":\n");
    assert_eq!(link.stream.deadline(), Some(seconds(30)));
}

#[test]
fn traffic_puts_the_sign_of_life_off() {
    let mut link = Link::new(StreamConfig::default());
    link.wait(10 * SECOND).unwrap();
    link.send("data: x\n\n").unwrap();
    assert_eq!(link.take(), "data: x\n\n");
    assert_eq!(link.stream.deadline(), Some(seconds(25)));
    link.wait(5 * SECOND).unwrap();
    assert_eq!(link.take(), "");
}

#[test]
fn signs_of_life_do_not_pile_up_behind_unsent_bytes() {
    let mut config = StreamConfig::default();
    config.max_stall = None;
    let mut link = Link::new(config);
    link.send("data: x\n\n").unwrap();
    for _ in 0..100 {
        assert_eq!(link.wait(15 * SECOND), Ok(None));
    }
    assert_eq!(link.take(), "data: x\n\n");
}

#[test]
fn an_event_can_be_the_sign_of_life_for_scripts_to_see() {
    let mut config = StreamConfig::default();
    let name = EventName::from_static("ping");
    config.keep_alive = Frame::new().name(&name).data("").to_bytes();
    let mut link = Link::new(config);
    link.wait(15 * SECOND).unwrap();
    assert_eq!(events(link.take()), [event("ping", "", "")]);
}

#[test]
fn a_period_of_nothing_does_not_spin() {
    let mut config = StreamConfig::default();
    config.keep_alive_every = Some(Duration::ZERO);
    let mut link = Link::new(config);
    assert_eq!(link.wait(SECOND), Ok(None));
    assert!(link.stream.deadline() > Some(link.now));
}

#[test]
fn a_sign_of_life_never_falls_into_a_frame() {
    let mut link = Link::new(StreamConfig::default());
    link.send("data: x\n\n").unwrap();
    link.outbox.advance(4);
    link.wait(15 * SECOND).unwrap();
    assert_eq!(link.take(), ": x\n\n");
}

#[test]
fn one_frame_is_one_chunk() {
    let mut link = Link::new(StreamConfig::default());
    let frame = Frame::new().data(&"x".repeat(1000)).to_bytes();
    link.stream.send(&frame, &mut link.outbox, link.now).unwrap();
    assert_eq!(link.outbox.chunk(), frame);
}

#[test]
fn frames_from_elsewhere_go_out_as_they_are() {
    let mut link = Link::new(StreamConfig::default());
    link.send("data:x\r\nfoo\r\n\r\n").unwrap();
    assert_eq!(link.take(), "data:x\r\nfoo\r\n\r\n");
}

#[test]
fn a_slow_client_is_told_of_at_the_limit_and_keeps_what_it_has() {
    let mut config = StreamConfig::default();
    config.max_unsent_bytes = 10;
    let mut link = Link::new(config);
    link.send("data: x\n\n").unwrap();
    link.send("data: yy\n\n").unwrap();
    assert_eq!(link.send("data: z\n\n"), Err(SendError::OutboxFull { limit_bytes: 10 }));
    link.outbox.advance(9);
    assert_eq!(link.send("data: z\n\n"), Err(SendError::OutboxFull { limit_bytes: 10 }));
    link.outbox.advance(1);
    link.send("data: z\n\n").unwrap();
    assert_eq!(link.take(), "ata: yy\n\ndata: z\n\n");
}

#[test]
fn a_refused_frame_does_not_put_the_sign_of_life_off() {
    let mut config = StreamConfig::default();
    config.max_unsent_bytes = 0;
    let mut link = Link::new(config);
    link.send("data: x\n\n").unwrap();
    link.now = seconds(5);
    link.send("data: x\n\n").unwrap_err();
    assert_eq!(link.stream.deadline(), Some(seconds(15)));
}

#[test]
fn a_gap_is_an_event_that_moves_the_client_behind_it() {
    let id = EventId::from_static("7.42");
    let mut link = Link::new(StreamConfig::default());
    link.wait(10 * SECOND).unwrap();
    link.stream.send_gap("7.3 to 7.42\nare gone", &id, &mut link.outbox, link.now).unwrap();
    assert_eq!(link.stream.deadline(), Some(seconds(25)));
    assert_eq!(events(link.take()), [event("reset", "7.3 to 7.42\nare gone", "7.42")]);

    let mut config = StreamConfig::default();
    config.gap_name = EventName::from_static("missed");
    let mut link = Link::new(config);
    link.stream.send_gap("", &id, &mut link.outbox, link.now).unwrap();
    assert_eq!(events(link.take()), [event("missed", "", "7.42")]);
}

#[test]
fn a_gap_is_refused_as_any_event_is() {
    let id = EventId::from_static("7.42");
    let mut config = StreamConfig::default();
    config.max_unsent_bytes = 9;
    let mut link = Link::new(config);
    link.send("data: x\n\n").unwrap();
    let refused = link.stream.send_gap("", &id, &mut link.outbox, link.now);
    assert_eq!(refused, Err(SendError::OutboxFull { limit_bytes: 9 }));
    link.stream.finish(None, &mut link.outbox).unwrap();
    let refused = link.stream.send_gap("", &id, &mut link.outbox, link.now);
    assert_eq!(refused, Err(SendError::NotOpen));
    assert_eq!(link.take(), "data: x\n\n");
}

#[test]
fn a_client_that_takes_nothing_for_30_seconds_fails_the_stream() {
    let mut link = Link::new(StreamConfig::default());
    link.send("data: x\n\n").unwrap();
    link.next().unwrap();
    assert_eq!(link.wait(29 * SECOND), Ok(None));
    link.outbox.advance(1);
    assert_eq!(link.wait(SECOND), Ok(None), "a byte was taken");
    assert_eq!(link.wait(30 * SECOND - TICK), Ok(None));
    assert_eq!(link.wait(TICK), Err(StreamError::Stalled { limit: 30 * SECOND }));
    assert!(link.outbox.is_ended() && !link.stream.is_open());
    assert_eq!((link.next(), link.stream.deadline()), (Ok(None), None));
    assert_eq!(link.send("data: x\n\n"), Err(SendError::NotOpen));
}

#[test]
fn a_client_that_is_gone_is_noticed_though_nothing_happens() {
    let mut link = Link::new(StreamConfig::default());
    assert_eq!(link.wait(15 * SECOND), Ok(None), "a sign of life waits");
    assert_eq!(link.wait(15 * SECOND), Ok(None));
    assert_eq!(link.stream.deadline(), Some(seconds(45)));
    assert_eq!(link.wait(15 * SECOND), Err(StreamError::Stalled { limit: 30 * SECOND }));
    assert_eq!(link.take(), ":\n", "one, and no last word");
}

#[test]
fn more_for_a_stalled_client_does_not_buy_it_time() {
    let mut link = Link::new(StreamConfig::default());
    link.send("data: x\n\n").unwrap();
    link.next().unwrap();
    for _ in 0..29 {
        assert_eq!(link.wait(SECOND), Ok(None));
        link.send("data: x\n\n").unwrap();
    }
    assert_eq!(link.wait(SECOND), Err(StreamError::Stalled { limit: 30 * SECOND }));
}

#[test]
fn frames_that_others_write_put_the_sign_of_life_off_until_the_end() {
    let mut link = Link::new(StreamConfig::default());
    link.now = seconds(10);
    link.stream.touch(link.now).unwrap();
    assert_eq!(link.stream.deadline(), Some(seconds(25)));
    link.stream.finish(None, &mut link.outbox).unwrap();
    assert_eq!(link.stream.touch(link.now), Err(SendError::NotOpen));
    link.next().unwrap();
    assert_eq!(link.stream.touch(link.now), Err(SendError::NotOpen));
}

#[test]
fn a_stream_without_timers_waits_for_its_caller_alone() {
    let mut config = StreamConfig::default();
    (config.keep_alive_every, config.max_stall) = (None, None);
    let mut link = Link::new(config);
    link.send("data: x\n\n").unwrap();
    assert_eq!(link.wait(1_000_000 * SECOND), Ok(None));
    assert_eq!(link.stream.deadline(), None);
}

#[test]
fn a_client_that_takes_all_never_stalls() {
    let mut link = Link::new(StreamConfig::default());
    for _ in 0..100 {
        link.send("data: x\n\n").unwrap();
        assert_eq!(link.next(), Ok(None));
        link.take();
        assert_eq!(link.wait(20 * SECOND), Ok(None));
        link.take();
    }
}

#[test]
fn a_lifetime_ends_in_its_last_fifth_with_a_hint_when_to_come_back() {
    for (draw, end) in [(0, 600), (255, 480)] {
        let mut config = StreamConfig::default();
        config.max_lifetime = Some(600 * SECOND);
        config.keep_alive_every = None;
        let stream = Stream::new(config, &mut entropy(draw), Instant::ORIGIN);
        let mut link = Link { stream, outbox: Outbox::new(), now: Instant::ORIGIN };
        assert_eq!(link.stream.deadline(), Some(seconds(end)));
        assert_eq!(link.wait(u32::try_from(end).unwrap() * SECOND - TICK), Ok(None));
        assert_eq!(link.wait(TICK), Ok(Some(StreamEvent::Ended(Ending::Expired))));
        assert_eq!(link.take(), "retry: 3000\n\n");
        assert!(link.outbox.is_finished());
        assert_eq!((link.next(), link.stream.deadline()), (Ok(None), None));
    }
}

#[test]
fn a_lifetime_cuts_no_frame_off_and_says_nothing_if_it_is_to() {
    for (retry, last) in [(Some(SECOND), "retry: 1000\n\n"), (None, "")] {
        let mut config = StreamConfig::default();
        (config.max_lifetime, config.retry) = (Some(10 * SECOND), retry);
        let mut link = Link::new(config);
        link.send("data: x\n\n").unwrap();
        link.outbox.advance(4);
        assert_eq!(link.wait(10 * SECOND), Ok(Some(StreamEvent::Ended(Ending::Expired))));
        assert_eq!(link.take(), format!(": x\n\n{last}"));
        assert!(link.outbox.is_finished());
        assert_eq!(link.stream.finish(None, &mut link.outbox), Err(SendError::NotOpen));
    }
}

#[test]
fn without_a_lifetime_the_stream_lives_on() {
    const SIGNS: usize = if cfg!(miri) { 100 } else { 10_000 };
    let mut link = Link::new(StreamConfig::default());
    for _ in 0..SIGNS {
        assert_eq!(link.wait(15 * SECOND), Ok(None));
        link.take();
    }
}

#[test]
fn finish_says_when_to_come_back_and_ends_once() {
    let mut link = Link::new(StreamConfig::default());
    link.send("data: x\n\n").unwrap();
    link.stream.finish(Some(SECOND), &mut link.outbox).unwrap();
    assert_eq!(link.send("data: y\n\n"), Err(SendError::NotOpen));
    assert_eq!(link.stream.finish(None, &mut link.outbox), Err(SendError::NotOpen));
    assert_eq!(link.next(), Ok(Some(StreamEvent::Ended(Ending::Finished))));
    assert_eq!((link.next(), link.stream.deadline()), (Ok(None), None));
    assert_eq!(link.take(), "data: x\n\nretry: 1000\n\n");
    assert!(link.outbox.is_finished());
}

#[test]
fn finish_without_a_hint_writes_nothing() {
    let mut link = Link::new(StreamConfig::default());
    link.stream.finish(None, &mut link.outbox).unwrap();
    assert!(link.outbox.is_finished());
}

#[test]
fn a_clock_that_runs_backwards_makes_nothing_early() {
    let mut link = Link::new(StreamConfig::default());
    link.wait(100 * SECOND).unwrap();
    link.take();
    link.now = seconds(1);
    assert_eq!(link.next(), Ok(None));
    assert_eq!(link.take(), "");
}

proptest! {
    /// Quiet, Bound, Last word and Replay, whatever is done in whatever order.
    #[test]
    fn a_stream_keeps_the_laws(steps in prop::collection::vec((0..6_u8, 0..40_000_u64), 0..80)) {
        let run = || -> Vec<Bytes> {
            let mut config = StreamConfig::default();
            config.max_lifetime = Some(300 * SECOND);
            config.max_unsent_bytes = 50;
            let mut link = Link::new(config);
            let mut written = Vec::new();
            let mut over = false;
            for &(step, amount) in &steps {
                match step {
                    0 => link.now += Duration::from_millis(amount),
                    1 | 2 => { link.send("data: twenty bytes..\n\n").ok(); }
                    3 => written.push(link.outbox.copy_to_bytes(link.outbox.len())),
                    4 => link.outbox.advance(link.outbox.len().min(amount as usize % 9)),
                    _ => if amount < 1000 {
                        link.stream.finish(Some(SECOND), &mut link.outbox).ok();
                    },
                }
                while let Ok(Some(_)) | Err(_) = link.next() {
                    assert!(!over, "one last word");
                    over = true;
                }
                assert!(link.stream.deadline().is_none_or(|at| at > link.now), "quiet");
                assert!(link.outbox.len() <= 50 + 22 + "retry: 3000\n\n".len(), "bound");
                assert_eq!(over, link.outbox.is_ended());
                assert_eq!(over, !link.stream.is_open());
            }
            written
        };
        prop_assert_eq!(run(), run());
    }
}
