//! The client: when to ask, what for, and what then. What a head means is `verdict`'s business.

use core::time::Duration;

use tidewire_core::{Backoff, Entropy, Instant, retry_after};
use tidewire_hub::{Cursor, Start};

use crate::bucket::Bucket;
use crate::{Mode, PollRequest, PollerConfig, ResponseHead, Verdict};

/// Asks for news again and again, one poll at a time, and goes on after the last answer that the
/// application took.
///
/// # The loop
///
/// Call [`next_ask`](Self::next_ask); send what it returns. Tell the response's head to
/// [`on_response`](Self::on_response) and do what the verdict says, or say that the connection
/// [`failed`](Self::failed). Wait for the response or for [`deadline`](Self::deadline); again.
///
/// ```
/// use tidewire_core::{Entropy, Instant};
/// use tidewire_hub::{Cursor, Start};
/// use tidewire_poll::{Poller, PollerConfig, ResponseHead, Verdict};
///
/// let now = Instant::ORIGIN;
/// let mut poller = Poller::new(PollerConfig::default(), Entropy::new(|b| b.fill(0)), now);
/// let ask = poller.next_ask(now).expect("the first poll is due at once");
/// assert_eq!(ask.after, Start::Now);
/// // GET /poll?after=now&wait=0 brings:
/// let head = ResponseHead::new(200, [("Content-Type", "application/json")]);
/// assert_eq!(poller.on_response(&head, now), Verdict::ReadBody);
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
///        ▲  ▲            │                                    │
///        │  └────────────┴────────────────────────────────────┘
/// resume │    204 and 304 after a cursor, delivered: when the next poll is due
///        │    trouble, rejected, failed, time-out: when it has backed off
///        ▼ pause, from any but Stopped
///      Paused            any ─── 4xx, stop ───▶ Stopped
/// ```
///
/// # Promises
///
/// - Never two polls at a time. A poll that stays unanswered counts as failed; when the next one is
///   handed out, whatever is left of the connection of the last one is to be dropped.
/// - The cursor moves when the application has taken a batch, never before, and back only to where a
///   reset says.
/// - Until there is a cursor no poll is held, so that the first answer brings one at once, and an
///   answer without one (204, 304) counts as trouble. Only what is published before the first answer
///   can be missed: with [`Start::Now`] all of it, with [`Start::Last`] what is more than that many,
///   with [`Start::Oldest`] what the log no longer keeps.
/// - Polls keep to the configured rate whatever the server answers and however long the host slept.
///   Failures back off with full jitter until the next success.
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
    /// A token for each poll; it comes back in the shortest gap, or in what the server hinted at for
    /// those that fetch more.
    bucket: Bucket,
    is_hidden: bool,
    /// The latest time that was told: a clock that runs backwards makes nothing early.
    latest: Instant,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The next poll is due. Whatever hurries it, it is not to be asked before `earliest`.
    Idle {
        due: Instant,
        earliest: Instant,
    },
    /// A poll is under way.
    Asked {
        since: Instant,
        give_up: Instant,
        is_held: bool,
    },
    /// The body of an answer is being read and taken.
    Taking {
        since: Instant,
        give_up: Instant,
        is_held: bool,
        is_reset: bool,
    },
    Paused {
        earliest: Instant,
    },
    Stopped,
}

impl Poller {
    /// A poller whose first poll is due now.
    #[must_use]
    pub fn new(config: PollerConfig, entropy: Entropy, now: Instant) -> Self {
        let PollerConfig { start, backoff, min_gap, burst, .. } = config;
        let bucket = Bucket::new(burst, min_gap);
        let state = State::Idle { due: now, earliest: now };
        Self { config, entropy, start, backoff, bucket, is_hidden: false, latest: now, state }
    }

    /// Returns the poll to send, if one is due. Whatever is left of an earlier one is to be dropped.
    pub fn next_ask(&mut self, now: Instant) -> Option<PollRequest> {
        let now = self.advance(now);
        if self.watchdog().is_some_and(|give_up| give_up <= now) {
            self.failed(now);
        }
        match self.state {
            State::Idle { due, .. } if due <= now => {}
            State::Idle { .. }
            | State::Asked { .. }
            | State::Taking { .. }
            | State::Paused { .. }
            | State::Stopped => return None,
        }
        let hold = self.hold();
        let wait = hold.unwrap_or_default();
        self.bucket.spend(now);
        let give_up = now + wait + self.config.grace;
        self.state = State::Asked { since: now, give_up, is_held: hold.is_some() };
        let if_none_match = match (self.mode(), self.start) {
            (Mode::Interval { .. }, Start::After(cursor)) => Some(cursor),
            _ => None,
        };
        Some(PollRequest { after: self.start, wait, if_none_match })
    }

