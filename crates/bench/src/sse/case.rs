//! What is asked of the contestants: which way, of what, and in which pieces.

use std::fmt;

use super::load::Load;
use crate::contest::{self, Targets};

/// One case: a way, and what goes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) way: Way,
    pub(crate) load: Load,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In pieces of so many bytes.
    Decode(usize),
    /// One event at a time.
    Encode,
}

impl Way {
    /// A large read, a packet, and the worst.
    const DECODE: [Self; 3] = [Self::Decode(64 << 10), Self::Decode(1460), Self::Decode(1)];
}

impl contest::Case for Case {
    fn all() -> Vec<Self> {
        let small = [Load::Tiny, Load::Delta, Load::Kilobyte];
        let decode = Load::ALL.into_iter().filter(|&load| load != Load::MixedLines);
        let decode = decode.flat_map(|load| {
            let ways = Way::DECODE.into_iter();
            ways.filter(move |&way| way != Way::Decode(1) || small.contains(&load))
                .map(move |way| Self { way, load })
        });
        let encode = Load::ALL.into_iter().filter(|load| load.comment().is_none());
        let encode = encode.map(|load| Self { way: Way::Encode, load });
        decode.chain(encode).collect()
    }

    fn units(&self) -> usize {
        self.load.count()
    }

    fn targets(&self) -> Targets {
        let times_as_fast = match (self.way, self.load) {
            (Way::Decode(1), _)
            | (Way::Decode(_), Load::KeepAlive | Load::Comment)
            | (Way::Encode, Load::Kilobyte | Load::Large) => 1.0,
            (Way::Decode(_), Load::Large) => 1.25,
            (Way::Decode(_), Load::Kilobyte | Load::Mixed) => 1.5,
            (Way::Decode(_), _) => 2.0,
            (Way::Encode, _) => 1.3,
        };
        let allocations = match self.way {
            Way::Decode(_) => 0.0,
            Way::Encode => f64::INFINITY,
        };
        Targets { whole: 1.0 / times_as_fast, floor: f64::INFINITY, allocations, unchecked: false }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = self.load;
        match self.way {
            Way::Decode(1460) => write!(f, "decode/{load}/1460B"),
            Way::Decode(1) => write!(f, "decode/{load}/1B"),
            Way::Decode(_) => write!(f, "decode/{load}/64KiB"),
            Way::Encode => write!(f, "encode/{load}"),
        }
    }
}
