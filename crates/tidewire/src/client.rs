//! The client's side: follows a log over any transport, one connection after another. What is said
//! on a connection is each transport's own, in the modules below.

mod config;
mod event;
mod polls;
mod socket;
mod stream;

use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, retry_after};
use tidewire_http::ResponseHead;
use tidewire_hub::{Cursor, Start};
use tidewire_poll::Mode;

use crate::CURSOR_FIELD;

pub use config::{Config, Transport};
pub use event::{AskError, Error, Event, Received, Stop};
use polls::Polls;
use socket::Socket;
use stream::Stream;

/// Follows a log over one transport at a time and resumes by cursor.
///
/// It outlives its connections. Whenever [`connect_at`](Self::connect_at) has come, open one with
/// fresh buffers and say [`connected`](Self::connected); drive it as any [`Protocol`] while it lasts;
/// say [`disconnected`](Self::disconnected) when it is over or could not be had.
///
/// ```text
///            connect_at has come: connected          asked and answered
///   ┌───────┐ ────────────────────────► ┌───────────┐
///   │ Apart │                           │ Connected │ ⟲ events
///   └───────┘ ◄──────────────────────── └───────────┘
///       ▲       disconnected                  │ told not to come back
///       └── switch                            ▼ Stopped
/// ```
///
/// What arrives is handed out as it is, for no JSON is read here. Having taken it, say how far it
/// went: [`seen`](Self::seen) for a message, [`delivered`](Self::delivered) for an answer; the ids of
/// an event stream speak for themselves. A connection is resumed from what was taken, over this
/// transport or, after [`switch`](Self::switch), over another: nothing is lost and nothing comes
/// twice.
///
/// ```
/// use bytes::Buf;
/// use tidewire::client::{Client, Config, Event, Transport};
/// use tidewire::core::{Entropy, Inbox, Instant, Outbox, Protocol};
/// use tidewire::http::FieldValue;
/// use tidewire::hub::Start;
///
/// let now = Instant::ORIGIN;
/// let config = Config::new(FieldValue::from_static("a.example"), "topic=news");
/// let entropy = || Entropy::new(|bytes| bytes.fill(7));
/// let mut client = Client::new(config, Transport::EventStream, Start::Now, entropy, now);
/// assert_eq!(client.connect_at(), Some(now));
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// client.connected(&mut outbox, now)?;
/// let written = outbox.copy_to_bytes(outbox.len());
/// assert!(written.starts_with(b"GET /v1/sse?topic=news&after=now HTTP/1.1\r\n"));
///
/// inbox.push(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 7.1\ndata: hi\n\n");
/// while let Some(event) = client.next_event(&mut inbox, &mut outbox, now)? {
///     if let Event::Received(event) = event {
///         assert_eq!((&*event.name, &*event.data), ("message", "hi"));
///     }
/// }
/// assert_eq!(client.position().to_string(), "7.1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Client {
    config: Config,
    entropy: Box<Supply>,
    position: Start,
    link: Link,
    /// The present connection failed: nothing comes of it any more.
    has_failed: bool,
}

type Supply = dyn FnMut() -> Entropy + Send;

#[derive(Debug)]
enum Link {
    WebSocket(Box<Socket>),
    EventStream(Box<Stream>),
    Polls(Box<Polls>),
}

impl Client {
    /// A client that wants to connect now and follows the log from `start`.
    ///
    /// `entropy` makes sources of random bytes; a WebSocket's must be cryptographically strong.
    pub fn new(
        config: Config,
        transport: Transport,
        start: Start,
        mut entropy: impl FnMut() -> Entropy + Send + 'static,
        now: Instant,
    ) -> Self {
        let link = Link::new(&config, transport, start, &mut entropy, now);
        let entropy = Box::new(entropy);
        Self { config, entropy, position: start, link, has_failed: false }
    }

    /// When to open a connection; `None` while there is one and after the client stopped.
    #[must_use]
    pub fn connect_at(&self) -> Option<Instant> {
        match &self.link {
            Link::WebSocket(socket) => socket.connect_at(),
            Link::EventStream(stream) => stream.connect_at(),
            Link::Polls(polls) => polls.connect_at(),
        }
    }

    /// Learns that a connection was opened, with a fresh inbox and this fresh outbox, and asks.
    ///
    /// # Errors
    ///
    /// The configuration cannot be sent as it is.
    pub fn connected(&mut self, outbox: &mut Outbox, now: Instant) -> Result<(), AskError> {
        match &mut self.link {
            Link::WebSocket(socket) => {
                let entropy = (self.entropy)();
                socket.connected(&self.config, self.position, entropy, outbox, now)
            }
            Link::EventStream(stream) => stream.connected(&self.config, self.position, outbox, now),
            Link::Polls(polls) => polls.connected(&self.config),
        }
    }

    /// Learns that the connection is over, or could not be had.
    pub fn disconnected(&mut self, now: Instant) {
        self.has_failed = false;
        match &mut self.link {
            Link::WebSocket(socket) => socket.disconnected(now),
            Link::EventStream(stream) => stream.disconnected(now),
            Link::Polls(polls) => polls.disconnected(now),
        }
    }