    /// Learns the head of the response; says what to do now. A response that comes when none is
    /// awaited changes nothing.
    pub fn on_response(&mut self, head: &ResponseHead<'_>, now: Instant) -> Verdict {
        let now = self.advance(now);
        let (since, is_held) = match self.state {
            State::Asked { since, is_held, .. } => (since, is_held),
            State::Idle { .. } | State::Taking { .. } | State::Paused { .. } => {
                return Verdict::Retry;
            }
            State::Stopped => return Verdict::Stopped,
        };
        let verdict = match (Verdict::of(head, self.config.media_type), self.start) {
            // Were it asked again from there, what was published meanwhile would be skipped.
            (Verdict::NotModified, Start::Oldest | Start::Now | Start::Last(_)) => Verdict::Retry,
            (verdict, _) => verdict,
        };
        let give_up = now + self.config.take_within;
        match verdict {
            Verdict::ReadBody => {
                self.state = State::Taking { since, give_up, is_held, is_reset: false };
            }
            Verdict::Reset => {
                self.state = State::Taking { since, give_up, is_held, is_reset: true };
            }
            Verdict::NotModified => self.on_success(since, Duration::ZERO, false, now),
            Verdict::Retry => {
                let told = head.retry_after.and_then(|value| retry_after(value, head.date));
                self.back_off(told, now);
            }
            Verdict::Stopped => self.stop(),
        }
        verdict
    }

    /// Whether the answer whose cursor is `next` is new, as one in another epoch is if a log that forked
    /// [goes on](tidewire_hub::Lineage) there. One that is not, but has events, is a replay
    /// by some cache: it is to be [rejected](Self::rejected), not taken again.
    #[must_use]
    pub fn is_news(&self, next: Cursor) -> bool {
        match self.start {
            Start::After(last) if !matches!(self.state, State::Taking { is_reset: true, .. }) => {
                // A log that forked goes on in another epoch, at the same offset or above it.
                next.offset > last.offset || (next.offset == last.offset && next != last)
            }
            Start::After(_) | Start::Oldest | Start::Now | Start::Last(_) => true,
        }
    }

    /// Learns that the application has taken the answer, or the gap after a reset, up to `next`; and
    /// what the answer said about there being more, and about staying away.
    ///
    /// The cursor moves only if `next` [is news](Self::is_news). The word to stay away is obeyed up to
    /// [`max_retry_after`](PollerConfig::max_retry_after). Where there is more, it is no pause, but
    /// the rate of the polls that fetch it: their bucket refills so slowly. After a poll that was not
    /// to be held, a second or less is the rhythm proposed to those who have none, and the poller
    /// keeps its own.
    pub fn delivered(
        &mut self,
        next: Cursor,
        more: bool,
        poll_after: Option<Duration>,
        now: Instant,
    ) {
        let now = self.advance(now);
        let State::Taking { since, is_held, .. } = self.state else { return };
        if self.is_news(next) {
            self.start = Start::After(next);
        }
        let hint = poll_after.unwrap_or_default().min(self.config.max_retry_after);
        let is_proposal = !is_held && hint <= PROPOSED_RHYTHM;
        self.on_success(since, if is_proposal { Duration::ZERO } else { hint }, more, now);
    }

    /// Learns that the body was no valid answer, so that nothing was taken. The cursor stays.
    pub fn rejected(&mut self, now: Instant) {
        self.failed(now);
    }

    /// Learns that the connection failed, before the response or within it. The cursor stays.
    pub fn failed(&mut self, now: Instant) {
        let now = self.advance(now);
        match self.state {
            State::Asked { .. } | State::Taking { .. } => self.back_off(None, now),
            State::Idle { .. } | State::Paused { .. } | State::Stopped => {}
        }
    }

    /// Changes the kind of polling from the next poll on; the cursor stays. If none is under way, the
    /// next one is due at once, unless trouble or the server's word puts it off.
    pub fn set_mode(&mut self, mode: Mode, now: Instant) {
        let now = self.advance(now);
        self.config.mode = mode;
        self.hurry(now);
    }

    /// Polls in the [period for applications that nobody looks at](PollerConfig::hidden_every), from
    /// the next poll on; the cursor stays. [`resume`](Self::resume) ends it.
    pub fn hide(&mut self) {
        self.is_hidden = true;
    }

