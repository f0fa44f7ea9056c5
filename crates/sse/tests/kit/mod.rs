//! Owned items to compare, ways to cut input, and the standard's own steps to compare with.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

pub(crate) mod client;
pub(crate) mod reference;

use tidewire_core::{Entropy, Instant};
use tidewire_sse::{Decoder, Interest, Item, LimitError, Limits};

/// An item, kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Event { name: String, data: String, id: String },
    Comment(String),
    Retry(u128),
    Skipped(LimitError),
    Failed(LimitError),
    Ended { open_block: bool },
}

pub(crate) fn event(name: &str, data: &str, id: &str) -> Seen {
    Seen::Event { name: name.into(), data: data.into(), id: id.into() }
}

pub(crate) fn message(data: &str) -> Seen {
    event("message", data, "")
}

/// A decoder that tells all.
pub(crate) fn decoder(limits: Limits) -> Decoder {
    let mut interest = Interest::default();
    interest.comments = true;
    interest.retries = true;
    Decoder::new(limits).with_interest(interest)
}

/// All that the decoder tells about the pieces.
pub(crate) fn feed<'i>(
    decoder: &mut Decoder,
    pieces: impl IntoIterator<Item = &'i [u8]>,
) -> Vec<Seen> {
    let mut seen = Vec::new();
    for mut piece in pieces {
        loop {
            seen.push(match decoder.decode(&mut piece) {
                Ok(None) => break,
                Ok(Some(Item::Event(event))) => Seen::Event {
                    name: event.name().into(),
                    data: event.data().to_str_lossy().into(),
                    id: event.last_event_id().into(),
                },
                Ok(Some(Item::Comment(text))) => Seen::Comment(text.to_str_lossy().into()),
                Ok(Some(Item::Retry(time))) => Seen::Retry(time.as_millis()),
                Ok(Some(Item::Skipped(limit))) => Seen::Skipped(limit),
                Ok(Some(other)) => panic!("unknown item {other:?}"),
                Err(limit) => Seen::Failed(limit),
            });
        }
        assert!(piece.is_empty(), "`None` means that the piece is used up");
    }
    seen
}

/// All that a stream in these pieces tells, its end included.
pub(crate) fn read<'i>(limits: Limits, pieces: impl IntoIterator<Item = &'i [u8]>) -> Vec<Seen> {
    let mut decoder = decoder(limits);
    let mut seen = feed(&mut decoder, pieces);
    seen.push(Seen::Ended { open_block: decoder.end() });
    seen
}

/// The events of a stream in one piece.
pub(crate) fn events(stream: impl AsRef<[u8]>) -> Vec<Seen> {
    let mut seen = read(Limits::default(), [stream.as_ref()]);
    seen.retain(|seen| matches!(seen, Seen::Event { .. }));
    seen
}

/// Pieces of 0 to 12 bytes, by a seed.
pub(crate) fn cut(mut bytes: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut dice = dice(seed);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at((dice() % 13).min(bytes.len() as u64) as usize);
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

/// A seeded generator (splitmix64).
pub(crate) fn dice(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Entropy whose draws are the smallest (0) or the largest (255).
pub(crate) fn entropy(fill: u8) -> Entropy {
    Entropy::new(move |bytes| bytes.fill(fill))
}

pub(crate) fn seconds(seconds: u64) -> Instant {
    Instant::from_origin(core::time::Duration::from_secs(seconds))
}
