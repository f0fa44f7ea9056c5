//! The same bytes through every door of the decoder, cut anyhow, and by the steps of the standard
//! taken literally; and what reading costs: memory, allocations and copies.

use std::time::Duration;

use allocation_counter::measure;
use bytes::Bytes;
use tidewire_sse::{
    Buffers, Decoder, Interest, Item, LimitError, Limits, OnExcess, OwnedItem, Scratch,
};

/// Reads `data` behind the bytes that choose the limits and the cuts.
///
/// # Panics
///
/// If a cut or a door changes what is told, if the standard would tell something else, or if it
/// costs too much.
pub fn cuts(data: &[u8]) {
    let Some((&[policy, size, cut], stream)) = data.split_first_chunk() else { return };
    let terms = Terms::new(policy, size);
    let pieces = pieces(stream, cut);
    let one_piece = [Bytes::copy_from_slice(stream)];
    let whole = lent(terms.decoder(), &one_piece);
    assert_eq!(whole, lent(terms.decoder(), &pieces), "cut");
    assert_eq!(whole, given(terms.decoder(), &pieces), "given away");
    // What is mended becomes three times as long.
    let room = 3 * stream.len() + 64;
    assert_eq!(whole, buffered(terms, room, &pieces), "in large buffers");
    let little = usize::from(size);
    let told = buffered(terms, little, &one_piece);
    assert_eq!(told, buffered(terms, little, &pieces), "cut, in small buffers");
    // A block that passed a small limit and was never closed is not told of.
    let is_small = terms.limits.max_line_bytes < stream.len();
    if !is_small && !whole.iter().any(|seen| matches!(seen, Seen::Excess(_))) {
        let mut literal = literal(stream);
        literal.retain(|seen| terms.asks_for(seen));
        assert_eq!(whole, literal, "by the standard");
    }
    check_costs(terms, stream, &pieces);
}

/// An item, kept, with the data of an event as received.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Event { name: String, data: Vec<u8>, id: String },
    Comment(Vec<u8>),
    Retry(Duration),
    Excess(LimitError),
    LastId(String),
}

/// What the first bytes chose.
#[derive(Clone, Copy)]
struct Terms {
    /// The defaults, or a few bytes.
    limits: Limits,
    interest: Interest,
    /// By how much one lent buffer for IDs is longer than the other.
    more: usize,
}

impl Terms {
    fn new(policy: u8, size: u8) -> Self {
        let is = |bit: u8| policy >> bit & 1 == 1;
        let mut limits = Limits::default();
        if is(0) {
            limits.max_line_bytes = size.into();
            limits.max_data_bytes = usize::from(size) / 2;
            limits.max_name_bytes = usize::from(size) / 8;
            limits.max_id_bytes = usize::from(size) / 8;
        }
        if is(1) {
            limits.on_excess = OnExcess::Fail;
        }
        let mut interest = Interest::default();
        (interest.comments, interest.retries) = (!is(2), !is(3));
        Self { limits, interest, more: usize::from(policy >> 4) }
    }

    fn decoder(self) -> Decoder {
        Decoder::new(self.limits).with_interest(self.interest)
    }

    fn asks_for(self, seen: &Seen) -> bool {
        match seen {
            Seen::Comment(_) => self.interest.comments,
            Seen::Retry(_) => self.interest.retries,
            Seen::Event { .. } | Seen::Excess(_) | Seen::LastId(_) => true,
        }
    }
}

/// Pieces of lengths that `cut` chooses: from single bytes up, empty ones between.
fn pieces(mut stream: &[u8], cut: u8) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        let len = if cut == 0 { 1 } else { pieces.len().wrapping_mul(cut.into()) % 23 };
        let (piece, rest) = stream.split_at(len.max(pieces.len() % 2).min(stream.len()));
        pieces.push(Bytes::copy_from_slice(piece));
        stream = rest;
    }
    pieces
}

/// In buffers that have room for about so many bytes of each thing.
fn buffered(terms: Terms, room: usize, pieces: &[Bytes]) -> Vec<Seen> {
    let (mut data, mut texts) = (vec![0; room], vec![0; 3 * room + terms.more]);
    let (name, ids) = texts.split_at_mut(room);
    let (id, next) = ids.split_at_mut(room);
    let buffers = Buffers { data: &mut data, name, ids: [id, next] };
    lent(Decoder::lent(terms.limits, buffers).with_interest(terms.interest), pieces)
}

