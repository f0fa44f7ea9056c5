//! The client: when to ask, what for, and what then. What a status means is `verdict`'s business.

use core::time::Duration;

use tidewire_core::{Backoff, Entropy, Instant};
use tidewire_hub::{Cursor, Start};

use crate::{Mode, PollerConfig, Verdict};

/// Asks for news again and again, one poll at a time, and goes on after the last answer that the
/// application took.
///
/// # The loop
///
/// Call [`next_ask`](Self::next_ask); send what it returns. Tell the response's status to
/// [`on_response`](Self::on_response) and do what the verdict says, or say that the connection
/// [`failed`](Self::failed). Wait for the response or for [`deadline`](Self::deadline); again.
///
/// ```
/// use tidewire_core::{Entropy, Instant};
/// use tidewire_hub::{Cursor, Start};
/// use tidewire_poll::{Poller, PollerConfig, Verdict};
///
/// let now = Instant::ORIGIN;
/// let mut poller = Poller::new(PollerConfig::default(), Entropy::new(|b| b.fill(0)), now);
/// let ask = poller.next_ask(now).expect("the first poll is due at once");
/// assert_eq!(ask.after, Start::Now);
/// // GET /poll?after=now&wait=0 brings: HTTP/1.1 200 OK
/// assert_eq!(poller.on_response(200, None, now), Verdict::ReadBody);
/// let next = Cursor { epoch: 7, offset: 3 };
/// // The application takes the events of the body, and keeps `next` with them.
/// poller.delivered(next, false, None, now);
/// assert_eq!(poller.next_ask(now).map(|ask| ask.after), Some(Start::After(next)));
/// ```
///
/// # States
///
/// ```text
///             next_ask           on_response: 200, 410
///        Idle ───────▶ Asked ────────────────────────────▶ Taking
///         ▲              │                                    │
///         └──────────────┴────────────────────────────────────┘
///           204 and 304 after a cursor, delivered: when the next poll is due
///           trouble, rejected, failed, time-out: when it has backed off
///
///        any ─── 4xx, stop ───▶ Stopped
/// ```
///
/// # Promises
///
/// - Never two polls at a time. A poll that stays unanswered counts as failed; when the next one is
///   handed out, whatever is left of the connection of the last one is to be dropped.
/// - The cursor moves when the application has taken a batch, never before and never back.
/// - Until there is a cursor no poll is held, so that the first answer brings one at once, and an
///   answer without one (204, 304) counts as trouble. Only what is published before the first answer
///   can be missed: with [`Start::Now`] all of it, with [`Start::Last`] what is more than that many,
///   with [`Start::Oldest`] what the log no longer keeps.
/// - Polls keep to the configured rate whatever the server answers. Failures back off with full
///   jitter until the next success.
/// - After [`stop`](Self::stop) nothing is asked.
///
/// # Left to the caller
///
/// The request and its credentials, the response's body, and keeping the cursor across restarts.
#[derive(Debug)]
pub struct Poller {
    config: PollerConfig,
    entropy: Entropy,
    start: Start,
    backoff: Backoff,
    /// When the polls so far have used up their share: the bucket of tokens, as one instant.
    spent_until: Instant,
    state: State,
}

/// What to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollRequest {
    /// Where to go on.
    pub after: Start,
    /// How long the server shall hold the poll; zero is an interval poll, or a long poller's first,
    /// for which there is no cursor yet.
    pub wait: Duration,
    /// The cursor for `If-None-Match`, as an [`EntityTag`](crate::EntityTag): if there is no news,
    /// 304 says so without a body. Interval polls alone have it.
    pub if_none_match: Option<Cursor>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The next poll is due at this instant.
    Idle {
        due: Instant,
    },
    /// A poll is under way. If all goes well the next one is due at `due`.
    Asked {
        give_up: Instant,
        due: Instant,
    },
    /// The body of an answer is being read and taken.
    Taking {
        give_up: Instant,
        due: Instant,
        reset: bool,
    },
    Stopped,
}

impl Poller {
    /// A poller whose first poll is due now.
    #[must_use]
    pub fn new(config: PollerConfig, entropy: Entropy, now: Instant) -> Self {
        let (start, backoff) = (config.start, config.backoff);
        let state = State::Idle { due: now };
        Self { config, entropy, start, backoff, spent_until: Instant::ORIGIN, state }
    }

    /// Returns the poll to send, if one is due. Whatever is left of an earlier one is to be dropped.
    pub fn next_ask(&mut self, now: Instant) -> Option<PollRequest> {
        if self.watchdog().is_some_and(|give_up| give_up <= now) {
            self.failed(now);
        }
        match self.state {
            State::Idle { due } if due <= now => {}
            State::Idle { .. } | State::Asked { .. } | State::Taking { .. } | State::Stopped => {
                return None;
            }
        }
        let wait = self.hold().unwrap_or_default();
        let due = match self.config.mode {
            Mode::Long { .. } => now,
            Mode::Interval { every } => now + (every - every / 10) + self.entropy.up_to(every / 5),
        };
        self.spent_until = self.spent_until.max(now) + self.config.min_gap;
        self.state = State::Asked { give_up: now + wait + self.config.grace, due };
        let if_none_match = match (self.config.mode, self.start) {
            (Mode::Interval { .. }, Start::After(cursor)) => Some(cursor),
            _ => None,
        };
        Some(PollRequest { after: self.start, wait, if_none_match })
    }

