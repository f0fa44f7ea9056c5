//! The server's side of a connection: all its states and every step between them. What a head or
//! body looks like is told elsewhere.

mod commands;
mod event;
mod state;

pub use event::Event;

use core::time::Duration;

use tidewire_core::{Inbox, Instant, Outbox, Protocol};

use crate::after::After;
use crate::body::{BodyReader, Part};
use crate::framing::Framing;
use crate::limits::Limits;
use crate::scan::Scan;
use crate::write::{BodyWriter, Declared, DeclaredBody, write_response};
use crate::{
    Error, FieldName, FieldValue, RequestHead, Response, SendError, ServerConfig, Version,
};
use state::{Answering, Exchange, PeerEnd, Reading, State, Upgrade};

/// The server's side of one HTTP/1.1 connection.
///
/// ```
/// use tidewire_core::{Inbox, Instant, Outbox, Protocol};
/// use tidewire_http::{Body, Response, Server, ServerConfig, server::Event};
///
/// let now = Instant::ORIGIN;
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// let mut server = Server::new(ServerConfig::default(), now);
/// inbox.push(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// while let Some(event) = server.next_event(&mut inbox, &mut outbox, now)? {
///     if let Event::Request(_) = event {
///         server.respond(&Response::new(200), Body::Full("hi".into()), &mut outbox, now)?;
///     }
/// }
/// assert_eq!(bytes::Buf::chunk(&outbox), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # States
///
/// ```text
/// Head ──► Exchange ──► Idle ──► Head …        Exchange ──► Upgraded
///   └──────────┴─────────┴──► Ended ──► Over
/// ```
///
/// In an exchange the request is read and the response written each at its own pace, and the
/// connection moves on when both are done. Then it waits for the next request, unless the client or
/// the response said `Connection: close`.
///
/// # Promises
///
/// - Requests are read one at a time. What a client sends ahead stays in the inbox, whose
///   [room](Inbox::room) bounds it, until the current response is finished.
/// - The next request is not begun while the outbox is more than half full. So a handler that
///   answers each request where it is told, with at most half of
///   [`max_outbox_bytes`](ServerConfig::max_outbox_bytes), always finds room, however many requests
///   were sent ahead.
/// - An error of the peer is answered once, with its status and `Connection: close`, unless a
///   response was under way. Nothing is read after it.
/// - HTTP/1.0 is answered in a form that it can read, and its connection ends with the response.
///   Its Upgrade and Expect are ignored, as they must be.
///
/// # Left to the caller
///
/// TLS, routing, Date (see [`set_date`](Self::set_date)), the time that an answer or a stalled
/// writer may take, and the lingering close: once the outbox is finished, shut down writing, but
/// read and discard for a moment before closing, or the last response may be lost. RFC 9112 §9.6.
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    state: State,
    requests_left: u32,
    peer_end: PeerEnd,
    /// The Date of the machine's own responses.
    date: Option<FieldValue>,
}

impl Server {
    /// A server on a connection that was opened at `now`.
    #[must_use]
    pub fn new(config: ServerConfig, now: Instant) -> Self {
        let until = now + config.head_timeout;
        let state = State::Head { scan: Scan::head(), until, empty_line_eaten: false };
        let requests_left = config.max_requests.max(1);
        Self { config, state, requests_left, peer_end: PeerEnd::Untold, date: None }
    }

    /// Ends the connection in order: at once if it is idle, else with the response under way or the
    /// one to the request that has begun to arrive, which says `Connection: close` if it still can.
    pub fn close(&mut self, outbox: &mut Outbox) {
        match &self.state {
            State::Head { scan, .. } if scan.has_begun() => self.requests_left = 1,
            State::Head { .. } | State::Idle { .. } => self.end(outbox),
            State::Exchange(_) => self.requests_left = 0,
            State::Ended | State::Upgraded | State::Over => {}
        }
    }

    /// Gives the Date of the one response that the machine may write by itself, the answer to an
    /// error of the client. It has no clock: without this, that answer has no Date. RFC 9110 §6.6.1.
    pub fn set_date(&mut self, date: FieldValue) {
        self.date = Some(date);
    }

    /// Whether a response to the current request may be given now.
    #[must_use]
    pub fn awaits_response(&self) -> bool {
        matches!(&self.state, State::Exchange(Exchange { answering: Answering::Due, .. }))
    }

