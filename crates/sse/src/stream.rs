//! The server's side of one event stream: the body of one response. Its head is written elsewhere.

use core::time::Duration;

use bytes::Bytes;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};

use crate::{EventId, Frame, StreamConfig};

/// Sends an event stream: frames from the caller, and a sign of life when there are none.
///
/// The outbox is the body of the response; whoever owns the connection puts it into HTTP chunks,
/// best one frame in one chunk in one write. The inbox is left alone, since the request has no more
/// to say.
///
/// ```
/// use bytes::Buf;
/// use core::time::Duration;
/// use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
/// use tidewire_sse::{Frame, Stream, StreamConfig};
///
/// let (mut inbox, mut outbox, start) = (Inbox::new(), Outbox::new(), Instant::ORIGIN);
/// let mut jitter = Entropy::new(|bytes| bytes.fill(0));
/// let mut stream = Stream::new(StreamConfig::default(), &mut jitter, start);
/// stream.send(&Frame::new().data("hello").to_bytes(), &mut outbox, start)?;
/// assert_eq!(outbox.copy_to_bytes(outbox.len()), "data: hello\n\n");
///
/// let later = stream.deadline().unwrap();
/// assert_eq!(later, start + Duration::from_secs(15));
/// assert_eq!(stream.next_event(&mut inbox, &mut outbox, later), Ok(None));
/// assert_eq!(outbox.chunk(), b":\n");
/// # Ok::<(), tidewire_sse::SendError>(())
/// ```
///
/// # States
///
/// ```text
///        finish                   next_event: Ended(Finished)
/// ┌──────┐ ─────────────► Finished ─────────────────────────► ┌───────┐
/// │ Open │                                                    │ Ended │
/// └──────┘ ─────────────────────────────────────────────────► └───────┘
///             lifetime over: Ended(Expired), or the peer stalled: an error
/// ```
///
/// # Promises
///
/// The outbox never holds more than [`StreamConfig::max_unsent_bytes`], one frame, and the hint when
/// to come back. Nothing is written into a frame that was not sent whole; nothing follows the end.
///
/// # Slow clients
///
/// A stream has no queue but the outbox, and never waits for one client on behalf of others. Keep the
/// events in one bounded log, and for each client only its place in it. While
/// [`send`](Self::send) says [`OutboxFull`](SendError::OutboxFull), leave the log alone; once bytes
/// have been taken, read on from that place. If by then the log no longer has what comes next, say so
/// by [`send_gap`](Self::send_gap) and go on with what it has. A client that takes nothing at all
/// stalls, and is gone.
///
/// # Left to the caller
///
/// To check the request's `Origin`, to answer it as it was [accepted](Self::accept) with
/// [`response_fields`](Self::response_fields), to send what lies behind the
/// [ID](crate::Resume) that the client has, to notice that the client is gone.
#[derive(Debug)]
pub struct Stream {
    config: StreamConfig,
    state: State,
}

/// What happens to a [`Stream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamEvent {
    /// The body is complete and the outbox ended. Nothing follows.
    Ended(Ending),
}

/// Why a [`Stream`] ended in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// By [`Stream::finish`].
    Finished,
    /// By [`StreamConfig::max_lifetime`].
    Expired,
}

/// Why a [`Stream`] failed. The response has begun, so no status can tell the client: the connection
/// is to be aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The client took no byte for [`StreamConfig::max_stall`]. What it has not taken is worthless:
    /// it resumes from its last event ID.
    #[error("peer took no bytes of its event stream for {limit:?}")]
    Stalled {
        /// The limit.
        limit: Duration,
    },
}

/// Why a [`Stream`] took no command. Nothing was written and the state is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The stream has ended.
    #[error("the event stream has ended")]
    NotOpen,
    /// The client is [slow](Stream#slow-clients): [`StreamConfig::max_unsent_bytes`] wait. Send again
    /// once fewer do, or finish the stream, and the client resumes from its last event ID.
    #[error("{limit_bytes} bytes or more of the event stream are unsent")]
    OutboxFull {
        /// The limit.
        limit_bytes: usize,
    },
}

#[derive(Clone, Copy, Debug)]
enum State {
    Open {
        /// The latest time that was told: a clock that runs backwards makes nothing early.
        latest: Instant,
        keep_alive: Option<Instant>,
        expires: Option<Instant>,
        stall: Option<Stall>,
    },
    /// The end is in the outbox but not yet told.
    Finished,
    Ended,
}

/// Bytes wait, and since when no byte was taken.
#[derive(Clone, Copy, Debug)]
struct Stall {
    taken: u64,
    since: Instant,
}

impl Stream {
    /// Opens a stream. `jitter` is asked once, if the lifetime is bounded.
    #[must_use]
    pub fn new(config: StreamConfig, jitter: &mut Entropy, now: Instant) -> Self {
        let expires = config.max_lifetime.map(|max| now + (max - jitter.up_to(max / 5)));
        let keep_alive = next_keep_alive(&config, now);
        Self { config, state: State::Open { latest: now, keep_alive, expires, stall: None } }
    }