    /// Learns that a message was taken, and that `cursor` is where the log goes on behind it.
    pub fn seen(&mut self, cursor: Cursor) {
        self.position = Start::After(cursor);
        if let Link::WebSocket(socket) = &mut self.link {
            socket.seen();
        }
    }

    /// Whether the answer that says `next` is new. One that is not, but has events, is a replay by some
    /// cache: say [`rejected`](Self::rejected), and its events do not come twice.
    #[must_use]
    pub fn is_news(&self, next: Cursor) -> bool {
        match &self.link {
            Link::Polls(polls) => polls.poller.is_news(next),
            Link::WebSocket(_) | Link::EventStream(_) => true,
        }
    }

    /// Learns that an answer was taken: `next`, `more` and `poll_after` are what it said.
    pub fn delivered(
        &mut self,
        next: Cursor,
        more: bool,
        poll_after: Option<Duration>,
        now: Instant,
    ) {
        if let Link::Polls(polls) = &mut self.link {
            polls.poller.delivered(next, more, poll_after, now);
            self.position = polls.poller.start();
        }
    }

    /// Learns that an answer made no sense. It is asked for again, later.
    pub fn rejected(&mut self, now: Instant) {
        if let Link::Polls(polls) = &mut self.link {
            polls.poller.rejected(now);
        }
    }

    /// Goes on over another transport from where it is, on a new connection. The present one is to
    /// be dropped.
    pub fn switch(&mut self, transport: Transport, now: Instant) {
        let entropy = &mut self.entropy;
        self.link = Link::new(&self.config, transport, self.position, entropy, now);
        self.has_failed = false;
    }

    /// Behind what the client has taken, or where it is to begin.
    #[must_use]
    pub fn position(&self) -> Start {
        self.position
    }

    /// Why the client asks no more, if it does not.
    #[must_use]
    pub fn stopped(&self) -> Option<Stop> {
        match &self.link {
            Link::WebSocket(socket) => socket.stopped(),
            Link::EventStream(stream) => stream.stopped(),
            Link::Polls(polls) => polls.stopped(),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, link, .. } = self;
        f.debug_struct("Client").field("position", position).field("link", link).finish()
    }
}

impl Protocol for Client {
    type Event<'i> = Event;
    type Error = Error;

    fn next_event(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event>, Error> {
        if self.has_failed {
            return Ok(None);
        }
        let outcome = match &mut self.link {
            Link::WebSocket(socket) => {
                socket.next_event(&self.config, &mut self.position, inbox, outbox, now)
            }
            Link::EventStream(stream) => stream.next_event(&mut self.position, inbox, outbox, now),
            Link::Polls(polls) => polls.next_event(&self.config, inbox, outbox, now),
        };
        if outcome.is_err() {
            outbox.end();
            self.has_failed = true;
        }
        outcome
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.link {
            _ if self.has_failed => None,
            Link::WebSocket(socket) => socket.deadline(),
            Link::EventStream(stream) => stream.deadline(),
            Link::Polls(polls) => polls.deadline(),
        }
    }
}

impl Link {
    fn new(
        config: &Config,
        transport: Transport,
        start: Start,
        entropy: &mut dyn FnMut() -> Entropy,
        now: Instant,
    ) -> Self {
        let polls =
            |mode, entropy| Self::Polls(Box::new(Polls::new(config, mode, start, entropy, now)));
        match transport {
            Transport::WebSocket => Self::WebSocket(Box::new(Socket::new(entropy(), now))),
            Transport::EventStream => {
                Self::EventStream(Box::new(Stream::new(config, start, entropy(), now)))
            }
            Transport::LongPoll => polls(Mode::Long { wait: config.wait }, entropy()),
            Transport::IntervalPoll => polls(Mode::Interval { every: config.every }, entropy()),
        }
    }
}

/// A connection that lasted so long was of use, even if nothing was published meanwhile.
const STABLE_AFTER: Duration = Duration::from_secs(10);

/// Takes over where a stream begins, as the head of its response tells: so a client that began with
/// "now" knows its place before the first event. One that resumed keeps its own, or it would never
/// hear of a gap if the connection were lost before it is told.
fn begin_at(head: &ResponseHead, position: &mut Start) {
    let told = head.fields().get(CURSOR_FIELD.as_str());
    let told = told.and_then(|cursor| core::str::from_utf8(cursor).ok()?.parse().ok());
    match (&position, told) {
        (Start::Now | Start::Oldest | Start::Last(_), Some(cursor)) => {
            *position = Start::After(cursor);
        }
        (Start::After(_), _) | (_, None) => {}
    }
}

/// How long the server asks to be left alone.
fn away(head: &ResponseHead) -> Duration {
    let fields = head.fields();
    let asked = fields.get("retry-after").and_then(|value| retry_after(value, fields.get("date")));
    asked.unwrap_or_default()
}
