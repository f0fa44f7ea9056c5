//! What is asked of the contestants: which way, as which end, what and how long.

use std::fmt;

use super::frame::Header;
use crate::contest::{self, Targets};

/// One case: a way, an end, a kind and a length of message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) way: Way,
    /// Which end the contestant is. A client masks what it sends, a server unmasks what it gets.
    pub(crate) end: End,
    pub(crate) kind: Kind,
    /// The length of each message in bytes.
    pub(crate) size: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Receive,
    Send,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Server,
    Client,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Binary,
    /// A text of ASCII alone.
    Ascii,
    /// A text of Latin, Greek, Chinese and emoji: characters of one to four bytes.
    Mixed,
}

impl Kind {
    pub(crate) fn is_text(self) -> bool {
        self != Self::Binary
    }
}

impl Case {
    /// How many messages are sent between two flushes.
    pub(crate) fn burst(&self) -> usize {
        if self.size < 16 << 10 { 64 } else { 1 }
    }

    /// The length in bytes of the header of what the contestant sends.
    pub(crate) fn header_len(&self) -> usize {
        let key = (self.end == End::Client).then_some([0; 4]);
        Header { opcode: 0, key, len: self.size }.encode(&mut [0; Header::MAX_LEN]).len()
    }
}

impl contest::Case for Case {
    fn all() -> Vec<Self> {
        let ways = [Way::Receive, Way::Send];
        let ends = [End::Server, End::Client];
        let kinds = [Kind::Binary, Kind::Ascii, Kind::Mixed];
        let all = ways.into_iter().flat_map(|way| {
            ends.into_iter().flat_map(move |end| {
                kinds.into_iter().flat_map(move |kind| {
                    SIZES.into_iter().map(move |(size, _)| Self { way, end, kind, size })
                })
            })
        });
        all.collect()
    }

    /// A tape of messages, or what is sent in one go.
    fn units(&self) -> usize {
        match self.way {
            Way::Send if self.burst() > 1 => self.burst(),
            Way::Receive | Way::Send => (TAPE / self.size).max(2),
        }
    }

    fn targets(&self) -> Targets {
        let whole = match (self.way, self.size) {
            (_, ..=125) => 0.5,
            (_, ..=1024) => 0.75,
            (Way::Receive, _) => 0.95,
            (Way::Send, _) => 1.0,
        };
        let unchecked = self.way == Way::Send || !self.kind.is_text();
        Targets { whole, floor: 1.5, allocations: f64::INFINITY, unchecked }
    }

    fn calls(&self) -> &'static str {
        match self.way {
            Way::Receive => "reads",
            Way::Send => "writes",
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.way {
            Way::Receive => "receive",
            Way::Send => "send",
        };
        let end = match self.end {
            End::Server => "server",
            End::Client => "client",
        };
        let kind = match self.kind {
            Kind::Binary => "binary",
            Kind::Ascii => "text-ascii",
            Kind::Mixed => "text-mixed",
        };
        let size = SIZES.iter().find(|(size, _)| *size == self.size).map_or("?", |(_, name)| name);
        write!(f, "{way}/{end}/{kind}/{size}")
    }
}

const SIZES: [(usize, &str); 5] =
    [(16, "16B"), (125, "125B"), (1 << 10, "1KiB"), (16 << 10, "16KiB"), (1 << 20, "1MiB")];

/// How many bytes of payload make a tape, about: several reads, and yet within a cache.
const TAPE: usize = 256 << 10;
