//! One end of a connection under test, with its peer's bytes made and read by hand. What is tested
//! lives in the other files.

use std::time::Duration;

use bytes::Buf;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
pub(crate) use tidewire_ws::Config;
use tidewire_ws::{CloseCode, Closed, Connection, Error, Event, Side};

/// Which end is under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

pub(crate) const BOTH: [Role; 2] = [Role::Server, Role::Client];

/// The key of RFC 6455 §5.7, with which the test's client masks.
pub(crate) const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// An event or an error, to keep and to compare.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    TextPart(String, bool),
    BinaryPart(Vec<u8>, bool),
    Drained,
    Closed(Closed),
    Failed(Error),
}

pub(crate) struct Link {
    pub(crate) role: Role,
    pub(crate) connection: Connection,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    pub(crate) now: Instant,
    is_over: bool,
}

impl Link {
    pub(crate) fn new(role: Role, config: Config) -> Self {
        let now = Instant::ORIGIN + Duration::from_secs(100);
        let connection = match role {
            Role::Server => Connection::server(config, now),
            Role::Client => Connection::client(config, entropy(), now),
        };
        let (inbox, outbox) = (Inbox::new(), Outbox::new());
        Self { role, connection, inbox, outbox, now, is_over: false }
    }

    pub(crate) fn server() -> Self {
        Self::new(Role::Server, Config::default())
    }

    pub(crate) fn client() -> Self {
        Self::new(Role::Client, Config::default())
    }

    /// A frame from the peer, as its role demands, under this first byte.
    pub(crate) fn frame(&self, first: u8, payload: &[u8]) -> Vec<u8> {
        let masked = self.role == Role::Server;
        let bit = if masked { 0x80 } else { 0 };
        let mut frame = vec![first];
        match payload.len() {
            len @ 0..126 => frame.push(bit | len as u8),
            len @ 126..0x1_0000 => {
                frame.push(bit | 126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(bit | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        if masked {
            frame.extend(KEY);
            frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
        } else {
            frame.extend(payload);
        }
        frame
    }

    /// Takes a frame from the peer and returns what comes of it.
    pub(crate) fn peer(&mut self, first: u8, payload: &[u8]) -> Vec<Fact> {
        let frame = self.frame(first, payload);
        self.feed(&frame)
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<Fact> {
        self.inbox.push(bytes);
        self.poll()
    }

    /// Lets the peer end its stream.
    pub(crate) fn end(&mut self) -> Vec<Fact> {
        self.inbox.end();
        self.poll()
    }

    pub(crate) fn wait(&mut self, time: Duration) -> Vec<Fact> {
        self.now += time;
        self.poll()
    }

    /// Calls until nothing comes. On the way it holds the connection to the laws *Last word*, that
    /// nothing follows an end, and *Quiet*, that the deadline lies ahead.
    pub(crate) fn poll(&mut self) -> Vec<Fact> {
        let mut facts = Vec::new();
        while let Some(fact) = self.next() {
            assert!(!self.is_over, "{fact:?} after the end");
            self.is_over = matches!(fact, Fact::Closed(_) | Fact::Failed(_));
            assert!(!self.is_over || !self.connection.is_open());
            facts.push(fact);
        }
        let deadline = self.connection.deadline();
        assert!(deadline.is_none_or(|at| at > self.now), "{deadline:?} is not behind now");
        facts
    }

    /// Calls once.
    pub(crate) fn next(&mut self) -> Option<Fact> {
        let (inbox, outbox) = (&mut self.inbox, &mut self.outbox);
        let fact = match self.connection.next_event(inbox, outbox, self.now) {
            Ok(None) => return None,
            Ok(Some(Event::Text(text))) => Fact::Text(text.as_str().into()),
            Ok(Some(Event::Binary(bytes))) => Fact::Binary(bytes.to_vec()),
            Ok(Some(Event::Ping(bytes))) => Fact::Ping(bytes.to_vec()),
            Ok(Some(Event::Pong(bytes))) => Fact::Pong(bytes.to_vec()),
            Ok(Some(Event::TextPart { text, is_last })) => {
                Fact::TextPart(text.as_str().into(), is_last)
            }
            Ok(Some(Event::BinaryPart { bytes, is_last })) => {
                Fact::BinaryPart(bytes.to_vec(), is_last)
            }
            Ok(Some(Event::Drained)) => Fact::Drained,
            Ok(Some(Event::Closed(closed))) => Fact::Closed(closed),
            Err(error) => {
                assert!(self.outbox.is_ended());
                Fact::Failed(error)
            }
        };
        Some(fact)
    }

    /// Takes everything out of the outbox.
    pub(crate) fn written(&mut self) -> Vec<u8> {
        self.outbox.copy_to_bytes(self.outbox.len()).to_vec()
    }

    /// Takes everything out of the outbox, as first bytes and unmasked payloads.
    pub(crate) fn frames(&mut self) -> Vec<(u8, Vec<u8>)> {
        frames(&self.written(), self.role == Role::Client)
    }
}

/// Random bytes that are the same in each run.
pub(crate) fn entropy() -> Entropy {
    let mut state = 0x9E37_79B9_u32;
    Entropy::new(move |bytes| {
        for byte in bytes {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = state as u8;
        }
    })
}

/// Reads whole frames.
pub(crate) fn frames(mut bytes: &[u8], masked: bool) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while bytes.has_remaining() {
        let (first, second) = (bytes.get_u8(), bytes.get_u8());
        assert_eq!(second & 0x80 != 0, masked, "{second:#x}");
        let len = match second & 0x7F {
            126 => bytes.get_u16().into(),
            127 => bytes.get_u64(),
            len => len.into(),
        };
        let key = if masked { bytes.get_u32().to_be_bytes() } else { [0; 4] };
        let payload = bytes.copy_to_bytes(len as usize);
        let payload = payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key);
        frames.push((first, payload.collect()));
    }
    frames
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

pub(crate) fn text(text: &str) -> Fact {
    Fact::Text(text.into())
}

/// The peer closed first, and all went well.
pub(crate) fn closed(code: impl Into<Option<u16>>, reason: &str) -> Fact {
    let code = code.into().map(|code| CloseCode::new(code).unwrap());
    Fact::Closed(Closed { code, reason: reason.into(), clean: true, by: Side::Peer })
}

/// No Close came.
pub(crate) fn lost(by: Side) -> Fact {
    Fact::Closed(Closed { code: None, reason: "".into(), clean: false, by })
}

/// A Close frame with this code and no reason.
pub(crate) fn close_frame(code: u16) -> (u8, Vec<u8>) {
    (0x88, code.to_be_bytes().to_vec())
}

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// One tick of the clock.
pub(crate) const TICK: Duration = Duration::from_nanos(1);
