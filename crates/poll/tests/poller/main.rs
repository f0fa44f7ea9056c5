//! The client of both kinds of polling, one behaviour a test. What drives it lives here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

mod answers;
mod attention;
mod loops;
mod rate;
mod trouble;

use std::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::Cursor;
use tidewire_poll::{Mode, PollRequest, Poller, PollerConfig, ResponseHead, Verdict};

/// A poller and the time it is driven by. Random draws are the longest.
struct Driver {
    poller: Poller,
    now: Instant,
}

impl Driver {
    fn new(config: PollerConfig) -> Self {
        Self::drawing(255, config)
    }

    /// One whose random bytes are all the same.
    fn drawing(byte: u8, config: PollerConfig) -> Self {
        let entropy = Entropy::new(move |bytes| bytes.fill(byte));
        Self { poller: Poller::new(config, entropy, Instant::ORIGIN), now: Instant::ORIGIN }
    }

    fn long() -> Self {
        Self::new(PollerConfig::default())
    }

    fn interval(every: Duration) -> Self {
        let mut config = PollerConfig::default();
        config.mode = Mode::Interval { every };
        Self::new(config)
    }

    /// Asks as soon as it may, and is told a status.
    fn exchange(&mut self, status: u16) -> Verdict {
        self.ask();
        self.respond(status)
    }

    fn ask(&mut self) -> PollRequest {
        let due = self.poller.deadline().unwrap();
        self.now = self.now.max(due);
        self.poller.next_ask(self.now).unwrap()
    }

    fn respond(&mut self, status: u16) -> Verdict {
        self.respond_with(status, &[("Content-Type", "application/json")])
    }

    fn respond_with(&mut self, status: u16, fields: &[(&str, &str)]) -> Verdict {
        let head = ResponseHead::new(status, fields.iter().copied());
        self.poller.on_response(&head, self.now)
    }

    /// Lets time pass; returns the poll that is due then.
    fn wait(&mut self, wait: Duration) -> Option<PollRequest> {
        self.now += wait;
        self.poller.next_ask(self.now)
    }

    /// How long until the next poll is due.
    fn pause(&self) -> Duration {
        self.poller.deadline().unwrap().saturating_duration_since(self.now)
    }

    /// Asks and takes an answer up to an offset.
    fn deliver(&mut self, offset: u64) {
        assert_eq!(self.exchange(200), Verdict::ReadBody);
        self.poller.delivered(at(offset), false, None, self.now);
    }

    /// Asks and takes an answer that says to stay away.
    fn hint(&mut self, offset: u64, more: bool, poll_after: Duration) {
        assert_eq!(self.exchange(200), Verdict::ReadBody);
        self.poller.delivered(at(offset), more, Some(poll_after), self.now);
    }
}

fn at(offset: u64) -> Cursor {
    Cursor { epoch: 5, offset }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
