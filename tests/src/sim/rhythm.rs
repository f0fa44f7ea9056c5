//! When a poller may ask and when it must, the simplest way: what it promises of its rhythm, whatever it is
//! answered. What it asks for is held elsewhere.

use std::time::Duration;

use tidewire::core::Instant;
use tidewire::poll::{Mode, PollRequest, Poller};

use super::plan::{HIDDEN_EVERY, MAX_BACKOFF, MAX_RETRY_AFTER, MIN_GAP};

/// What is known of one poller's polls.
#[derive(Debug)]
pub(super) struct Rhythm {
    mode: Mode,
    is_hidden: bool,
    is_paused: bool,
    /// The poll that is under way.
    asked: Option<Asked>,
    /// The latest time that was told.
    latest: Instant,
    /// When no poll counts any more against how often they may follow each other.
    full_at: Instant,
    /// It was told to stay away until then.
    not_before: Instant,
    /// Its period is over then, unless something hurries it.
    period_ends: Option<Instant>,
    /// It must ask by then, and by then if something hurries it.
    by: Instant,
    by_if_hurried: Instant,
    /// How often polls follow each other in the long run.
    price: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    since: Instant,
    is_held: bool,
}

/// Most polls that follow each other at once.
const BURST: u32 = 2;
/// Up to this, a word to stay away after a poll that was not held is none.
const PROPOSED: Duration = Duration::from_secs(1);

impl Rhythm {
    pub(super) fn new(mode: Mode, now: Instant) -> Self {
        Self {
            mode,
            is_hidden: false,
            is_paused: false,
            asked: None,
            latest: now,
            full_at: now,
            not_before: now,
            period_ends: None,
            by: now,
            by_if_hurried: now,
            price: MIN_GAP,
        }
    }

    pub(super) fn asked(&mut self, ask: &PollRequest, now: Instant) {
        let now = self.advance(now);
        assert!(!self.is_paused, "it asks, and is paused");
        assert!(self.asked.is_none(), "two polls at a time");
        assert!(now >= self.not_before, "it was told to stay away until {:?}", self.not_before);
        let is_due = self.period_ends.is_none_or(|at| now >= at);
        assert!(is_due, "its period lasts until {:?}, now is {now:?}", self.period_ends);
        self.full_at = self.full_at.max(now) + MIN_GAP;
        assert!(self.full_at <= now + MIN_GAP * BURST, "polls too often: {:?}", self.full_at);
        let is_held = !ask.wait.is_zero();
        assert!(!is_held || self.period().is_none(), "an interval poll that waits");
        self.asked = Some(Asked { since: now, is_held });
    }

    pub(super) fn succeeded(&mut self, hint: Option<Duration>, more: bool, now: Instant) {
        let now = self.advance(now);
        let Some(Asked { since, is_held }) = self.asked.take() else { return };
        let hint = hint.unwrap_or_default().min(MAX_RETRY_AFTER);
        let hint = if !is_held && hint <= PROPOSED { Duration::ZERO } else { hint };
        self.price = hint.max(MIN_GAP);
        (self.not_before, self.period_ends) = (now, None);
        self.by_if_hurried = now;
        if !more {
            self.not_before = now + hint;
            self.by_if_hurried = now + spread(hint);
            self.period_ends = self.period().map(|every| since + every * 9 / 10);
        }
        let period_ends = self.period_ends.and(self.period()).map(|every| since + every * 11 / 10);
        self.by = self.by_if_hurried.max(period_ends.unwrap_or(now));
    }

    pub(super) fn failed(&mut self, told: Option<Duration>, now: Instant) {
        let now = self.advance(now);
        if self.asked.take().is_some() {
            let told = told.unwrap_or_default().min(MAX_RETRY_AFTER);
            (self.not_before, self.period_ends) = (now + told, None);
            self.by = now + MAX_BACKOFF.max(spread(told));
            self.by_if_hurried = self.by;
        }
    }

    pub(super) fn hide(&mut self) {
        self.is_hidden = true;
    }

    pub(super) fn pause(&mut self) {
        self.is_paused = true;
        if let Some(Asked { since, .. }) = self.asked.take() {
            (self.not_before, self.by_if_hurried) = (since, since);
        }
    }

    pub(super) fn resume(&mut self, now: Instant) {
        (self.is_hidden, self.is_paused) = (false, false);
        self.hurry(now);
    }

    pub(super) fn set_mode(&mut self, mode: Mode, now: Instant) {
        self.mode = mode;
        self.hurry(now);
    }

    /// Fails if the poller waits for longer than it may, with no poll under way.
    pub(super) fn check(&self, poller: &Poller, now: Instant) {
        if self.is_paused || self.asked.is_some() || poller.is_stopped() {
            return;
        }
        let due = poller.deadline();
        let by = self.by.max(self.latest.max(now)) + self.price * BURST;
        assert!(due.is_some_and(|due| due <= by), "asks at {due:?}, and is to by {by:?}");
    }

    fn hurry(&mut self, now: Instant) {
        let now = self.advance(now);
        self.period_ends = None;
        self.by = self.by_if_hurried.max(now);
    }

    fn period(&self) -> Option<Duration> {
        match self.mode {
            _ if self.is_hidden => Some(HIDDEN_EVERY),
            Mode::Long { .. } => None,
            Mode::Interval { every } => Some(every),
        }
    }

    /// The poller is told the time, which never runs backwards for it.
    pub(super) fn advance(&mut self, now: Instant) -> Instant {
        self.latest = self.latest.max(now);
        self.latest
    }
}

/// The longest that a word to stay away keeps it away.
fn spread(told: Duration) -> Duration {
    told + told / 5
}