    /// Learns the status of the response, and how long its `Retry-After`
    /// [says](tidewire_core::retry_after) to stay away; says what to do now. A response that comes
    /// when none is awaited changes nothing.
    pub fn on_response(
        &mut self,
        status: u16,
        retry_after: Option<Duration>,
        now: Instant,
    ) -> Verdict {
        let due = match self.state {
            State::Asked { due, .. } => due,
            State::Idle { .. } | State::Taking { .. } => return Verdict::Retry,
            State::Stopped => return Verdict::Stopped,
        };
        let verdict = match (Verdict::of(status), self.start) {
            // Were it asked again from there, what was published meanwhile would be skipped.
            (Verdict::NotModified, Start::Oldest | Start::Now | Start::Last(_)) => Verdict::Retry,
            (verdict, _) => verdict,
        };
        let give_up = now + self.config.take_within;
        match verdict {
            Verdict::ReadBody => self.state = State::Taking { give_up, due, reset: false },
            Verdict::Reset => self.state = State::Taking { give_up, due, reset: true },
            Verdict::NotModified => {
                self.backoff.reset();
                self.rest(due);
            }
            Verdict::Retry => self.back_off(retry_after, now),
            Verdict::Stopped => self.stop(),
        }
        verdict
    }

    /// Whether the answer whose cursor is `next` is new. One that is not, but has events, is a replay
    /// by some cache: it is to be [rejected](Self::rejected), not taken again.
    #[must_use]
    pub fn is_news(&self, next: Cursor) -> bool {
        match self.start {
            Start::After(last) if !matches!(self.state, State::Taking { reset: true, .. }) => {
                next.epoch == last.epoch && next.offset > last.offset
            }
            Start::After(_) | Start::Oldest | Start::Now | Start::Last(_) => true,
        }
    }

    /// Learns that the application has taken the answer, or the gap after a reset, up to `next`; and
    /// what the answer said about there being more, and about staying away.
    ///
    /// The cursor moves only if `next` [is news](Self::is_news). The word to stay away is obeyed up to
    /// [`max_retry_after`](PollerConfig::max_retry_after); but after a poll that was not to be held,
    /// a second or less is the rhythm proposed to those who have none, and the poller keeps its own.
    pub fn delivered(
        &mut self,
        next: Cursor,
        more: bool,
        poll_after: Option<Duration>,
        now: Instant,
    ) {
        let State::Taking { due, .. } = self.state else { return };
        let mut away = poll_after.unwrap_or_default().min(self.config.max_retry_after);
        if self.hold().is_none() && away <= PROPOSED_RHYTHM {
            away = Duration::ZERO;
        }
        if self.is_news(next) {
            self.start = Start::After(next);
        }
        self.backoff.reset();
        self.rest((now + away).max(if more { now } else { due }));
    }

    /// Learns that the body was no valid answer, so that nothing was taken. The cursor stays.
    pub fn rejected(&mut self, now: Instant) {
        self.failed(now);
    }

    /// Learns that the connection failed, before the response or within it. The cursor stays.
    pub fn failed(&mut self, now: Instant) {
        match self.state {
            State::Asked { .. } | State::Taking { .. } => self.back_off(None, now),
            State::Idle { .. } | State::Stopped => {}
        }
    }

    /// Polls no more. What is under way is to be dropped.
    pub fn stop(&mut self) {
        self.state = State::Stopped;
    }

    /// Whether the poller has stopped, by [`stop`](Self::stop) or because of a
    /// [status](Verdict::Stopped).
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, State::Stopped)
    }

    /// Changes the kind of polling from the next poll on; the cursor stays.
    pub fn set_mode(&mut self, mode: Mode) {
        self.config.mode = mode;
    }

    /// Where the next poll goes on. Keep it with what was taken, and begin there after a restart.
    #[must_use]
    pub fn start(&self) -> Start {
        self.start
    }

    /// When to call [`next_ask`](Self::next_ask) again; `None` is never.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Idle { due } => Some(due),
            State::Asked { give_up, .. } | State::Taking { give_up, .. } => Some(give_up),
            State::Stopped => None,
        }
    }

    /// When the poll under way will be given up, if one is.
    #[must_use]
    pub fn watchdog(&self) -> Option<Instant> {
        match self.state {
            State::Asked { give_up, .. } | State::Taking { give_up, .. } => Some(give_up),
            State::Idle { .. } | State::Stopped => None,
        }
    }

    /// How long the next poll is to be held; `None` is not at all.
    fn hold(&self) -> Option<Duration> {
        match (self.config.mode, self.start) {
            (Mode::Long { wait }, Start::After(_)) => Some(wait),
            // Held without a cursor it would lose what comes between its failure and the next one.
            (Mode::Long { .. }, Start::Oldest | Start::Now | Start::Last(_))
            | (Mode::Interval { .. }, _) => None,
        }
    }

    fn back_off(&mut self, retry_after: Option<Duration>, now: Instant) {
        let away = retry_after.unwrap_or_default().min(self.config.max_retry_after);
        let wait = self.backoff.next(&mut self.entropy);
        self.rest(now + wait.max(away));
    }

    /// Waits until the next poll is due, or later if polls came too fast.
    fn rest(&mut self, due: Instant) {
        let ahead = self.config.min_gap.saturating_mul(self.config.burst.max(1) - 1);
        let allowed = self.spent_until.since_origin().saturating_sub(ahead);
        self.state = State::Idle { due: due.max(Instant::from_origin(allowed)) };
    }
}

/// Up to this, a server's word to stay away is no sign of trouble.
const PROPOSED_RHYTHM: Duration = Duration::from_secs(1);
