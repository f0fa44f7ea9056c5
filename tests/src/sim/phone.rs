//! A reader as an application on a phone has it: it polls, is hidden and looked at, put away and taken out
//! again. Its rhythm is held against what a poller promises in `rhythm`. The composition's own client, which
//! knows of no such thing, is not used here.

use std::time::Duration;

use tidewire::client::Event;
use tidewire::core::{Inbox, Instant, Outbox, Protocol, earliest, retry_after};
use tidewire::http::{self, Body, FieldName, FieldValue, Request, client::Event as Http};
use tidewire::hub::{Cursor, Start};
use tidewire::poll::{EntityTag, Mode, PollRequest, Poller, ResponseHead, Verdict};

use super::ends::Who;
use super::plan;
use super::rhythm::Rhythm;
use crate::dice::Dice;

/// A poller in the hands of someone.
pub(super) struct Phone {
    poller: Poller,
    rhythm: Rhythm,
    query: String,
    http: Option<Box<http::Client>>,
    /// Reads the answer to a poll that was sent behind another.
    behind: Option<Box<http::Client>>,
    /// Our side of the connection is at its end, and the answer to the poll is still to come.
    has_ended: bool,
    /// The connection is of no more use.
    has_left: bool,
    /// What has come of an answer that is to be read, and whether that is a reset.
    reading: Option<(bool, Vec<u8>)>,
    stopped: Option<u16>,
}

impl Phone {
    pub(super) fn new(who: Who, start: Start, mut seeds: Dice, now: Instant) -> Self {
        let mut config = plan::poller();
        config.start = start;
        config.mode = mode(seeds.roll(2) == 0);
        let rhythm = Rhythm::new(config.mode, now);
        let poller = Poller::new(config, seeds.entropy(), now);
        Self {
            poller,
            rhythm,
            query: plan::query(who),
            http: None,
            behind: None,
            has_ended: false,
            has_left: false,
            reading: None,
            stopped: None,
        }
    }

    /// Nobody looks at it.
    pub(super) fn hide(&mut self) {
        self.poller.hide();
        self.rhythm.hide();
    }

    /// It is put away. Its connection is to be dropped.
    pub(super) fn pause(&mut self) {
        self.poller.pause();
        self.rhythm.pause();
    }

    /// Someone looks at it again.
    pub(super) fn resume(&mut self, now: Instant) {
        self.poller.resume(now);
        self.rhythm.resume(now);
    }

    /// Asks in another way from now on.
    pub(super) fn change(&mut self, is_long: bool, now: Instant) {
        self.poller.set_mode(mode(is_long), now);
        self.rhythm.set_mode(mode(is_long), now);
    }

    /// Sends another poll behind one that is under way: it wants what is new, and keeps no cursor for it.
    pub(super) fn send_ahead(&mut self, outbox: &mut Outbox, now: Instant) {
        if self.waits() && self.behind.is_none() {
            let mut behind = Box::new(http::Client::new(plan::http()));
            let wait = plan::WAIT.as_secs();
            let target = format!("/v1/poll?{}&after=now&wait={wait}", self.query);
            let sent = behind.request(&get(&target), Body::Empty, outbox, now);
            sent.expect("a client that is idle takes a request");
            self.behind = Some(behind);
        }
    }

    /// Ends its side while a poll is under way, and waits for the answer all the same.
    pub(super) fn end_side(&mut self, outbox: &mut Outbox) {
        if self.waits() {
            outbox.end();
            self.has_ended = true;
        }
    }

    /// Whether it ended its side, and is still to read.
    pub(super) fn only_reads(&self) -> bool {
        self.has_ended && !self.has_left
    }

    fn waits(&self) -> bool {
        let is_asked = self.http.as_ref().is_some_and(|http| !http.is_idle());
        let waits = self.behind.is_some() || (is_asked && self.reading.is_none());
        waits && !self.has_ended && !self.has_left
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        if self.http.is_none() { self.poller.deadline() } else { None }
    }

    pub(super) fn connected(&mut self) {
        self.http = Some(Box::new(http::Client::new(plan::http())));
        (self.behind, self.has_ended, self.has_left) = (None, false, false);
        self.reading = None;
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        if self.http.take().is_none() {
            // A connection that could not be had counts as an ask that failed.
            self.ask(now);
        }
        self.fail(None, now);
    }

