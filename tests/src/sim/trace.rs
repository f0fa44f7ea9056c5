//! What happened in a run: always as one number, on request as lines. What is noted is chosen elsewhere.

use std::fmt;
use std::hash::{Hash, Hasher};

use tidewire_core::Instant;

use super::queue::{Host, Side, What};
use super::tally::Mishap;
use super::way::Way;

/// What stands above the lines of a trace.
pub const HEADER: &str = "     seconds  who: what happens";

/// What happened. Two runs with the same digest did the same.
#[derive(Debug)]
pub(super) struct Trace {
    digest: Digest,
    lines: Option<Vec<String>>,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, Hash)]
pub(super) enum Told {
    What(What),
    Mishap(Mishap),
    Connects { client: Host, wire: usize },
    Switches { reader: usize, to: Way },
    Arrives { wire: usize, client: Host, side: Side },
}

impl Trace {
    /// A trace that keeps lines only if it is `told` to.
    pub(super) fn new(told: bool) -> Self {
        Self { digest: Digest(0), lines: told.then(Vec::new) }
    }

    pub(super) fn note(&mut self, now: Instant, told: Told) {
        now.hash(&mut self.digest);
        told.hash(&mut self.digest);
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.6}  {told}", now.since_origin().as_secs_f64()));
        }
    }

    /// Notes what arrives: in the digest whole, in the lines by its beginning.
    pub(super) fn bytes(&mut self, now: Instant, told: Told, bytes: &[u8]) {
        self.digest.write(bytes);
        self.note(now, told);
        if let Some(line) = self.lines.as_mut().and_then(|lines| lines.last_mut()) {
            let shown = &bytes[..bytes.len().min(SHOWN_BYTES)];
            let rest = if shown.len() < bytes.len() { "…" } else { "" };
            line.push_str(&format!(", {} bytes: {}{rest}", bytes.len(), shown.escape_ascii()));
        }
    }

    pub(super) fn digest(&self) -> u64 {
        self.digest.finish()
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::What(what) => what.fmt(f),
            Self::Mishap(mishap) => write!(f, "storm: {mishap:?}"),
            Self::Connects { client, wire } => write!(f, "{client}: connects by wire {wire}"),
            Self::Switches { reader, to } => write!(f, "reader {reader}: goes on by {to:?}"),
            Self::Arrives { wire, client, side: Side::Server } => {
                write!(f, "wire {wire}: {client} → server")
            }
            Self::Arrives { wire, client, side: Side::Client } => {
                write!(f, "wire {wire}: server → {client}")
            }
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrive { wire, .. } => write!(f, "wire {wire}: bytes arrive"),
            Self::Break { wire, side: Side::Client } => {
                write!(f, "wire {wire}: its client learns that it is broken")
            }
            Self::Break { wire, side: Side::Server } => {
                write!(f, "wire {wire}: the server learns that it is broken")
            }
            Self::Heal { wire } => write!(f, "wire {wire}: lets bytes through again"),
            Self::Alarm(host) => write!(f, "{host}: its deadline has come"),
            Self::Wake { wire } => write!(f, "wire {wire}: the server has news for it"),
            Self::Credit { wire } => write!(f, "wire {wire}: gets credit for more"),
            Self::HoldIsOver { wire, poll } => {
                write!(f, "wire {wire}: poll {poll} must be held no more")
            }
            Self::Publish { publisher } => write!(f, "publisher {publisher}: has something to say"),
            Self::Hurry { reader } => write!(f, "reader {reader}: reads fast again"),
            Self::EndSide { reader } => write!(f, "reader {reader}: ends its side if it waits"),
            Self::Resume { reader } => write!(f, "reader {reader}: is looked at again"),
            Self::Mishap => f.write_str("storm: something goes wrong"),
            Self::Restart => f.write_str("server: is gone, and comes back"),
            Self::Calm => f.write_str("all: nothing goes wrong any more"),
            Self::Settled => f.write_str("all: should have caught up"),
            Self::Probe => f.write_str("server: publishes what all must hear of in time"),
            Self::Due { reader, epoch, offset } => {
                write!(f, "reader {reader}: must have come to {epoch}.{offset}")
            }
            Self::Farewell => f.write_str("all: the clients go"),
            Self::End => f.write_str("all: nothing may be left"),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reader(number) => write!(f, "reader {number}"),
            Self::Publisher(number) => write!(f, "publisher {number}"),
            Self::Connection(wire) => write!(f, "the server's end of wire {wire}"),
            Self::Feed => f.write_str("server"),
        }
    }
}

/// How much of what arrives a line shows.
const SHOWN_BYTES: usize = 100;

/// A hash that is the same on each machine and in each process.
#[derive(Debug)]
struct Digest(u64);

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for &byte in rest {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}
