//! Following a log over a WebSocket.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::mem;
use core::time::Duration;

use tidewire_core::{Backoff, Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::{self as http, Body, ResponseHead, client::Event as Http};
use tidewire_hub::Start;
use tidewire_ws as ws;
use tidewire_ws::handshake::{Key, client as handshake};

use super::{AskError, Config, Error, Event, STABLE_AFTER, Stop, away, begin_at};

/// A WebSocket, how it comes about and when it is tried again.
#[derive(Debug)]
pub(super) struct Socket {
    state: State,
    backoff: Backoff,
    entropy: Entropy,
}

#[derive(Debug)]
enum State {
    Apart {
        until: Instant,
    },
    /// The request is out.
    Asking {
        http: Box<http::Client>,
        key: Key,
        masks: Entropy,
    },
    Open {
        websocket: Box<ws::Connection>,
        since: Instant,
    },
    /// The server refused; the connection is being left.
    Refused {
        away: Duration,
    },
    Stopped(Stop),
}

impl Socket {
    pub(super) fn new(entropy: Entropy, now: Instant) -> Self {
        let state = State::Apart { until: now };
        Self { state, backoff: Backoff::default(), entropy }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match &self.state {
            State::Apart { until } => Some(*until),
            State::Asking { .. }
            | State::Open { .. }
            | State::Refused { .. }
            | State::Stopped(_) => None,
        }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        match &self.state {
            State::Stopped(stop) => Some(*stop),
            State::Apart { .. }
            | State::Asking { .. }
            | State::Open { .. }
            | State::Refused { .. } => None,
        }
    }

    pub(super) fn connected(
        &mut self,
        config: &Config,
        after: Start,
        mut masks: Entropy,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), AskError> {
        let key = Key::new(&mut masks);
        let target = config.target(&config.websocket_path, after);
        let offer = handshake::Offer::default();
        let request = handshake::request(&target, config.host.as_str(), &key, &offer)?;
        let mut http = Box::new(http::Client::new(config.http.clone()));
        http.request(&request, Body::Empty, outbox, now)?;
        self.state = State::Asking { http, key, masks };
        Ok(())
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        let away = match &self.state {
            State::Stopped(_) => return,
            State::Refused { away } => *away,
            State::Apart { .. } | State::Asking { .. } => Duration::ZERO,
            State::Open { since, .. } => {
                if now.saturating_duration_since(*since) >= STABLE_AFTER {
                    self.backoff.reset();
                }
                Duration::ZERO
            }
        };
        let until = now + self.backoff.next(&mut self.entropy).max(away);
        self.state = State::Apart { until };
    }

    /// Something was taken: the server is of use.
    pub(super) fn seen(&mut self) {
        self.backoff.reset();
    }

    pub(super) fn next_event(
        &mut self,
        config: &Config,
        position: &mut Start,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Event>, Error> {
        loop {
            match &mut self.state {
                State::Apart { .. } | State::Refused { .. } | State::Stopped(_) => {
                    return Ok(None);
                }
                State::Open { websocket, .. } => match websocket.next_event(inbox, outbox, now)? {
                    Some(ws::Event::Text(text)) => {
                        return Ok(Some(Event::Message(text.into_bytes())));
                    }
                    Some(
                        ws::Event::Binary(_)
                        | ws::Event::Ping(_)
                        | ws::Event::Pong(_)
                        | ws::Event::TextPart { .. }
                        | ws::Event::BinaryPart { .. }
                        | ws::Event::Drained
                        | ws::Event::Closed(_),
                    ) => {}
                    None => return Ok(None),
                },
                State::Asking { http, .. } => match http.next_event(inbox, outbox, now)? {
                    Some(Http::Response(head)) => {
                        self.on_response(&head, config, now)?;
                        begin_at(&head, position);
                        return Ok(Some(Event::Open));
                    }
                    Some(_) => {}
                    None => return Ok(None),
                },
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Asking { http, .. } => http.deadline(),
            State::Open { websocket, .. } => websocket.deadline(),
            State::Apart { .. } | State::Refused { .. } | State::Stopped(_) => None,
        }
    }

    /// The handshake succeeds or fails here. What follows a good answer is frames, so HTTP is left.
    fn on_response(
        &mut self,
        head: &ResponseHead,
        config: &Config,
        now: Instant,
    ) -> Result<(), Error> {
        let refused = State::Refused { away: away(head) };
        let State::Asking { key, masks, .. } = mem::replace(&mut self.state, refused) else {
            return Ok(());
        };
        if let Err(error) = handshake::verify(head, &key, &handshake::Offer::default()) {
            // What the server says of this request it will say again.
            if let status @ 400..=499 = head.status()
                && !matches!(status, 408 | 425 | 429)
            {
                self.state = State::Stopped(Stop::Status(status));
            }
            return Err(error.into());
        }
        let websocket = ws::Connection::client(Arc::clone(&config.websocket), masks, now);
        self.state = State::Open { websocket: Box::new(websocket), since: now };
        Ok(())
    }
}