    /// Whether the body of the current response is to be sent in pieces, and is not finished.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        matches!(&self.state, State::Exchange(Exchange { answering: Answering::Body(_), .. }))
    }

    /// Whether the client waits for a 100 before it sends the body. [`interim`](Self::interim)
    /// sends one; to wait for the body without is allowed, as clients do not wait for ever. RFC
    /// 9110 §10.1.1.
    #[must_use]
    pub fn expects_continue(&self) -> bool {
        match &self.state {
            State::Exchange(Exchange {
                reading: Reading::Body { awaits_continue, .. }, ..
            }) => *awaits_continue && self.awaits_response(),
            _ => false,
        }
    }

    fn advance<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let limits = self.config.limits();
        loop {
            match &mut self.state {
                State::Idle { until } => {
                    if !inbox.is_empty() && outbox.len() > self.config.max_outbox_bytes / 2 {
                        *until = now + RETRY_AFTER;
                        return Ok(None);
                    } else if !inbox.is_empty() {
                        let until = now + self.config.head_timeout;
                        self.state =
                            State::Head { scan: Scan::head(), until, empty_line_eaten: false };
                    } else if inbox.is_ended() || now >= *until {
                        self.end(outbox);
                    } else {
                        return Ok(None);
                    }
                }
                State::Head { scan, until, empty_line_eaten } => {
                    // RFC 9112 §2.2: one empty line before a request line is skipped.
                    if !*empty_line_eaten && inbox.as_slice().starts_with(b"\r\n") {
                        inbox.eat(2);
                        *empty_line_eaten = true;
                    }
                    if let Some(head) = scan.take(inbox, &limits)? {
                        let head = RequestHead::read(head.freeze())?;
                        self.on_head(&head, &limits, now)?;
                        return Ok(Some(Event::Request(head)));
                    }
                    match (inbox.is_empty(), inbox.is_ended(), now >= *until) {
                        (true, true, _) | (true, _, true) => self.end(outbox),
                        (false, true, _) => return Err(Error::Incomplete),
                        (false, false, true) => return Err(Error::HeadTimeout),
                        (_, false, false) => return Ok(None),
                    }
                }
                State::Exchange(exchange) => {
                    let Reading::Body { reader, until, awaits_continue } = &mut exchange.reading
                    else {
                        if !inbox.is_ended() || self.peer_end == PeerEnd::Told {
                            return Ok(None);
                        }
                        self.peer_end = PeerEnd::Told;
                        return Ok(Some(Event::PeerEnded));
                    };
                    match reader.next(inbox, &limits)? {
                        Some(Part::Data(len)) => {
                            *awaits_continue = false;
                            return Ok(Some(Event::Body(inbox.lend(len))));
                        }
                        Some(Part::Trailers(trailers)) => {
                            return Ok(Some(Event::Trailers(trailers)));
                        }
                        Some(Part::End) => {
                            exchange.reading = Reading::Done;
                            self.settle(outbox, now);
                            return Ok(Some(Event::End));
                        }
                        None if now >= *until => return Err(Error::BodyTimeout),
                        None => return Ok(None),
                    }
                }
                State::Ended => {
                    self.state = State::Over;
                    return Ok(Some(Event::Closed));
                }
                State::Upgraded | State::Over => return Ok(None),
            }
        }
    }

    fn on_head(&mut self, head: &RequestHead, limits: &Limits, now: Instant) -> Result<(), Error> {
        if !self.config.methods.contains(&head.method()) {
            return Err(Error::UnknownMethod);
        }
        let (fields, version) = (head.fields(), head.version());
        let framing = Framing::of_request(head)?;
        let reader = BodyReader::new(framing, limits)?;
        // RFC 9110 §10.1.1 and §7.8: HTTP/1.0 knows neither Expect nor Upgrade.
        let is_modern = version >= Version::Http11;
        let mut expectations = fields.members("Expect").filter(|_| is_modern).peekable();
        let awaits_continue = expectations.peek().is_some() && !reader.is_complete();
        if !expectations.all(|expected| expected.eq_ignore_ascii_case(b"100-continue")) {
            return Err(Error::UnknownExpectation);
        }

        self.requests_left -= 1;
        self.state = State::Exchange(Exchange {
            reading: Reading::Body {
                reader,
                until: now + self.config.body_timeout,
                awaits_continue,
            },
            answering: Answering::Due,
            version,
            to_head: head.method() == "HEAD",
            upgrade: Upgrade::asked_by(head),
            after: match fields.has_token("Connection", "close") {
                false if is_modern => After::Idle,
                _ => After::End,
            },
        });
        Ok(())
    }

    fn on_continue(&mut self) {
        if let State::Exchange(Exchange {
            reading: Reading::Body { awaits_continue, .. }, ..
        }) = &mut self.state
        {
            *awaits_continue = false;
        }
    }

    fn on_answer(&mut self, answer: Answering, after: After, outbox: &mut Outbox, now: Instant) {
        if let State::Exchange(exchange) = &mut self.state {
            exchange.answering = answer;
            exchange.after = after;
        }
        self.settle(outbox, now);
    }

    fn on_finish(&mut self, outbox: &mut Outbox, now: Instant) {
        if let State::Exchange(exchange) = &mut self.state {
            exchange.answering = Answering::Done;
        }
        self.settle(outbox, now);
    }

    fn on_upgrade(&mut self) {
        self.state = State::Upgraded;
    }

    /// The exchange whose response is due.
    fn due(&self) -> Result<&Exchange, SendError> {
        match &self.state {
            State::Exchange(exchange) if matches!(exchange.answering, Answering::Due) => {
                Ok(exchange)
            }
            _ => Err(SendError::NotOpen),
        }
    }

    /// The body under way.
    fn writer(&mut self) -> Result<&mut BodyWriter, SendError> {
        match &mut self.state {
            State::Exchange(Exchange { answering: Answering::Body(writer), .. }) => Ok(writer),
            _ => Err(SendError::NotOpen),
        }
    }

    /// Moves on where both halves meet: an exchange is over when its response is sent and its
    /// request was read and told to the end. A request that was answered unread cannot be read any
    /// more.
    fn settle(&mut self, outbox: &mut Outbox, now: Instant) {
        let State::Exchange(Exchange { reading, answering: Answering::Done, after, .. }) =
            &self.state
        else {
            return;
        };
        match reading {
            Reading::Done if *after == After::End || self.requests_left == 0 => self.end(outbox),
            Reading::Done => self.state = State::Idle { until: now + self.config.idle_timeout },
            Reading::Body { reader, .. } if reader.is_complete() => {}
            Reading::Body { .. } => self.end(outbox),
        }
    }

    fn end(&mut self, outbox: &mut Outbox) {
        outbox.end();
        self.state = State::Ended;
    }

    fn fail(&mut self, error: Error, outbox: &mut Outbox) {
        let is_unanswered = match &self.state {
            State::Head { .. } | State::Idle { .. } => true,
            State::Exchange(exchange) => matches!(exchange.answering, Answering::Due),
            State::Ended | State::Upgraded | State::Over => false,
        };
        if is_unanswered {
            let declared = Declared { body: DeclaredBody::Length(0), connection: Some("close") };
            // Some of these statuses may be kept unless it says otherwise (RFC 9110 §15.1).
            let mut response = Response::new(error.status())
                .field(FieldName::CACHE_CONTROL, FieldValue::from_static("no-store"));
            if let Some(date) = self.date.take() {
                response = response.field(FieldName::DATE, date);
            }
            write_response(&response, &declared, outbox);
        }
        outbox.end();
        self.state = State::Over;
    }
}

impl Protocol for Server {
    type Event<'i> = Event<'i>;
    type Error = Error;

    /// Returns the next thing that the client did, or `None` until more bytes or more time arrive.
    ///
    /// Eats whole heads and whatever of a body is there, and lends the latter. Ends `outbox` when
    /// the connection is over.
    ///
    /// # Errors
    ///
    /// The client broke the protocol, passed a limit of [`ServerConfig`] or was too slow. The
    /// answer is in `outbox`, which is ended, and later calls return `Ok(None)`.
    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let outcome = self.advance(inbox, outbox, now);
        if let Err(error) = &outcome {
            self.fail(*error, outbox);
        }
        outcome
    }

    fn deadline(&self) -> Option<Instant> {
        self.state.deadline()
    }
}

/// When to look for room again: bytes leave the outbox without anybody telling us.
const RETRY_AFTER: Duration = Duration::from_secs(1);
