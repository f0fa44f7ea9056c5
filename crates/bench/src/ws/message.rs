//! The messages of a case, what they look like as frames, and how to tell that they came through.

use std::hash::{DefaultHasher, Hasher};
use std::hint::black_box;
use std::str;

use bytes::Bytes;

use super::case::{Case, End, Kind};
use super::frame::Header;
use crate::contest::Case as _;
use crate::sample;

/// The messages of a case. The application keeps them: who sends one gives back what it took.
pub(crate) struct Messages {
    kind: Kind,
    items: Vec<Bytes>,
}

impl Messages {
    pub(crate) fn new(case: &Case) -> Self {
        let item = |index| match case.kind {
            Kind::Binary => noise(index, case.size),
            Kind::Ascii => sample::text(sample::ASCII, index, case.size).into_bytes(),
            Kind::Mixed => sample::text(sample::MIXED, index, case.size).into_bytes(),
        };
        Self { kind: case.kind, items: (0..case.units()).map(item).map(Bytes::from).collect() }
    }

    pub(crate) fn is_text(&self) -> bool {
        self.kind.is_text()
    }

    /// The messages as shared bytes.
    pub(crate) fn items(&self) -> &[Bytes] {
        &self.items
    }

    /// The messages as text, which they must be.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| str::from_utf8(item).expect("the case is one of text"))
    }

    /// The frames that carry the messages from the peer of `end`.
    pub(crate) fn frames_for(&self, end: End) -> Vec<u8> {
        let mut frames = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let key = (end == End::Server).then(|| (index as u32 ^ 0x37FA_213D).to_be_bytes());
            let header = Header { opcode: Header::opcode(self.is_text()), key, len: item.len() };
            frames.extend_from_slice(header.encode(&mut [0; Header::MAX_LEN]));
            let key = key.unwrap_or_default();
            frames.extend(item.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
        }
        frames
    }

    /// Whether `frames` carry exactly these messages from `end`, one frame each.
    pub(crate) fn are_in(&self, mut frames: &[u8], end: End) -> bool {
        let mut tally = Tally::reading();
        while let Some((header, size)) = Header::decode(frames)
            && let Some(payload) = frames.get(size..size + header.len)
        {
            if header.opcode != Header::opcode(self.is_text())
                || header.key.is_some() != (end == End::Client)
                || header.encode(&mut [0; Header::MAX_LEN]).len() != size
            {
                return false;
            }
            let key = header.key.unwrap_or_default();
            let plain: Vec<u8> =
                payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
            tally.take(&plain);
            frames = &frames[size + header.len..];
        }
        frames.is_empty() && tally.agrees_with(self)
    }
}

/// What a contestant has received: it gives each message to [`take`](Self::take).
pub(crate) struct Tally {
    pub(crate) count: usize,
    pub(crate) bytes: usize,
    /// Reads what comes, if it is to be compared.
    digest: Option<DefaultHasher>,
}

impl Tally {
    /// One that only counts, as is timed.
    pub(crate) fn counting() -> Self {
        Self { count: 0, bytes: 0, digest: None }
    }

    /// One that reads every byte, to be compared.
    pub(crate) fn reading() -> Self {
        Self { digest: Some(DefaultHasher::new()), ..Self::counting() }
    }

    /// Takes a message.
    #[inline(always)]
    pub(crate) fn take(&mut self, payload: &[u8]) {
        let payload = black_box(payload);
        self.count += 1;
        self.bytes += payload.len();
        if let Some(digest) = &mut self.digest {
            digest.write_usize(payload.len());
            digest.write(payload);
        }
    }

    /// Whether just these messages were taken, in this order.
    pub(crate) fn agrees_with(&self, messages: &Messages) -> bool {
        let mut expected = Self::reading();
        messages.items.iter().for_each(|item| expected.take(item));
        let digests = self.digest.as_ref().zip(expected.digest.as_ref());
        (self.count, self.bytes) == (expected.count, expected.bytes)
            && digests.is_some_and(|(one, other)| one.finish() == other.finish())
    }
}

fn noise(seed: usize, len: usize) -> Vec<u8> {
    let mut state = seed as u64 ^ 0x9E37_79B9_7F4A_7C15;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}
