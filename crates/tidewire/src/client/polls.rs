//! Following a log by polling, held or in a rhythm.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use core::mem;
use core::time::Duration;

use bytes::BytesMut;

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};
use tidewire_http::{self as http, Body, FieldName, FieldValue, Request, client::Event as Http};
use tidewire_hub::Start;
use tidewire_poll::{EntityTag, Mode, PollRequest, Poller, PollerConfig, ResponseHead, Verdict};

use super::{AskError, Config, Error, Event, Stop};

/// A poller and its connection.
#[derive(Debug)]
pub(super) struct Polls {
    pub(super) poller: Poller,
    /// Whether the latest answer was handed out: then its connection is of no more matter to it.
    is_handed_out: bool,
    connection: Connection,
    stopped: Option<Stop>,
}

#[derive(Debug)]
enum Connection {
    Apart,
    Up {
        http: Box<http::Client>,
        reading: Reading,
    },
    /// Of no more use; it is being left.
    Left,
}

/// What is done with the body of the present response.
#[derive(Debug)]
enum Reading {
    Drop,
    Keep { is_reset: bool, body: BytesMut },
}

impl Polls {
    pub(super) fn new(
        config: &Config,
        mode: Mode,
        start: Start,
        entropy: Entropy,
        now: Instant,
    ) -> Self {
        let mut poll = config.poll.clone();
        poll.mode = mode;
        poll.start = start;
        let poller = Poller::new(poll, entropy, now);
        Self { poller, is_handed_out: false, connection: Connection::Apart, stopped: None }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match self.connection {
            Connection::Apart => self.poller.deadline(),
            Connection::Up { .. } | Connection::Left => None,
        }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    pub(super) fn connected(&mut self, config: &Config) -> Result<(), AskError> {
        config.get(&config.target(&config.poll_path, self.poller.start()))?;
        let mut limits = config.http.clone();
        // The poller's watchdog is the one to say when a poll took too long.
        let PollerConfig { grace, take_within, .. } = config.poll;
        let later = |limit: Duration| limit.saturating_add(MARGIN);
        limits.head_timeout = limits.head_timeout.max(later(config.wait.saturating_add(grace)));
        limits.body_timeout = limits.body_timeout.map(|limit| limit.max(later(take_within)));
        let http = Box::new(http::Client::new(limits));
        self.connection = Connection::Up { http, reading: Reading::Drop };
        Ok(())
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        match self.connection {
            // A connection that could not be had counts as an ask that failed.
            Connection::Apart => self.is_handed_out &= self.poller.next_ask(now).is_none(),
            Connection::Up { .. } | Connection::Left => {}
        }
        self.connection = Connection::Apart;
        if !self.is_handed_out {
            self.poller.failed(now);
        }
    }

    pub(super) fn next_event(
        &mut self,
        config: &Config,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event>, Error> {
        loop {
            let Connection::Up { http, reading } = &mut self.connection else { return Ok(None) };
            if http.is_idle()
                && let Some(ask) = self.poller.next_ask(now)
            {
                self.is_handed_out = false;
                // `connected` has tried the request; a fresh exchange has room for it.
                let sent = request(config, &ask)
                    .and_then(|request| Ok(http.request(&request, Body::Empty, outbox, now)?));
                if sent.is_err() {
                    self.poller.failed(now);
                    self.leave(outbox);
                    continue;
                }
            }
            match http.next_event(inbox, outbox, now)? {
                Some(Http::Response(head)) => {
                    let status = head.status();
                    let response = ResponseHead::new(status, head.fields().iter());
                    let verdict = self.poller.on_response(&response, now);
                    let is_reset = verdict == Verdict::Reset;
                    match verdict {
                        Verdict::ReadBody | Verdict::Reset => {
                            *reading = Reading::Keep { is_reset, body: BytesMut::new() };
                        }
                        Verdict::NotModified | Verdict::Retry => *reading = Reading::Drop,
                        Verdict::Stopped => {
                            self.stopped = Some(Stop::Status(status));
                            self.leave(outbox);
                        }
                    }
                }
                Some(Http::Body(piece)) => {
                    if let Reading::Keep { body, .. } = reading {
                        body.extend_from_slice(&piece);
                    }
                }
                Some(Http::End) => {
                    if let Reading::Keep { is_reset, body } = mem::replace(reading, Reading::Drop) {
                        self.is_handed_out = true;
                        return Ok(Some(Event::Answer { is_reset, body: body.freeze() }));
                    }
                }
                Some(_) => {}
                // What has arrived was not silence, however late it is read.
                None if self.poller.watchdog().is_some_and(|at| at <= now) => {
                    self.poller.failed(now);
                    if !http.is_idle() {
                        self.leave(outbox);
                    }
                }
                None => return Ok(None),
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let Connection::Up { http, .. } = &self.connection else { return None };
        let poller = if http.is_idle() { self.poller.deadline() } else { self.poller.watchdog() };
        earliest([http.deadline(), poller])
    }

    fn leave(&mut self, outbox: &mut Outbox) {
        outbox.end();
        self.connection = Connection::Left;
    }
}

fn request(config: &Config, ask: &PollRequest) -> Result<Request, AskError> {
    let target = config.target(&config.poll_path, ask.after);
    let target = format!("{target}&wait={}", ask.wait.as_secs_f64());
    let request = config.get(&target)?.field(FieldName::CACHE_CONTROL, NO_STORE);
    let Some(known) = ask.if_none_match else { return Ok(request) };
    let tag = FieldValue::new(EntityTag(known).to_string())?;
    Ok(request.field(FieldName::IF_NONE_MATCH, tag))
}

/// By so much HTTP is more patient than the poller, which then is the one to lose patience.
const MARGIN: Duration = Duration::from_secs(1);

/// A live answer is nobody else's, and soon nobody's. RFC 9111 §5.2.1.5.
const NO_STORE: FieldValue = FieldValue::from_static("no-store");
