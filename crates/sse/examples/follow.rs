//! Follows an event stream over `std::net`, wherever it moves and however often it breaks off:
//! `cargo run -p tidewire-sse --example follow http://127.0.0.1:8000/sse TOKEN`
#![allow(clippy::print_stdout, reason = "it shows what comes")]
#![allow(clippy::disallowed_methods, reason = "a program owns its clock and its waits")]

use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::TcpStream;
use std::time::{Duration, Instant as Clock};
use std::{env, thread};

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::client::Event as Http;
use tidewire_http::{Body, Client, ClientConfig, FieldName, FieldValue, Request};
use tidewire_sse::redirect::judge;
use tidewire_sse::{
    Action, Event, Item, Redirect, ResponseHead, Source, SourceConfig, SourceState, StatusPolicy,
    Stop, Verdict,
};
use url::{Position, Url};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Where to ask, and what to say there beyond what the source says.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) url: Url,
    pub(crate) fields: Vec<(FieldName, FieldValue)>,
}

/// A source, the place where each connect begins, and a clock.
pub(crate) struct Follower {
    source: Source,
    home: Place,
    start: Clock,
}

impl Follower {
    pub(crate) fn new(home: Place, config: SourceConfig) -> Self {
        // The seeds of the standard library's maps are random enough to spread reconnects.
        let jitter = Entropy::new(|bytes| {
            bytes.fill_with(|| RandomState::new().build_hasher().finish() as u8);
        });
        Self { source: Source::new(config, jitter, Instant::ORIGIN), home, start: Clock::now() }
    }

    /// Tells every event that keeps the limits, over as many connections as it takes, until the source is over.
    pub(crate) fn follow(&mut self, mut told: impl FnMut(Event<'_>)) -> Stop {
        loop {
            let action = self.source.next_action(self.now());
            match self.source.state() {
                SourceState::Stopped(stop) => return stop,
                _ if action == Some(Action::Connect) => {
                    if let Err(error) = self.connect(&mut told) {
                        eprintln!("{error}");
                    }
                    self.source.on_end(self.now());
                }
                _ => thread::sleep(self.time_left().unwrap_or_default()),
            }
        }
    }

    /// Asks at home and wherever that leads, and receives what comes.
    fn connect(&mut self, told: &mut impl FnMut(Event<'_>)) -> Outcome<()> {
        let (mut place, mut is_home) = (self.home.clone(), true);
        while let Some((redirect, url)) = self.ask(&place, told)? {
            let hop = judge(place.url.as_str(), url.as_str())?;
            // A GET stays a GET, whatever the status, and has no body to leave behind.
            place.fields.retain(|(name, _)| hop.carries(name.as_str(), &[]));
            place.url = url;
            is_home &= redirect == Redirect::Permanent;
            if is_home {
                self.home = place.clone();
            }
        }
        Ok(())
    }

    /// Asks at one place. Returns where it sends us, or nothing once its answer is over.
    fn ask(
        &mut self,
        place: &Place,
        told: &mut impl FnMut(Event<'_>),
    ) -> Outcome<Option<(Redirect, Url)>> {
        let mut socket = self.socket(&place.url)?;
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let mut http = Client::new(ClientConfig::for_streams());
        http.request(&self.request(place)?, Body::Empty, &mut outbox, self.now())?;
        outbox.write_to(&mut socket)?;
        loop {
            let now = self.now();
            match http.next_event(&mut inbox, &mut outbox, now)? {
                Some(Http::Response(head)) => {
                    let answer = ResponseHead::new(head.status(), head.fields().iter());
                    match self.source.on_response(&answer, now) {
                        Verdict::Open => {}
                        Verdict::Redirect(redirect) => {
                            let location = head.fields().get("Location").unwrap_or_default();
                            // Against the URL that was asked, as browsers do (RFC 3986 §5.2).
                            let url = place.url.join(str::from_utf8(location)?)?;
                            return Ok(Some((redirect, url)));
                        }
                        _ => return Ok(None),
                    }
                }
                Some(Http::Body(piece)) => {
                    let mut piece = piece.as_slice();
                    while let Some(item) = self.source.decode(&mut piece, now)? {
                        if let Item::Event(event) = item {
                            told(event);
                        }
                    }
                }
                Some(Http::End | Http::Closed) => return Ok(None),
                Some(_) => {}
                None if self.source.deadline().is_some_and(|at| at <= now) => {
                    return Err("too slow, or too silent".into());
                }
                None => {
                    socket.set_read_timeout(self.time_left())?;
                    inbox.read_from(&mut socket)?;
                }
            }
        }
    }

    /// A connection. Over `https` it would go through a library for TLS.
    fn socket(&self, url: &Url) -> Outcome<TcpStream> {
        if url.scheme() != "http" {
            return Err("there is no TLS here".into());
        }
        let connect = |address| match self.time_left() {
            Some(left) => TcpStream::connect_timeout(address, left),
            None => TcpStream::connect(address),
        };
        let addresses = url.socket_addrs(|| None)?;
        Ok(addresses.iter().find_map(|address| connect(address).ok()).ok_or("nobody is there")?)
    }

    /// What the source wants to be said goes to every place, the last event ID among it.
    fn request(&self, place: &Place) -> Outcome<Request> {
        let host = FieldValue::new(&place.url[Position::BeforeHost..Position::AfterPort])?;
        let target = &place.url[Position::BeforePath..Position::AfterQuery];
        let mut request = Request::new("GET", target)?.field(FieldName::HOST, host);
        for (name, value) in self.source.request_fields() {
            request = request.field(FieldName::new(name)?, FieldValue::utf8(value)?);
        }
        let add = |request: Request, (name, value)| request.field(name, value);
        Ok(place.fields.iter().cloned().fold(request, add))
    }

    fn now(&self) -> Instant {
        Instant::from_origin(self.start.elapsed())
    }

    /// How long the source waits; a socket does not wait for no time at all.
    fn time_left(&self) -> Option<Duration> {
        let left = self.source.deadline()?.saturating_duration_since(self.now());
        Some(left.max(Duration::from_millis(1)))
    }
}

fn main() -> Outcome<()> {
    let mut words = env::args().skip(1);
    let (url, token) = words.next().zip(words.next()).ok_or("usage: follow URL TOKEN")?;
    let token = FieldValue::new(format!("Bearer {token}"))?;
    let fields = vec![(FieldName::from_static("Authorization"), token)];
    let home = Place { url: Url::parse(&url)?, fields };
    let mut config = SourceConfig::default();
    config.status_policy = StatusPolicy::Resilient;
    let stop = Follower::new(home, config).follow(|event| {
        println!("{} {}: {}", event.last_event_id(), event.name(), event.data().to_str_lossy());
    });
    Err(stop.into())
}
