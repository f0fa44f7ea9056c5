//! The client's side of a connection: all its states and every step between them. What a head or
//! body looks like is told elsewhere.

mod commands;
mod event;

pub use event::Event;

use tidewire_core::{Inbox, Instant, Outbox, Protocol};

use crate::after::After;
use crate::body::{BodyReader, Part};
use crate::framing::Framing;
use crate::limits::Limits;
use crate::scan::Scan;
use crate::write::BodyWriter;
use crate::{ClientConfig, Error, ResponseHead, SendError, Version};

/// The client's side of one HTTP/1.1 connection.
///
/// ```
/// use bytes::Buf;
/// use tidewire_core::{Inbox, Instant, Outbox, Protocol};
/// use tidewire_http::{Body, Client, ClientConfig, FieldName, FieldValue, Request, client::Event};
///
/// let now = Instant::ORIGIN;
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// let mut client = Client::new(ClientConfig::default());
/// let host = FieldValue::from_static("a.example");
/// let request = Request::new("GET", "/")?.field(FieldName::HOST, host);
/// client.request(&request, Body::Empty, &mut outbox, now)?;
/// let sent = outbox.copy_to_bytes(outbox.len());
/// assert_eq!(sent, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
/// inbox.push(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
/// while let Some(event) = client.next_event(&mut inbox, &mut outbox, now)? {
///     match event {
///         Event::Response(head) => assert_eq!(head.status(), 200),
///         Event::Body(piece) => assert_eq!(piece.as_slice(), b"hi"),
///         _ => {}
///     }
/// }
/// assert!(client.is_idle());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # States
///
/// ```text
/// Idle ◄──► Exchange ──► Switching ──► Upgraded
///   └──────────┴──► Ended, Unasked ──► Over
/// ```
///
/// In an exchange the request is written and the response read each at its own pace. A response
/// that is complete before its request is ends the connection.
///
/// # Promises
///
/// - One request at a time; none is sent ahead.
/// - Bytes that are in the inbox when the last response ends, or before the first byte of the next
///   request left the outbox, are never taken for its response. RFC 9112 §6.3. What waited in the
///   transport meanwhile cannot be told from one.
/// - A body that was cut short is an error and never an end. Only one that lasts until the
///   connection ends cannot tell; a transport such as TLS then must.
///
/// # Left to the caller
///
/// Connecting, TLS, redirects, and trying again.
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    state: State,
}

#[derive(Debug)]
enum State {
    /// A request may be sent.
    Idle,
    Exchange(Exchange),
    /// More bytes than the response were there at its end; that is still to be told.
    Unasked,
    /// A 101 was read; the switch is still to be told.
    Switching,
    /// Another protocol took over.
    Upgraded,
    /// The outbox was ended; that is still to be told.
    Ended,
    /// Nothing happens any more.
    Over,
}

#[derive(Debug)]
struct Exchange {
    sending: Sending,
    reading: Reading,
    asked: Asked,
    /// How many bytes the outbox had been given before the request.
    begins_at: u64,
    after: After,
}

/// What the request asked for, as far as the response must be read by it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// The method is HEAD, so the response has no body.
    to_head: bool,
    /// A 101 may be the answer.
    upgrade: bool,
}

#[derive(Debug)]
enum Sending {
    Body(BodyWriter),
    Done,
}

#[derive(Debug)]
enum Reading {
    Head { scan: Scan, until: Instant, interim: u32 },
    Body { reader: BodyReader, until: Option<Instant> },
}

