//! The client's side of an event stream, over as many connections as it takes. Connecting, and all
//! of HTTP, is the caller's business.

use alloc::string::String;
use core::time::Duration;

use tidewire_core::{Backoff, Entropy, Instant, retry_after};

use crate::answer::{self, Answer};
use crate::{
    Action, Decoder, Ended, EventId, Item, LimitError, Reconnect, ResponseHead, SourceConfig,
    SourceState, Stop, Verdict,
};

/// Receives an event stream: says when to connect and with which fields, judges the answer, decodes
/// the body, and after a loss waits and resumes.
///
/// Tell it what happens to the connection, and after that and at each [`deadline`](Self::deadline)
/// do what [`next_action`](Self::next_action) says until it says `None`. There is one connection at a
/// time: once it has ended or is to be dropped, nothing of it may be told here, lest its response be
/// taken for that of the next.
///
/// ```
/// use tidewire_core::{Entropy, Instant};
/// use tidewire_sse::{Action, Item, ResponseHead, Source, SourceConfig, Verdict};
///
/// let now = Instant::ORIGIN;
/// let mut source = Source::new(SourceConfig::default(), Entropy::new(|b| b.fill(0)), now);
/// assert_eq!(source.next_action(now), Some(Action::Connect)); // send `request_fields`
/// let head = ResponseHead::new(200, [("Content-Type", "text/event-stream")]);
/// assert_eq!(source.on_response(&head, now), Verdict::Open);
/// let mut body = &b"id: 7\ndata: hello\n\n"[..];
/// while let Some(item) = source.decode(&mut body, now)? {
///     assert!(matches!(item, Item::Event(event) if event.last_event_id() == "7"));
/// }
/// assert_eq!(source.on_end(now).verdict, Verdict::Retry);
/// let later = source.deadline().unwrap();
/// assert_eq!(source.next_action(later), Some(Action::Connect));
/// assert!(source.request_fields().any(|field| field == ("Last-Event-ID", b"7")));
/// # Ok::<(), tidewire_sse::LimitError>(())
/// ```
///
/// # States
///
/// ```text
///              next_action: Connect            on_response: Open
/// ┌─────────┐ ─────────────────────► ┌────────────┐ ───────────► ┌──────┐
/// │ Waiting │                        │ Connecting │              │ Open │
/// └─────────┘ ◄───────────────────── └────────────┘              └──────┘
///     ▲         on_end, on_response: Retry, too slow: Disconnect     │
///     └───────────────────── on_end, silence: Disconnect ────────────┘
///
/// Connecting ── on_response: Redirect, at most so many ──► Connecting
/// any ── close, on_response: Stopped, no reconnect left, LimitError ──► Stopped
/// ```
///
/// # Promises
///
/// - It waits no less than the server's `retry` or 100 ms, and longer by jitter: the wait is drawn
///   evenly, up to twice that and twice more with each failure in a row, but never beyond
///   [`max_wait`](SourceConfig::max_wait).
/// - A connection that brings no progress counts as a failure, even if it was accepted. Progress is a
///   new last event ID, or to stay open for [`stable_after`](SourceConfig::stable_after).
/// - Each state has a way out: a slow connect, a silent stream and a long wait end by themselves.
///
/// # Left to the caller
///
/// To ask where a [redirect](crate::redirect) leads, as `examples/follow.rs` does. To tell whether a
/// stream that ended had said all: there is no end mark, so a protocol on top needs its own.
#[derive(Debug)]
pub struct Source {
    config: SourceConfig,
    decoder: Decoder,
    entropy: Entropy,
    backoff: Backoff,
    state: State,
    /// The latest time that was told: a clock that runs backwards makes nothing early.
    latest: Instant,
    /// The last event ID as of the last connect.
    resumed_from: String,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting { until: Instant },
    Connecting { since: Instant, redirects: u32 },
    Open { since: Instant, heard: Instant },
    Stopped(Stop),
}

impl Source {
    /// A source that wants to connect at once. `entropy` jitters its waits.
    #[must_use]
    pub fn new(config: SourceConfig, entropy: Entropy, now: Instant) -> Self {
        Self {
            decoder: Decoder::new(config.limits).with_interest(config.interest),
            backoff: Backoff::default(),
            state: State::Waiting { until: now },
            latest: now,
            resumed_from: String::new(),
            config,
            entropy,
        }
    }

