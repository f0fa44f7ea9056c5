//! Fuzz bodies for HTTP/1.1: hostile bytes for either machine, under the laws. What each rule says
//! in detail is tested in the crate itself.

use bytes::Buf;
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{
    Body, Client, ClientConfig, Error, FieldName, FieldValue, Request, Response, Server,
    ServerConfig, client, server,
};

/// A server under these bytes: the first picks limits, answers and cuts, the rest is the input.
///
/// # Panics
///
/// If a law does not hold.
pub fn request_bytes(data: &[u8]) {
    check(data, |plan| {
        let mut config = ServerConfig::default();
        if plan.has_small_limits() {
            config.max_request_line_bytes = 40;
            config.max_head_bytes = 200;
            config.max_fields = 4;
            config.max_body_bytes = 20;
            config.max_chunk_extension_bytes = 8;
            config.max_requests = 2;
        }
        Answering { server: Server::new(config, Instant::ORIGIN), plan }
    });
}

/// A client under these bytes: the first picks limits, requests and cuts, the rest is the input.
///
/// # Panics
///
/// If a law does not hold.
pub fn response_bytes(data: &[u8]) {
    check(data, |plan| {
        let mut config = ClientConfig::default();
        if plan.has_small_limits() {
            config.max_head_bytes = 120;
            config.max_fields = 4;
            config.max_body_bytes = 20;
            config.max_chunk_extension_bytes = 8;
            config.max_interim = 1;
        }
        Asking { client: Client::new(config), plan }
    });
}

/// What the first byte of the data asks for.
#[derive(Clone, Copy)]
struct Plan(u8);

impl Plan {
    fn has_small_limits(self) -> bool {
        self.0 & 1 != 0
    }

    fn ends_stream(self) -> bool {
        self.0 & 2 != 0
    }

    fn acts_early(self) -> bool {
        self.0 & 4 != 0
    }

    fn streams(self) -> bool {
        self.0 & 8 != 0
    }
}

/// A machine with a caller that reacts to events in a fixed way.
trait Driven {
    fn start(&mut self, outbox: &mut Outbox);
    fn step(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
        log: &mut Log,
    ) -> Result<bool, Error>;
    fn deadline(&self) -> Option<Instant>;
}

struct Answering {
    server: Server,
    plan: Plan,
}

impl Driven for Answering {
    fn start(&mut self, _: &mut Outbox) {}

    fn step(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
        log: &mut Log,
    ) -> Result<bool, Error> {
        let Some(event) = self.server.next_event(inbox, outbox, now)? else { return Ok(false) };
        let answers = match &event {
            server::Event::Request(_) => self.plan.acts_early(),
            server::Event::End => self.server.awaits_response(),
            _ => false,
        };
        match event {
            server::Event::Body(piece) => log.body(&piece),
            other => log.other(format!("{other:?}")),
        }
        if answers {
            let body = if self.plan.streams() { Body::Stream } else { Body::Full("hi".into()) };
            let answered = self.server.respond(&Response::new(200), body, outbox, now);
            assert_eq!(answered, Ok(()));
            if self.server.is_sending() {
                assert_eq!(self.server.send_body("piece".into(), outbox), Ok(()));
                assert_eq!(self.server.finish(outbox, now), Ok(()));
            }
        }
        Ok(true)
    }

    fn deadline(&self) -> Option<Instant> {
        self.server.deadline()
    }
}

struct Asking {
    client: Client,
    plan: Plan,
}

impl Driven for Asking {
    /// Asks once: what follows the response is unasked for, however it is cut.
    fn start(&mut self, outbox: &mut Outbox) {
        let method = if self.plan.streams() { "HEAD" } else { "GET" };
        let Ok(mut request) = Request::new(method, "/") else { return };
        request = request.field(FieldName::HOST, FieldValue::from_static("a"));
        if self.plan.acts_early() {
            request = request.field(FieldName::UPGRADE, FieldValue::from_static("x"));
        }
        let asked = self.client.request(&request, Body::Empty, outbox, Instant::ORIGIN);
        assert_eq!(asked, Ok(()));
    }