impl Client {
    /// A client on a connection that was just opened.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self { config, state: State::Idle }
    }

    /// Ends the connection in order: at once if it is idle, else with the response under way.
    pub fn close(&mut self, outbox: &mut Outbox) {
        match &mut self.state {
            State::Idle => self.end(outbox),
            State::Exchange(exchange) => exchange.after = After::End,
            State::Unasked | State::Switching | State::Upgraded | State::Ended | State::Over => {}
        }
    }

    /// Whether a request may be sent now.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// Whether the body of the current request is to be sent in pieces, and is not finished.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        matches!(&self.state, State::Exchange(Exchange { sending: Sending::Body(_), .. }))
    }

    fn advance<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let limits = self.config.limits();
        match &mut self.state {
            State::Unasked => Err(Error::UnaskedBytes),
            State::Idle if !inbox.is_empty() => Err(Error::UnaskedBytes),
            State::Idle if inbox.is_ended() => {
                outbox.end();
                self.state = State::Over;
                Ok(Some(Event::Closed))
            }
            State::Exchange(exchange) => match &mut exchange.reading {
                Reading::Head { .. }
                    if outbox.taken() <= exchange.begins_at && !inbox.is_empty() =>
                {
                    Err(Error::UnaskedBytes)
                }
                Reading::Head { scan, until, interim } => {
                    let has_begun = *interim > 0 || !inbox.is_empty();
                    if let Some(head) = scan.take(inbox, &limits)? {
                        let head = ResponseHead::read(head)?;
                        return self.on_head(head, &limits, now).map(Some);
                    }
                    match (inbox.is_ended(), now >= *until) {
                        (true, _) if has_begun => Err(Error::Incomplete),
                        (true, _) => Err(Error::NoResponse),
                        (false, true) => Err(Error::HeadTimeout),
                        (false, false) => Ok(None),
                    }
                }
                Reading::Body { reader, until } => match reader.next(inbox, &limits)? {
                    Some(Part::Data(len)) => Ok(Some(Event::Body(inbox.lend(len)))),
                    Some(Part::Trailers(trailers)) => Ok(Some(Event::Trailers(trailers))),
                    Some(Part::End) => {
                        self.on_end(inbox, outbox);
                        Ok(Some(Event::End))
                    }
                    None if until.is_some_and(|until| now >= until) => Err(Error::BodyTimeout),
                    None => Ok(None),
                },
            },
            State::Switching => {
                self.state = State::Upgraded;
                Ok(Some(Event::Upgraded))
            }
            State::Ended => {
                self.state = State::Over;
                Ok(Some(Event::Closed))
            }
            State::Idle | State::Upgraded | State::Over => Ok(None),
        }
    }

    fn on_request(&mut self, asked: Asked, sending: Sending, begins_at: u64, now: Instant) {
        let until = now + self.config.head_timeout;
        let reading = Reading::Head { scan: Scan::head(), until, interim: 0 };
        self.state =
            State::Exchange(Exchange { sending, reading, asked, begins_at, after: After::Idle });
    }

    fn on_finish(&mut self) {
        if let State::Exchange(exchange) = &mut self.state {
            exchange.sending = Sending::Done;
        }
    }

    /// The body under way.
    fn writer(&mut self) -> Result<&mut BodyWriter, SendError> {
        match &mut self.state {
            State::Exchange(Exchange { sending: Sending::Body(writer), .. }) => Ok(writer),
            _ => Err(SendError::NotOpen),
        }
    }

    fn on_head(
        &mut self,
        head: ResponseHead,
        limits: &Limits,
        now: Instant,
    ) -> Result<Event<'static>, Error> {
        let State::Exchange(exchange) = &mut self.state else {
            return Err(Error::UnaskedBytes);
        };
        match (head.status(), &mut exchange.reading) {
            (101, _) if exchange.asked.upgrade && matches!(exchange.sending, Sending::Done) => {
                self.state = State::Switching;
                Ok(Event::Response(head))
            }
            (101, _) => Err(Error::UnaskedUpgrade),
            (100..=199, Reading::Head { scan, interim, .. }) => {
                if *interim >= self.config.max_interim {
                    return Err(Error::TooManyInterim { limit: self.config.max_interim });
                }
                *interim += 1;
                *scan = Scan::head();
                Ok(Event::Interim(head))
            }
            (_, reading) => {
                let framing = Framing::of_response(&head, exchange.asked.to_head)?;
                let reader = BodyReader::new(framing, limits)?;
                let until = self.config.body_timeout.map(|timeout| now + timeout);
                *reading = Reading::Body { reader, until };
                let is_last = head.version() == Version::Http10
                    || framing == Framing::UntilEnd
                    || head.fields().has_token("Connection", "close");
                if is_last {
                    exchange.after = After::End;
                }
                Ok(Event::Response(head))
            }
        }
    }

    /// Moves on where both halves meet: the response is complete. The connection is fit for another
    /// request if this one was sent to the end, neither side said that it is the last, and no byte
    /// follows that the next request would take for its response.
    fn on_end(&mut self, inbox: &Inbox, outbox: &mut Outbox) {
        match &self.state {
            State::Exchange(Exchange { sending: Sending::Done, after: After::Idle, .. }) => {
                self.state = if inbox.is_empty() { State::Idle } else { State::Unasked };
            }
            _ => self.end(outbox),
        }
    }

    fn end(&mut self, outbox: &mut Outbox) {
        outbox.end();
        self.state = State::Ended;
    }
}

impl Protocol for Client {
    type Event<'i> = Event<'i>;
    type Error = Error;

    /// Returns the next thing that the server did, or `None` until more bytes or more time arrive.
    ///
    /// Eats whole heads and whatever of a body is there, and lends the latter. Pushes nothing to
    /// `outbox`, but ends it when the connection is over.
    ///
    /// # Errors
    ///
    /// The server broke the protocol, passed a limit of [`ClientConfig`], was too slow, or ended
    /// its stream inside a response. `outbox` is ended, and later calls return `Ok(None)`.
    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event<'i>>, Error> {
        let outcome = self.advance(inbox, outbox, now);
        if outcome.is_err() {
            outbox.end();
            self.state = State::Over;
        }
        outcome
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Exchange(exchange) => match &exchange.reading {
                Reading::Head { until, .. } => Some(*until),
                Reading::Body { until, .. } => *until,
            },
            State::Idle
            | State::Unasked
            | State::Switching
            | State::Upgraded
            | State::Ended
            | State::Over => None,
        }
    }
}