fn lent<S: Scratch>(mut decoder: Decoder<S>, pieces: &[Bytes]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for piece in pieces {
        let mut piece = &piece[..];
        while let Some(item) = decoder.decode(&mut piece).transpose() {
            seen.push(match item {
                Ok(Item::Event(event)) => Seen::Event {
                    name: event.name().into(),
                    data: event.data().as_bytes().into(),
                    id: event.last_event_id().into(),
                },
                Ok(Item::Comment(text)) => Seen::Comment(text.as_bytes().into()),
                Ok(Item::Retry(time)) => Seen::Retry(time),
                Ok(Item::Skipped(limit)) | Err(limit) => Seen::Excess(limit),
                Ok(other) => unreachable!("an item that nobody asked for: {other:?}"),
            });
        }
        assert!(piece.is_empty(), "`None` means that the piece is used up");
    }
    seen.push(Seen::LastId(decoder.last_event_id().into()));
    seen
}

fn given(mut decoder: Decoder, pieces: &[Bytes]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for piece in pieces {
        let mut piece = piece.clone();
        while let Some(item) = decoder.decode_bytes(&mut piece).transpose() {
            seen.push(match item {
                Ok(OwnedItem::Event(event)) => Seen::Event {
                    name: event.name().into(),
                    id: event.last_event_id().into(),
                    data: event.into_data().into(),
                },
                Ok(OwnedItem::Comment(text)) => Seen::Comment(text.into()),
                Ok(OwnedItem::Retry(time)) => Seen::Retry(time),
                Ok(OwnedItem::Skipped(limit)) | Err(limit) => Seen::Excess(limit),
                Ok(other) => unreachable!("an item that nobody asked for: {other:?}"),
            });
        }
        assert!(piece.is_empty(), "`None` means that the piece is used up");
    }
    seen.push(Seen::LastId(decoder.last_event_id().into()));
    seen
}

/// WHATWG HTML §9.2.6 over the whole stream, byte by byte.
fn literal(stream: &[u8]) -> Vec<Seen> {
    let mut rest = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let (mut seen, mut last_id) = (Vec::new(), Vec::new());
    let (mut data, mut name, mut id) = (Vec::new(), &b""[..], &b""[..]);
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, behind) = rest.split_at(end);
        rest = behind.strip_prefix(b"\r\n").unwrap_or(&behind[1..]);
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match &line[..colon] {
            _ if line.is_empty() => {
                last_id = id.to_vec();
                if data.pop().is_some() {
                    let name = if name.is_empty() { &b"message"[..] } else { name };
                    seen.push(Seen::Event { name: lossy(name), data, id: lossy(id) });
                }
                (data, name) = (Vec::new(), b"");
            }
            b"" => seen.push(Seen::Comment(value.into())),
            b"data" => data.extend(value.iter().chain(b"\n")),
            b"event" => name = value,
            b"id" if !value.contains(&0) => id = value,
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let millis = lossy(value).parse().unwrap_or(u64::MAX);
                seen.push(Seen::Retry(Duration::from_millis(millis)));
            }
            _ => {}
        }
    }
    seen.push(Seen::LastId(lossy(&last_id)));
    seen
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Memory depends on the limits and allocations on the lines, and no byte is moved often.
fn check_costs(terms: Terms, stream: &[u8], pieces: &[Bytes]) {
    let limits = terms.limits;
    let used = measure(|| {
        let mut decoder = terms.decoder();
        for piece in pieces {
            let mut piece = &piece[..];
            while !matches!(decoder.decode(&mut piece), Ok(None)) {}
        }
    });
    let len = stream.len() as u64;
    let names = 3 * (limits.max_name_bytes + 2 * limits.max_id_bytes);
    // A buffer that grows is there twice for a moment, and may then be twice as large as its content.
    let most = 4 * (limits.max_line_bytes + limits.max_data_bytes + names) as u64 + SMALL_BYTES;
    assert!(used.bytes_max <= most.min(16 * len + SMALL_BYTES), "Bound: {used:?} for {len} bytes");
    let lines = stream.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
    let steps = (lines + pieces.len() + 1) as u64;
    assert!(used.count_total <= 4 * steps, "{used:?} in {steps} steps");
    assert!(used.bytes_total <= 32 * len + SMALL_BYTES, "{used:?} for {len} bytes");
}

/// The first allocations of each buffer.
const SMALL_BYTES: u64 = 256;