    fn step(
        &mut self,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
        log: &mut Log,
    ) -> Result<bool, Error> {
        let Some(event) = self.client.next_event(inbox, outbox, now)? else { return Ok(false) };
        match event {
            client::Event::Body(piece) => log.body(&piece),
            other => log.other(format!("{other:?}")),
        }
        Ok(true)
    }

    fn deadline(&self) -> Option<Instant> {
        self.client.deadline()
    }
}

/// What was told, with adjoining pieces of a body joined.
#[derive(Debug, Default, PartialEq, Eq)]
struct Log(Vec<Entry>);

#[derive(Debug, PartialEq, Eq)]
enum Entry {
    Body(Vec<u8>),
    Other(String),
}

impl Log {
    fn body(&mut self, piece: &[u8]) {
        match self.0.last_mut() {
            Some(Entry::Body(body)) => body.extend_from_slice(piece),
            _ => self.0.push(Entry::Body(piece.to_vec())),
        }
    }

    fn other(&mut self, event: String) {
        self.0.push(Entry::Other(event));
    }
}

/// All that a run shows to the outside.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    log: Log,
    written: Vec<u8>,
    left: Vec<u8>,
    error: Option<Error>,
    ended: bool,
}

/// Runs the input whole, byte by byte and at seeded cuts, and compares.
fn check<D: Driven>(data: &[u8], make: impl Fn(Plan) -> D) {
    let Some((&first, input)) = data.split_first() else { return };
    let plan = Plan(first);
    let whole = run(make(plan), plan, [input]);
    assert!(input.ends_with(&whole.left), "what was eaten and what is left are what was given");
    let bytewise = run(make(plan), plan, input.chunks(1));
    assert_eq!(whole, bytewise, "cut byte by byte");
    let width = usize::from(first >> 4) + 2;
    assert_eq!(whole, run(make(plan), plan, input.chunks(width)), "cut every {width} bytes");
}

fn run<'d>(
    mut driven: impl Driven,
    plan: Plan,
    pieces: impl IntoIterator<Item = &'d [u8]>,
) -> Outcome {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let (mut outcome, mut now) = (Outcome::default(), Instant::ORIGIN);
    driven.start(&mut outbox);
    rest_at(&mut driven, &mut inbox, &mut outbox, now, &mut outcome);
    for mut piece in pieces {
        while !piece.is_empty() {
            let (taken, rest) = piece.split_at(piece.len().min(inbox.room()));
            if taken.is_empty() {
                outcome.left.extend_from_slice(piece);
                break;
            }
            inbox.push(taken);
            piece = rest;
            rest_at(&mut driven, &mut inbox, &mut outbox, now, &mut outcome);
        }
    }
    if plan.ends_stream() {
        inbox.end();
        rest_at(&mut driven, &mut inbox, &mut outbox, now, &mut outcome);
    }
    let mut waits = 0;
    while let Some(deadline) = driven.deadline() {
        now = deadline;
        waits += 1;
        assert!(waits < 5, "time alone brings the machine to rest");
        rest_at(&mut driven, &mut inbox, &mut outbox, now, &mut outcome);
    }
    outcome.left.splice(..0, inbox.as_slice().iter().copied());
    outcome.ended = outbox.is_ended();
    assert!(outcome.error.is_none() || outcome.ended, "an error ends the outbox");
    outcome
}

/// Takes events until there is none; checks Quiet and Last word.
fn rest_at(
    driven: &mut impl Driven,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
    now: Instant,
    outcome: &mut Outcome,
) {
    for _ in 0..=4 * Inbox::DEFAULT_LIMIT {
        let step = driven.step(inbox, outbox, now, &mut outcome.log);
        let silent = outcome.error.is_some();
        assert!(!silent || (step == Ok(false) && outbox.is_empty()), "words after the last word");
        match step {
            Ok(true) => {}
            Ok(false) => {
                assert!(driven.deadline().is_none_or(|at| at > now), "a deadline that has passed");
                outcome.written.extend_from_slice(&outbox.copy_to_bytes(outbox.len()));
                return;
            }
            Err(error) => {
                outcome.error = Some(error);
                outcome.written.extend_from_slice(&outbox.copy_to_bytes(outbox.len()));
            }
        }
    }
    panic!("the machine spins");
}