    /// Asks nothing until [`resume`](Self::resume). What is under way is to be dropped; the cursor
    /// stays.
    pub fn pause(&mut self) {
        self.state = match self.state {
            State::Idle { earliest, .. } | State::Paused { earliest } => State::Paused { earliest },
            State::Asked { since, .. } | State::Taking { since, .. } => {
                State::Paused { earliest: since }
            }
            State::Stopped => State::Stopped,
        };
    }

    /// Ends [`hide`](Self::hide) and [`pause`](Self::pause): polls as configured. If none is under
    /// way, the next one is due at once, unless trouble or the server's word puts it off.
    ///
    /// A host that knows that it slept, or that its network changed, pauses and resumes: so a held
    /// poll whose connection is dead is not waited for, and does not count as failed.
    pub fn resume(&mut self, now: Instant) {
        let now = self.advance(now);
        self.is_hidden = false;
        if let State::Paused { earliest } = self.state {
            self.rest(earliest, earliest);
        }
        self.hurry(now);
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

    /// Where the next poll goes on. Keep it with what was taken, and begin there after a restart.
    #[must_use]
    pub fn start(&self) -> Start {
        self.start
    }

    /// When to call [`next_ask`](Self::next_ask) again; `None` is never.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Idle { due, .. } => Some(due),
            State::Asked { give_up, .. } | State::Taking { give_up, .. } => Some(give_up),
            State::Paused { .. } | State::Stopped => None,
        }
    }

    /// When the poll under way will be given up, if one is.
    #[must_use]
    pub fn watchdog(&self) -> Option<Instant> {
        match self.state {
            State::Asked { give_up, .. } | State::Taking { give_up, .. } => Some(give_up),
            State::Idle { .. } | State::Paused { .. } | State::Stopped => None,
        }
    }

    fn mode(&self) -> Mode {
        if self.is_hidden {
            return Mode::Interval { every: self.config.hidden_every };
        }
        self.config.mode
    }

    /// How long the next poll is to be held; `None` is not at all.
    fn hold(&self) -> Option<Duration> {
        match (self.mode(), self.start) {
            (Mode::Long { wait }, Start::After(_)) => Some(wait),
            // Held without a cursor it would lose what comes between its failure and the next one.
            (Mode::Long { .. }, Start::Oldest | Start::Now | Start::Last(_))
            | (Mode::Interval { .. }, _) => None,
        }
    }

    /// The time now, or the latest that was told: what counts from an earlier one would be due too
    /// early once a clock that ran backwards has caught up.
    fn advance(&mut self, now: Instant) -> Instant {
        self.latest = now.max(self.latest);
        self.latest
    }

    /// The poll that was asked at `since` did its work.
    fn on_success(&mut self, since: Instant, hint: Duration, more: bool, now: Instant) {
        self.backoff.reset();
        let price = if more { hint } else { Duration::ZERO };
        self.bucket.reprice(price.max(self.config.min_gap), since, now);
        if more {
            return self.rest(now, now);
        }
        let earliest = now + self.spread(hint);
        let due = match self.mode() {
            Mode::Long { .. } => earliest,
            Mode::Interval { every } => {
                let drawn = (every - every / 10) + self.entropy.up_to(every / 5);
                earliest.max(since + drawn)
            }
        };
        self.rest(due, earliest);
    }

    fn back_off(&mut self, told: Option<Duration>, now: Instant) {
        let told = told.unwrap_or_default().min(self.config.max_retry_after);
        let due = now + self.backoff.next(&mut self.entropy).max(self.spread(told));
        self.rest(due, due);
    }

    /// Waits until the next poll is due, or later if polls came too fast.
    fn rest(&mut self, due: Instant, earliest: Instant) {
        self.state = State::Idle { due: due.max(self.bucket.ready_at()), earliest };
    }

    /// Lets the next poll, if none is under way, come as soon as it may.
    fn hurry(&mut self, now: Instant) {
        if let State::Idle { earliest, .. } = self.state {
            self.rest(earliest.max(now), earliest);
        }
    }

    /// What the server said, and up to a fifth on top: others were told the same.
    fn spread(&mut self, told: Duration) -> Duration {
        told.saturating_add(self.entropy.up_to(told / 5))
    }
}

/// Up to this, a server's word to stay away is no sign of trouble.
const PROPOSED_RHYTHM: Duration = Duration::from_secs(1);