    /// Resumes behind an event that an earlier source received. To be called before the first
    /// connect: while there is a connection it does nothing.
    pub fn seed_last_event_id(&mut self, id: &EventId) {
        match self.state {
            State::Waiting { .. } => self.decoder.seed_last_event_id(id),
            State::Connecting { .. } | State::Open { .. } | State::Stopped(_) => {}
        }
    }

    /// Forgets the `retry` that the server set: waits begin with [`SourceConfig::retry`] again, until
    /// it sets another. A wait that has begun stays as it is.
    ///
    /// Without this, a `retry` holds until the server sets another, over all connections (WHATWG HTML
    /// §9.2.3), though never below 100 ms and never beyond [`max_wait`](SourceConfig::max_wait). It
    /// is for whoever knows that it was meant for other days: the network is another, the user
    /// asks, the one who said it was not the server.
    pub fn forget_retry(&mut self) {
        self.decoder.forget_reconnection_time();
    }

    /// Returns what to do now, or `None` until something happens or the deadline comes.
    pub fn next_action(&mut self, now: Instant) -> Option<Action> {
        self.latest = now.max(self.latest);
        match self.state {
            State::Waiting { until } if until <= now => {
                self.decoder.reset();
                self.resumed_from.clear();
                self.resumed_from.push_str(self.decoder.last_event_id());
                self.state = State::Connecting { since: self.latest, redirects: 0 };
                Some(Action::Connect)
            }
            State::Connecting { .. } | State::Open { .. }
                if self.deadline().is_some_and(|at| at <= now) =>
            {
                Some(Action::Disconnect(self.on_end(now)))
            }
            State::Waiting { .. }
            | State::Connecting { .. }
            | State::Open { .. }
            | State::Stopped(_) => None,
        }
    }

