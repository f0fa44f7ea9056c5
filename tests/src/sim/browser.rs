//! A reader as a browser has it: one URL that never changes, and the last event ID in a field. The
//! composition's own client is not used here.

use bytes::{Buf, Bytes};
use tidewire::client::Received;
use tidewire::core::{Instant, Outbox, Protocol, earliest};
use tidewire::http::{self, Body, FieldName, FieldValue, Request, client::Event as Http};
use tidewire::sse::{Item, ResponseHead, Source, SourceState, Stop, Verdict};
use tidewire_core::Inbox;

use super::ends::Who;
use super::plan;
use crate::dice::Dice;

/// An `EventSource`.
pub(super) struct Browser {
    source: Source,
    target: String,
    http: Option<Box<http::Client>>,
    /// What has arrived of the body and is yet to be decoded.
    body: Bytes,
}

impl Browser {
    pub(super) fn new(who: Who, entropy: Dice, now: Instant) -> Self {
        let source = Source::new(plan::source(), entropy.entropy(), now);
        let target = format!("/v1/sse?{}&after=oldest", plan::query(who));
        Self { source, target, http: None, body: Bytes::new() }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match (self.source.state(), &self.http) {
            (SourceState::Waiting, None) => self.source.deadline(),
            _ => None,
        }
    }

    pub(super) fn connected(&mut self, outbox: &mut Outbox, now: Instant) {
        self.source.next_action(now).expect("a connect is due");
        let host = FieldValue::from_static("a");
        let request = Request::new("GET", &self.target).expect("a good target");
        let mut request = request.field(FieldName::HOST, host);
        for (name, value) in self.source.request_fields() {
            let name = FieldName::new(name).expect("a good name");
            request = request.field(name, FieldValue::utf8(value).expect("a good value"));
        }
        let mut http = Box::new(http::Client::new(http::ClientConfig::for_streams()));
        let sent = http.request(&request, Body::Empty, outbox, now);
        sent.expect("a fresh connection takes a request");
        (self.http, self.body) = (Some(http), Bytes::new());
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        if self.http.take().is_none() {
            // A connection that could not be had counts as one that ended.
            self.source.next_action(now);
        }
        self.source.on_end(now);
    }

    pub(super) fn next_event(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Option<Received> {
        let http = self.http.as_mut()?;
        loop {
            while !self.body.is_empty() {
                let mut rest = &self.body[..];
                let item = self.source.decode(&mut rest, now).expect("all keeps to the limits");
                let received = item.map(|item| match item {
                    Item::Event(event) => Received {
                        name: event.name().into(),
                        data: event.data().to_str_lossy().into_owned(),
                        id: event.last_event_id().into(),
                    },
                    other => panic!("neither event nor silence: {other:?}"),
                });
                let eaten = self.body.len() - rest.len();
                self.body.advance(eaten);
                if received.is_some() {
                    return received;
                }
            }
            if self.source.state() == SourceState::Waiting {
                outbox.end();
                return None;
            }
            if self.source.next_action(now).is_some() {
                continue;
            }
            match http.next_event(inbox, outbox, now) {
                Ok(Some(Http::Response(head))) => {
                    let answer = ResponseHead::new(head.status(), head.fields().iter());
                    let verdict = self.source.on_response(&answer, now);
                    match verdict {
                        Verdict::Open => {}
                        Verdict::Stopped(Stop::Status(_)) => outbox.end(),
                        other => panic!("a verdict that no answer deserves: {other:?}"),
                    }
                }
                Ok(Some(Http::Body(piece))) => self.body = piece.into_bytes(),
                Ok(Some(Http::End)) | Err(_) => drop(self.source.on_end(now)),
                Ok(Some(_)) => {}
                Ok(None) => return None,
            }
        }
    }

    /// The status because of which it gave up, if it did.
    pub(super) fn stopped(&self) -> Option<u16> {
        match self.source.state() {
            SourceState::Stopped(Stop::Status(status)) => Some(status),
            SourceState::Stopped(other) => panic!("a browser gave up: {other:?}"),
            _ => None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let http = self.http.as_ref()?;
        earliest([http.deadline(), self.source.deadline()])
    }
}
