//! Following a log by polling, held or in a rhythm.

use alloc::format;
use alloc::string::ToString;
use core::time::Duration;

use bytes::BytesMut;

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol, earliest};
use tidewire_http::{self as http, Body, FieldName, FieldValue, client::Event as Http};
use tidewire_http::{Request, ResponseHead};
use tidewire_hub::Start;
use tidewire_poll::{EntityTag, Mode, PollRequest, Poller, Verdict, retry_after};

use super::{AskError, Config, Error, Event, Stop};

/// A poller and its connection.
#[derive(Debug)]
pub(super) struct Polls {
    pub(super) poller: Poller,
    http: Option<http::Client>,
    reading: Reading,
    status: u16,
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
        Self { poller, http: None, reading: Reading::Drop, status: 0 }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        if self.http.is_some() { None } else { self.poller.deadline() }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        self.poller.is_stopped().then_some(Stop::Status(self.status))
    }

    pub(super) fn connected(&mut self, config: &Config) {
        self.http = Some(http::Client::new(config.http.clone()));
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        // A connection that could not be had counts as an ask that failed.
        if self.http.take().is_none() {
            let _ = self.poller.next_ask(now);
        }
        self.reading = Reading::Drop;
        self.poller.failed(now);
    }

    pub(super) fn next_event(
        &mut self,
        config: &Config,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event>, Error> {
        let Some(http) = &mut self.http else { return Ok(None) };
        if self.poller.watchdog().is_some_and(|at| at <= now) {
            self.poller.failed(now);
            outbox.end();
        }
        loop {
            if http.is_idle()
                && !outbox.is_ended()
                && let Some(ask) = self.poller.next_ask(now)
            {
                let sent = request(config, &ask)
                    .and_then(|request| Ok(http.request(&request, Body::Empty, outbox, now)?));
                if sent.is_err() {
                    self.poller.stop();
                    outbox.end();
                }
            }
            match http.next_event(inbox, outbox, now)? {
                Some(Http::Response(head)) => {
                    self.status = head.status();
                    let verdict = self.poller.on_response(head.status(), away(&head), now);
                    let is_reset = verdict == Verdict::Reset;
                    self.reading = match verdict {
                        Verdict::ReadBody | Verdict::Reset => {
                            Reading::Keep { is_reset, body: BytesMut::new() }
                        }
                        Verdict::NotModified | Verdict::Retry => Reading::Drop,
                        Verdict::Stopped => {
                            outbox.end();
                            Reading::Drop
                        }
                    };
                }
                Some(Http::Body(piece)) => {
                    if let Reading::Keep { body, .. } = &mut self.reading {
                        body.extend_from_slice(&piece);
                    }
                }
                Some(Http::End) => {
                    let read = core::mem::replace(&mut self.reading, Reading::Drop);
                    if let Reading::Keep { is_reset, body } = read {
                        return Ok(Some(Event::Answer { is_reset, body: body.freeze() }));
                    }
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let http = self.http.as_ref()?;
        let poller = if http.is_idle() { self.poller.deadline() } else { self.poller.watchdog() };
        earliest([http.deadline(), poller])
    }
}

fn request(config: &Config, ask: &PollRequest) -> Result<Request, AskError> {
    let target = config.target(&config.poll_path, ask.after);
    let target = format!("{target}&wait={}", ask.wait.as_secs_f64());
    let request = config.get(&target)?;
    let Some(known) = ask.if_none_match else { return Ok(request) };
    let tag = FieldValue::new(EntityTag(known).to_string())?;
    Ok(request.field(FieldName::IF_NONE_MATCH, tag))
}

fn away(head: &ResponseHead) -> Option<Duration> {
    let fields = head.fields();
    retry_after(fields.get("retry-after")?, fields.get("date"))
}
