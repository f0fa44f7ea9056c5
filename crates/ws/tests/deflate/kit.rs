//! Both directions with everything filled in, zlib as the peer, and text to compress.

use bytes::BytesMut;
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;
use tidewire_ws::deflate::{Codecs, Config, Context, Deflater, Error, Inflater, Pool};

pub(crate) const BOTH: [Context; 2] = [Context::Takeover, Context::NoTakeover];

pub(crate) const TAIL: [u8; 4] = [0, 0, 0xFF, 0xFF];

/// Inflates a message that comes in pieces.
pub(crate) fn inflate<'a>(
    inflater: &mut Inflater,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    max_bytes: usize,
    codecs: &mut Codecs,
) -> Result<BytesMut, Error> {
    let mut message = BytesMut::new();
    for piece in pieces {
        inflater.push(piece, max_bytes, &mut message, codecs)?;
    }
    inflater.finish(codecs)?;
    Ok(message)
}

/// Inflates the only message of a direction.
pub(crate) fn inflate_one(payload: &[u8]) -> Result<BytesMut, Error> {
    let mut inflater = Inflater::new(15, Context::NoTakeover);
    inflate(&mut inflater, [payload], usize::MAX, &mut Codecs::own())
}

/// Deflates a message that leaves in fragments.
pub(crate) fn deflate<'a>(
    deflater: &mut Deflater,
    fragments: impl IntoIterator<Item = &'a [u8]>,
    codecs: &mut Codecs,
) -> BytesMut {
    let mut payload = BytesMut::new();
    let mut fragments = fragments.into_iter().peekable();
    while let Some(fragment) = fragments.next() {
        match fragments.peek() {
            Some(_) => deflater.push(fragment, &mut payload, codecs),
            None => deflater.finish(fragment, &mut payload, codecs),
        }
    }
    payload
}

pub(crate) fn deflater(window_bits: u8, context: Context, level: u8) -> Deflater {
    let mut config = Config::default();
    config.level = level;
    Deflater::new(window_bits, context, config).expect("zlib has such a window")
}

/// Compressors of one's own, and such that pass through a pool.
pub(crate) fn own_and_lent() -> [Codecs; 2] {
    let mut pool = Pool::new(1);
    [Codecs::own(), Codecs::lent(move |visit| visit(&mut pool))]
}

/// zlib as the sender: all that `bytes` come to, with whatever the flush ends with.
pub(crate) fn zlib(peer: &mut Compress, mut bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        out.reserve(4096 + bytes.len());
        let before = peer.total_in();
        peer.compress_vec(bytes, &mut out, flush).expect("zlib compresses anything");
        bytes = &bytes[(peer.total_in() - before) as usize..];
        if out.len() < out.capacity() {
            return out;
        }
    }
}

pub(crate) fn zlib_peer(level: u32, window_bits: u8) -> Compress {
    Compress::new_with_window_bits(Compression::new(level), false, window_bits)
}

/// The payload of a message as a peer writes it that flushes once.
pub(crate) fn zlib_message(peer: &mut Compress, bytes: &[u8]) -> Vec<u8> {
    let mut payload = zlib(peer, bytes, FlushCompress::Sync);
    if payload.is_empty() {
        return vec![0];
    }
    assert!(payload.ends_with(&TAIL));
    payload.truncate(payload.len() - TAIL.len());
    payload
}

/// Cuts bytes into pieces of these sizes, again and again; some may be empty.
pub(crate) fn cut<'a>(mut bytes: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for &size in sizes.iter().cycle() {
        let (piece, rest) = bytes.split_at(size.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    pieces
}

/// Sizes of pieces, not all of them zero.
pub(crate) fn sizes() -> impl Strategy<Value = Vec<usize>> {
    let size = prop_oneof![0_usize..4, 1_usize..300, 1_usize..40_000];
    (proptest::collection::vec(size, 0..6), 1_usize..5000).prop_map(|(mut sizes, last)| {
        sizes.push(last);
        sizes
    })
}

/// Between nothing and some windows full of text, noise and repetition near and far.
pub(crate) fn message() -> impl Strategy<Value = Vec<u8>> {
    let len = prop_oneof![0_usize..3, 3_usize..400, 400_usize..90_000];
    (len, any::<u64>(), 0_u8..4).prop_map(|(len, seed, kind)| content(len, seed, kind))
}

/// Content of one kind: noise, words, words and noise, or a single byte.
pub(crate) fn content(len: usize, seed: u64, kind: u8) -> Vec<u8> {
    let mut state = seed | 1;
    let mut dice = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut bytes = Vec::with_capacity(len + 16);
    while bytes.len() < len {
        let roll = dice();
        match (kind, roll % 8) {
            (0, _) | (2, 0) => bytes.extend(roll.to_le_bytes()),
            (3, _) => bytes.push(seed as u8),
            _ => bytes.extend(WORDS[(roll >> 8) as usize % WORDS.len()].bytes()),
        }
    }
    bytes.truncate(len);
    bytes
}

const WORDS: [&str; 8] =
    ["{\"type\":\"message\",", "\"id\":", "tide", "wire ", "0", "\"room\":\"general\"}", "é", "\n"];