    pub(super) fn next_event(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Option<Event> {
        if self.poller.watchdog().is_some_and(|at| at <= now) {
            // Whatever is left of the connection is to be dropped.
            self.fail(None, now);
            self.leave(outbox);
        }
        loop {
            if self.has_left {
                return None;
            }
            let is_idle = self.http.as_ref()?.is_idle();
            if is_idle && let Some(behind) = &mut self.behind {
                match behind.next_event(inbox, outbox, now) {
                    Ok(Some(_)) if behind.is_idle() => self.behind = None,
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(_) => {
                        self.fail(None, now);
                        self.leave(outbox);
                    }
                }
                continue;
            }
            if is_idle && self.has_ended {
                self.leave(outbox);
                continue;
            }
            if is_idle && let Some(ask) = self.ask(now) {
                let request = request(&self.query, &ask);
                let sent = self.http.as_mut()?.request(&request, Body::Empty, outbox, now);
                sent.expect("an idle connection takes a request");
            }
            match self.http.as_mut()?.next_event(inbox, outbox, now) {
                Ok(Some(Http::Response(head))) => {
                    let response = ResponseHead::new(head.status(), head.fields().iter());
                    self.rhythm.advance(now);
                    match self.poller.on_response(&response, now) {
                        Verdict::ReadBody => self.reading = Some((false, Vec::new())),
                        Verdict::Reset => self.reading = Some((true, Vec::new())),
                        Verdict::NotModified => self.rhythm.succeeded(None, false, now),
                        Verdict::Retry => {
                            let told = head.fields().get("retry-after");
                            self.rhythm.failed(told.and_then(|told| retry_after(told, None)), now);
                        }
                        Verdict::Stopped => {
                            self.stopped = Some(head.status());
                            self.leave(outbox);
                        }
                    }
                }
                Ok(Some(Http::Body(piece))) => {
                    if let Some((_, body)) = &mut self.reading {
                        body.extend_from_slice(&piece);
                    }
                }
                Ok(Some(Http::End)) => {
                    if let Some((is_reset, body)) = self.reading.take() {
                        return Some(Event::Answer { is_reset, body: body.into() });
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.rhythm.check(&self.poller, now);
                    return None;
                }
                Err(_) => {
                    self.fail(None, now);
                    self.leave(outbox);
                }
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let http = self.http.as_ref().filter(|_| !self.has_left)?;
        let is_idle = http.is_idle();
        if let Some(behind) = self.behind.as_ref().filter(|_| is_idle) {
            return earliest([behind.deadline(), self.poller.watchdog()]);
        }
        let poller = if is_idle { self.poller.deadline() } else { self.poller.watchdog() };
        earliest([http.deadline(), poller])
    }

    /// The status because of which it gave up, if it did.
    pub(super) fn stopped(&self) -> Option<u16> {
        assert_eq!(self.stopped.is_some(), self.poller.is_stopped(), "whether it has stopped");
        self.stopped
    }

    pub(super) fn position(&self) -> Start {
        self.poller.start()
    }

    pub(super) fn is_news(&self, next: Cursor) -> bool {
        self.poller.is_news(next)
    }

    pub(super) fn delivered(
        &mut self,
        next: Cursor,
        more: bool,
        hint: Option<Duration>,
        now: Instant,
    ) {
        self.poller.delivered(next, more, hint, now);
        self.rhythm.succeeded(hint, more, now);
    }

    pub(super) fn rejected(&mut self, now: Instant) {
        self.poller.rejected(now);
        self.rhythm.failed(None, now);
    }

    fn leave(&mut self, outbox: &mut Outbox) {
        outbox.end();
        self.has_left = true;
    }

    fn ask(&mut self, now: Instant) -> Option<PollRequest> {
        self.rhythm.advance(now);
        let ask = self.poller.next_ask(now)?;
        self.rhythm.asked(&ask, now);
        Some(ask)
    }

    fn fail(&mut self, told: Option<Duration>, now: Instant) {
        self.poller.failed(now);
        self.rhythm.failed(told, now);
    }
}

fn mode(is_long: bool) -> Mode {
    if is_long { Mode::Long { wait: plan::WAIT } } else { Mode::Interval { every: plan::EVERY } }
}

fn request(query: &str, ask: &PollRequest) -> Request {
    let (after, wait) = (ask.after, ask.wait.as_secs_f64());
    let target = format!("/v1/poll?{query}&after={after}&wait={wait}");
    let request = get(&target);
    let Some(known) = ask.if_none_match else { return request };
    let tag = FieldValue::new(EntityTag(known).to_string()).expect("a good tag");
    request.field(FieldName::IF_NONE_MATCH, tag)
}

fn get(target: &str) -> Request {
    let request = Request::new("GET", target).expect("a good target");
    request.field(FieldName::HOST, FieldValue::from_static("a"))
}