    /// When to call [`next_action`](Self::next_action) again even if nothing happens.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until } => Some(until),
            State::Connecting { since, .. } => self.config.connect_timeout.map(|max| since + max),
            State::Open { heard, .. } => self.config.idle_timeout.map(|max| heard + max),
            State::Stopped(_) => None,
        }
    }

    /// The names and values that the request needs.
    ///
    /// The last event ID goes out as raw UTF-8. It is left out if there is none, if it is too long,
    /// or if a field cannot carry it unchanged: then the stream starts anew rather than never. Send it
    /// as it is, also where it is not ASCII (by `FieldValue::utf8` of `tidewire-http`): to fail on it
    /// would be to fail at each reconnect.
    pub fn request_fields(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let fields = [("Accept", &b"text/event-stream"[..]), ("Cache-Control", b"no-cache")];
        fields.into_iter().chain(self.sendable_id().map(|id| ("Last-Event-ID", id.as_bytes())))
    }

    /// Takes the head of the response, an interim one apart, and says what is to become of it.
    ///
    /// Without a connect that waits for it, it changes nothing and tells again what is to become of
    /// the source.
    pub fn on_response(&mut self, head: &ResponseHead<'_>, now: Instant) -> Verdict {
        self.latest = now.max(self.latest);
        let State::Connecting { redirects, .. } = &mut self.state else { return self.verdict() };
        match answer::read(head, self.config.status_policy) {
            Answer::Stream => {
                self.state = State::Open { since: self.latest, heard: self.latest };
            }
            Answer::Elsewhere(redirect) if *redirects < self.config.max_redirects => {
                *redirects += 1;
                return Verdict::Redirect(redirect);
            }
            Answer::Elsewhere(_) => self.state = State::Stopped(Stop::Status(head.status)),
            Answer::Trouble => {
                let asked = head.retry_after.and_then(|value| retry_after(value, head.date));
                let asked = asked.unwrap_or_default().min(self.config.max_retry_after);
                self.retry(asked, Stop::Status(head.status));
            }
            Answer::Refusal(stop) => self.state = State::Stopped(stop),
        }
        self.verdict()
    }

    /// Returns the next item of the body, or `None` until more of it arrives.
    ///
    /// Advances `input` as [`Decoder::decode`] does. Any byte restarts the idle timer. What comes
    /// while the source is not open belongs to a connection that was given up, and is passed over.
    ///
    /// # Errors
    ///
    /// The server passed a limit with [`OnExcess::Fail`](crate::OnExcess::Fail): the source is over.
    pub fn decode<'s, 'i: 's>(
        &'s mut self,
        input: &mut &'i [u8],
        now: Instant,
    ) -> Result<Option<Item<'s>>, LimitError> {
        let State::Open { heard, .. } = &mut self.state else {
            *input = &[];
            return Ok(None);
        };
        if !input.is_empty() {
            self.latest = now.max(self.latest);
            *heard = self.latest;
        }
        self.decoder.decode(input).inspect_err(|&limit| {
            self.state = State::Stopped(Stop::Limit(limit));
        })
    }

    /// Says that the connection is gone: it could not be made, failed, or the body ended.
    ///
    /// Without a connection it changes nothing and tells again what is to become of the source.
    pub fn on_end(&mut self, now: Instant) -> Ended {
        self.latest = now.max(self.latest);
        match self.state {
            State::Connecting { .. } | State::Open { .. } => {
                let open_block = self.decoder.end();
                self.retry(Duration::ZERO, Stop::Ended);
                Ended { open_block, verdict: self.verdict() }
            }
            State::Waiting { .. } | State::Stopped(_) => {
                Ended { open_block: false, verdict: self.verdict() }
            }
        }
    }

    /// Ends the source. Drop its connection, if there is one.
    pub fn close(&mut self) {
        match self.state {
            State::Waiting { .. } | State::Connecting { .. } | State::Open { .. } => {
                self.state = State::Stopped(Stop::Closed);
            }
            State::Stopped(_) => {}
        }
    }

    /// Where the source is.
    #[must_use]
    pub fn state(&self) -> SourceState {
        match self.state {
            State::Waiting { .. } => SourceState::Waiting,
            State::Connecting { .. } => SourceState::Connecting,
            State::Open { .. } => SourceState::Open,
            State::Stopped(stop) => SourceState::Stopped(stop),
        }
    }

    /// The last event ID; empty if there was none.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    fn verdict(&self) -> Verdict {
        match self.state {
            State::Open { .. } => Verdict::Open,
            State::Waiting { .. } | State::Connecting { .. } => Verdict::Retry,
            State::Stopped(stop) => Verdict::Stopped(stop),
        }
    }

    /// Leaves the connection behind and waits for `asked` and the back-off, if another connection
    /// may follow; else stops because of `cause`.
    fn retry(&mut self, asked: Duration, cause: Stop) {
        if self.has_progressed() {
            self.backoff.reset();
        }
        let resumable = self.sendable_id().is_some();
        let reconnects = self.backoff.failures();
        self.state = match self.config.reconnect {
            Reconnect::Never => State::Stopped(cause),
            Reconnect::IfResumable if !resumable => State::Stopped(cause),
            Reconnect::Always | Reconnect::IfResumable
                if self.config.max_reconnects.is_some_and(|max| reconnects >= max) =>
            {
                State::Stopped(Stop::GaveUp { reconnects })
            }
            Reconnect::Always | Reconnect::IfResumable => {
                State::Waiting { until: self.latest + asked + self.back_off() }
            }
        };
    }

    /// The last event ID, if the next request can carry it.
    fn sendable_id(&self) -> Option<&str> {
        let id = self.decoder.last_event_id();
        let is_sendable = !id.is_empty()
            && id.len() <= self.config.max_last_event_id_bytes
            && answer::fits_a_field(id);
        is_sendable.then_some(id)
    }

    /// The standard lets a client wait longer than the reconnection time, not shorter (WHATWG HTML
    /// §9.2.3), so that time is the floor and jitter only adds to it.
    fn back_off(&mut self) -> Duration {
        let time = self.decoder.reconnection_time().unwrap_or(self.config.retry);
        self.backoff.floor = time.min(self.config.max_wait).max(MIN_WAIT);
        self.backoff.base = self.backoff.floor.saturating_mul(2);
        self.backoff.cap = self.config.max_wait;
        self.backoff.next(&mut self.entropy)
    }

    fn has_progressed(&self) -> bool {
        match self.state {
            State::Open { since, .. } => {
                self.resumed_from != self.decoder.last_event_id()
                    || self.latest.saturating_duration_since(since) >= self.config.stable_after
            }
            State::Waiting { .. } | State::Connecting { .. } | State::Stopped(_) => false,
        }
    }
}

/// The shortest wait: a server that asks for none would get a storm.
const MIN_WAIT: Duration = Duration::from_millis(100);
