//! Following a log over a WebSocket.

use alloc::boxed::Box;

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::{self as http, Body, client::Event as Http};
use tidewire_hub::Start;
use tidewire_ws as ws;
use tidewire_ws::handshake::{Key, client as handshake};

use super::{AskError, Config, Error, Event, Stop, begins_at};

/// A WebSocket and how it comes about.
#[derive(Debug)]
pub(super) enum Socket {
    Apart { until: Instant },
    Asking { http: Box<http::Client>, key: Key, entropy: Option<Entropy> },
    Open(Box<ws::Connection>),
    Stopped(Stop),
}

impl Socket {
    pub(super) fn new(now: Instant) -> Self {
        Self::Apart { until: now }
    }

    pub(super) fn connect_at(&self) -> Option<Instant> {
        match self {
            Self::Apart { until } => Some(*until),
            Self::Asking { .. } | Self::Open(_) | Self::Stopped(_) => None,
        }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        match self {
            Self::Stopped(stop) => Some(*stop),
            Self::Apart { .. } | Self::Asking { .. } | Self::Open(_) => None,
        }
    }

    pub(super) fn connected(
        &mut self,
        config: &Config,
        after: Start,
        mut entropy: Entropy,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), AskError> {
        let key = Key::new(&mut entropy);
        let target = config.target(&config.websocket_path, after);
        let offer = handshake::Offer::default();
        let request = handshake::request(&target, config.host.as_str(), &key, &offer)?;
        let mut http = http::Client::new(config.http.clone());
        http.request(&request, Body::Empty, outbox, now)?;
        *self = Self::Asking { http: Box::new(http), key, entropy: Some(entropy) };
        Ok(())
    }

    pub(super) fn disconnected(&mut self, until: Instant) {
        match self {
            Self::Asking { .. } | Self::Open(_) | Self::Apart { .. } => {
                *self = Self::Apart { until };
            }
            Self::Stopped(_) => {}
        }
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
            match self {
                Self::Apart { .. } | Self::Stopped(_) => return Ok(None),
                Self::Open(websocket) => match websocket.next_event(inbox, outbox, now)? {
                    Some(ws::Event::Text(text)) => {
                        return Ok(Some(Event::Message(text.into_bytes())));
                    }
                    Some(
                        ws::Event::Binary(_)
                        | ws::Event::Ping(_)
                        | ws::Event::Pong(_)
                        | ws::Event::Closed(_),
                    ) => {}
                    None => return Ok(None),
                },
                Self::Asking { http, key, entropy } => match http.next_event(inbox, outbox, now)? {
                    Some(Http::Response(head)) => {
                        let offer = handshake::Offer::default();
                        if let Err(error) = handshake::verify(&head, key, &offer) {
                            outbox.end();
                            // What the server says of this request it will say again.
                            if let status @ 400..=499 = head.status()
                                && !matches!(status, 408 | 425 | 429)
                            {
                                *self = Self::Stopped(Stop::Status(status));
                            }
                            return Err(error.into());
                        }
                        *position = begins_at(&head).unwrap_or(*position);
                    }
                    Some(Http::Upgraded) => {
                        if let Some(entropy) = entropy.take() {
                            let config = config.websocket.clone();
                            let websocket = ws::Connection::client(config, entropy, now);
                            *self = Self::Open(Box::new(websocket));
                            return Ok(Some(Event::Open));
                        }
                    }
                    Some(_) => {}
                    None => return Ok(None),
                },
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Asking { http, .. } => http.deadline(),
            Self::Open(websocket) => websocket.deadline(),
            Self::Apart { .. } | Self::Stopped(_) => None,
        }
    }
}
