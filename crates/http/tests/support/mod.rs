//! Drives one machine by hand: bytes in any cutting and virtual time in; a trace out.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "this is test code")]

pub(crate) mod serving;

use std::time::Duration;

use bytes::Buf;
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Client, Error, Fields, Server, client, server};

/// What happened, with adjoining pieces of a body joined, so that cuttings compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Request { line: String, host: String },
    Interim(u16),
    Response(u16),
    Body(Vec<u8>),
    Trailers(Vec<(String, Vec<u8>)>),
    End,
    PeerEnded,
    Upgraded,
    Closed,
    Failed(Error),
}

/// A machine whose events can be written down.
pub(crate) trait Traced: Protocol<Error = Error> {
    fn seen(event: Self::Event<'_>) -> Seen;
}

impl Traced for Server {
    fn seen(event: server::Event<'_>) -> Seen {
        match event {
            server::Event::Request(head) => Seen::Request {
                line: format!("{} {} {:?}", head.method(), head.target(), head.version()),
                host: head.host().to_owned(),
            },
            server::Event::Body(piece) => Seen::Body(piece.to_vec()),
            server::Event::Trailers(trailers) => Seen::Trailers(owned(&trailers)),
            server::Event::End => Seen::End,
            server::Event::PeerEnded => Seen::PeerEnded,
            server::Event::Closed => Seen::Closed,
        }
    }
}

impl Traced for Client {
    fn seen(event: client::Event<'_>) -> Seen {
        match event {
            client::Event::Interim(head) => Seen::Interim(head.status()),
            client::Event::Response(head) => Seen::Response(head.status()),
            client::Event::Body(piece) => Seen::Body(piece.to_vec()),
            client::Event::Trailers(trailers) => Seen::Trailers(owned(&trailers)),
            client::Event::End => Seen::End,
            client::Event::Upgraded => Seen::Upgraded,
            client::Event::Closed => Seen::Closed,
        }
    }
}

/// A machine with its two boxes, its clock, and what it has told.
pub(crate) struct Rig<M> {
    pub(crate) machine: M,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    pub(crate) now: Instant,
    pub(crate) seen: Vec<Seen>,
    handler: Handler<M>,
}

type Handler<M> = fn(&Seen, &mut M, &mut Outbox, Instant);

impl<M: Traced> Rig<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self::handled(machine, |_, _, _, _| {})
    }

    /// A machine whose events are answered by `handler`.
    pub(crate) fn handled(machine: M, handler: Handler<M>) -> Self {
        let (inbox, outbox) = (Inbox::new(), Outbox::new());
        Self { machine, inbox, outbox, now: Instant::ORIGIN, seen: Vec::new(), handler }
    }

    /// Takes events until there is none; checks that the deadline then lies ahead.
    pub(crate) fn run(&mut self) {
        for _ in 0..100_000 {
            let event = match self.machine.next_event(&mut self.inbox, &mut self.outbox, self.now) {
                Ok(None) => {
                    let deadline = self.machine.deadline();
                    assert!(deadline.is_none_or(|at| at > self.now), "a deadline that has passed");
                    return;
                }
                Ok(Some(event)) => M::seen(event),
                Err(error) => Seen::Failed(error),
            };
            (self.handler)(&event, &mut self.machine, &mut self.outbox, self.now);
            match (self.seen.last_mut(), event) {
                (Some(Seen::Body(last)), Seen::Body(piece)) => last.extend(piece),
                (_, event) => self.seen.push(event),
            }
        }
        panic!("the machine spins: {:?}", self.seen.last());
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.inbox.push(bytes);
        self.run();
    }

    pub(crate) fn end(&mut self) {
        self.inbox.end();
        self.run();
    }

    pub(crate) fn wait(&mut self, time: Duration) {
        self.now += time;
        self.run();
    }

    /// What has happened since the last call.
    pub(crate) fn take_seen(&mut self) -> Vec<Seen> {
        std::mem::take(&mut self.seen)
    }

    /// What was written since the last call.
    pub(crate) fn take_written(&mut self) -> String {
        let bytes = self.outbox.copy_to_bytes(self.outbox.len());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The error that ended the connection.
    pub(crate) fn error(&self) -> Option<Error> {
        self.seen.iter().find_map(|seen| match seen {
            Seen::Failed(error) => Some(*error),
            _ => None,
        })
    }
}

/// Cuttings of an input: whole, byte by byte, and at `random` seeded places.
pub(crate) fn cuttings(input: &[u8], random: u64) -> Vec<Vec<&[u8]>> {
    let mut cuttings = vec![vec![input], input.chunks(1).collect()];
    cuttings.extend((0..random).map(|seed| {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut rest = input;
        let mut pieces = Vec::new();
        while !rest.is_empty() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (piece, after) = rest.split_at(1 + (state >> 33) as usize % rest.len());
            pieces.push(piece);
            rest = after;
        }
        pieces
    }));
    cuttings
}

fn owned(fields: &Fields) -> Vec<(String, Vec<u8>)> {
    fields.iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect()
}
