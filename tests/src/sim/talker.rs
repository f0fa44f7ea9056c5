//! A reader that changes its topics over its WebSocket, and asks for the changed ones when it comes back.
//! The composition's own client, which says nothing, is not used here.

use bytes::Bytes;
use tidewire::core::{Backoff, Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire::http::{self, Body, client::Event as Http};
use tidewire::hub::Start;
use tidewire::ws::handshake::{Key, client as handshake};
use tidewire::ws::{self, Event};

use super::ends::Who;
use super::plan::{self, secs};
use crate::dice::Dice;

/// A WebSocket client that has something to say.
pub(super) struct Talker {
    state: State,
    /// What it asked to follow last, and what it wants to.
    asked: u8,
    wanted: u8,
    backoff: Backoff,
    seeds: Dice,
    entropy: Entropy,
}

enum State {
    Apart { until: Instant },
    Asking { http: Box<http::Client>, key: Key },
    Open(Box<ws::Connection>),
    Left,
    Stopped(u16),
}

impl Talker {
    pub(super) fn new(mut seeds: Dice, now: Instant) -> Self {
        let entropy = Dice::new(seeds.bits()).entropy();
        let (state, backoff) = (State::Apart { until: now }, Backoff::new(secs(1), secs(15)));
        Self { state, asked: 0, wanted: 0, backoff, seeds, entropy }
    }

    /// Wants to follow these topics from now on.
    pub(super) fn wants(&mut self, topics: u8) {
        self.wanted = topics;
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match self.state {
            State::Apart { until } => Some(until),
            _ => None,
        }
    }

    pub(super) fn connected(&mut self, who: Who, after: Start, outbox: &mut Outbox, now: Instant) {
        let key = Key::new(&mut self.entropy);
        let target = format!("/v1/ws?{}&after={after}", plan::query(who));
        let offer = handshake::Offer::default();
        let request = handshake::request(&target, "a", &key, &offer).expect("a good target");
        let mut http = Box::new(http::Client::new(http::ClientConfig::for_streams()));
        let sent = http.request(&request, Body::Empty, outbox, now);
        sent.expect("a fresh connection takes a request");
        (self.asked, self.wanted) = (who.topics, who.topics);
        self.state = State::Asking { http, key };
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        if self.stopped().is_none() {
            self.state = State::Apart { until: now + self.backoff.next(&mut self.entropy) };
        }
    }

    pub(super) fn next_event(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Option<Bytes> {
        loop {
            match &mut self.state {
                State::Asking { http, key } => match http.next_event(inbox, outbox, now) {
                    Ok(Some(Http::Response(head))) => {
                        let offer = handshake::Offer::default();
                        let is_open = handshake::verify(&head, key, &offer).is_ok();
                        self.state = match head.status() {
                            101 if is_open => self.open(now),
                            status @ 403 => State::Stopped(status),
                            _ => State::Left,
                        };
                        if !is_open {
                            outbox.end();
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(_) => self.state = self.leave(outbox),
                },
                State::Open(websocket) => {
                    if self.wanted != self.asked {
                        let wish = format!("follow {}", self.wanted);
                        if websocket.send_text(&wish, outbox).is_ok() {
                            self.asked = self.wanted;
                        }
                    }
                    match websocket.next_event(inbox, outbox, now) {
                        Ok(Some(Event::Text(text))) => {
                            self.backoff.reset();
                            return Some(text.into_bytes());
                        }
                        Ok(Some(_)) => {}
                        Ok(None) => return None,
                        Err(_) => self.state = self.leave(outbox),
                    }
                }
                State::Apart { .. } | State::Left | State::Stopped(_) => return None,
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Asking { http, .. } => http.deadline(),
            State::Open(websocket) => websocket.deadline(),
            State::Apart { .. } | State::Left | State::Stopped(_) => None,
        }
    }

    /// The status because of which it gave up, if it did.
    pub(super) fn stopped(&self) -> Option<u16> {
        match self.state {
            State::Stopped(status) => Some(status),
            _ => None,
        }
    }

    fn open(&mut self, now: Instant) -> State {
        let masks = Dice::new(self.seeds.bits()).entropy();
        State::Open(Box::new(ws::Connection::client(plan::websocket(), masks, now)))
    }

    fn leave(&mut self, outbox: &mut Outbox) -> State {
        outbox.end();
        State::Left
    }
}