    /// The names and values that the head of the response needs. It has no `Content-Length`.
    ///
    /// `no-transform` keeps proxies from compressing events into their buffers, `X-Accel-Buffering`
    /// keeps nginx from collecting them.
    #[must_use]
    pub const fn response_fields() -> [(&'static str, &'static str); 3] {
        [
            ("Content-Type", "text/event-stream"),
            ("Cache-Control", "no-store, no-transform"),
            ("X-Accel-Buffering", "no"),
        ]
    }

    /// Sends a frame that was [encoded](Frame::to_bytes) before, maybe for many streams. Restarts
    /// the wait for the next sign of life.
    ///
    /// The bytes go out as they are. Bytes from elsewhere could forge events: decode them and encode
    /// them anew.
    ///
    /// # Errors
    ///
    /// The stream has ended, or too many bytes are unsent. Nothing is written and the state is as
    /// before.
    pub fn send(
        &mut self,
        frame: &Bytes,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        let is_full = !outbox.is_empty() && outbox.len() >= self.config.max_unsent_bytes;
        if is_full && self.is_open() {
            return Err(SendError::OutboxFull { limit_bytes: self.config.max_unsent_bytes });
        }
        self.touch(now)?;
        outbox.push_shared(frame.clone());
        Ok(())
    }

    /// Tells that events are missing which cannot be sent any more, by an event of the name
    /// [`StreamConfig::gap_name`].
    ///
    /// `data` is what the client needs to help itself, in a form that both know. `id` is the place
    /// where the stream goes on, so that the client comes back there and not to the gap.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn send_gap(
        &mut self,
        data: &str,
        id: &EventId,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        let gap = Frame::new().name(&self.config.gap_name).id(id).data(data).to_bytes();
        self.send(&gap, outbox, now)
    }

    /// Restarts the wait for the next sign of life, for whoever writes frames to the body without
    /// [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// The stream has ended: no frame may be written.
    pub fn touch(&mut self, now: Instant) -> Result<(), SendError> {
        let State::Open { latest, keep_alive, .. } = &mut self.state else {
            return Err(SendError::NotOpen);
        };
        *latest = now.max(*latest);
        *keep_alive = next_keep_alive(&self.config, *latest);
        Ok(())
    }

    /// Ends the stream and the outbox. With `retry` the client is told when to come back.
    ///
    /// # Errors
    ///
    /// The stream has ended before. Nothing is written and the state is as before.
    pub fn finish(
        &mut self,
        retry: Option<Duration>,
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        match self.state {
            State::Open { .. } => {
                end(retry, outbox);
                self.state = State::Finished;
                Ok(())
            }
            State::Finished | State::Ended => Err(SendError::NotOpen),
        }
    }

    /// Whether frames can be sent.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }
}

impl Protocol for Stream {
    type Event<'i> = StreamEvent;
    type Error = StreamError;

    /// Returns how the stream ended, once.
    ///
    /// Eats nothing. May push a sign of life, or a hint when to come back before it ends `outbox`.
    ///
    /// # Errors
    ///
    /// The client took no bytes for too long. The outbox is ended, but nobody waits for it.
    fn next_event(
        &mut self,
        _inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<StreamEvent>, StreamError> {
        let (latest, keep_alive, expires, stall) = match &mut self.state {
            State::Open { latest, keep_alive, expires, stall } => {
                (latest, keep_alive, expires, stall)
            }
            State::Finished => {
                self.state = State::Ended;
                return Ok(Some(StreamEvent::Ended(Ending::Finished)));
            }
            State::Ended => return Ok(None),
        };
        let now = now.max(*latest);
        *latest = now;
        if expires.is_some_and(|at| at <= now) {
            end(self.config.retry, outbox);
            self.state = State::Ended;
            return Ok(Some(StreamEvent::Ended(Ending::Expired)));
        }
        if keep_alive.is_some_and(|at| at <= now) {
            // Behind unsent bytes a sign of life says nothing, and would pile up.
            if outbox.is_empty() {
                outbox.push_shared(self.config.keep_alive.clone());
            }
            *keep_alive = next_keep_alive(&self.config, now);
        }
        let taken = outbox.taken();
        *stall = match *stall {
            _ if outbox.is_empty() => None,
            Some(stall) if stall.taken == taken => Some(stall),
            Some(_) | None => Some(Stall { taken, since: now }),
        };
        match self.config.max_stall {
            Some(limit) if stall.is_some_and(|stall| stall.since + limit <= now) => {
                outbox.end();
                self.state = State::Ended;
                Err(StreamError::Stalled { limit })
            }
            Some(_) | None => Ok(None),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Open { keep_alive, expires, stall, .. } => {
                let stalled = stall.zip(self.config.max_stall);
                earliest([*keep_alive, *expires, stalled.map(|(stall, max)| stall.since + max)])
            }
            State::Finished | State::Ended => None,
        }
    }
}

fn next_keep_alive(config: &StreamConfig, now: Instant) -> Option<Instant> {
    config.keep_alive_every.map(|every| now + every.max(Duration::from_millis(1)))
}

fn end(retry: Option<Duration>, outbox: &mut Outbox) {
    if let Some(wait) = retry {
        Frame::new().retry(wait).encode(outbox);
    }
    outbox.end();
}
