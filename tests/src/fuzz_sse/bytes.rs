//! The decoder reads any bytes in any pieces, and any event there and back. Doors and costs are `cuts`'
//! business.

use core::time::Duration;

use tidewire_sse::{
    Decoder, EventId, EventName, Frame, Interest, Item, LimitError, Limits, OnExcess,
};

/// Reads `data` as an event stream, cut in three ways that all have to tell the same, under limits
/// that nothing told may pass. The first bytes choose the limits and the cuts.
///
/// # Panics
///
/// If the decoder breaks one of its laws.
pub fn stream_bytes(data: &[u8]) {
    let Some((&[policy, line, text, cut], stream)) = data.split_first_chunk() else { return };
    let mut limits = Limits::default();
    limits.max_line_bytes = line.into();
    limits.max_data_bytes = text.into();
    limits.max_name_bytes = usize::from(line) / 4;
    limits.max_id_bytes = usize::from(text) / 4;
    if policy % 2 == 1 {
        limits.on_excess = OnExcess::Fail;
    }
    let whole = read(limits, stream, |_| usize::MAX);
    assert_eq!(whole, read(limits, stream, |_| 1), "cut into bytes");
    // Empty pieces, too, but never for ever.
    let uneven = |at: usize| at % 2 + at.wrapping_mul(usize::from(cut)) % 17;
    assert_eq!(whole, read(limits, stream, uneven), "cut unevenly");
}

/// Takes `data` for the parts of a frame, encodes it and expects the decoder to tell the same.
///
/// # Panics
///
/// If something else comes back.
pub fn round_trip(data: &[u8]) {
    let mut parts = data.splitn(4, |&byte| byte == 0xff);
    let mut part = || parts.next().map(|part| String::from_utf8_lossy(part).into_owned());
    let (id, name, comment, text) = (part(), part(), part(), part());
    let id = id.and_then(|id| EventId::new(id).ok());
    let name = name.and_then(|name| EventName::new(name).ok());

    let (mut frame, mut expected) = (Frame::new(), Vec::new());
    if let Some(comment) = &comment {
        frame = frame.comment(comment);
        expected.extend(unified(comment).split('\n').map(|line| Seen::Comment(line.into())));
    }
    if let Some(id) = &id {
        frame = frame.id(id);
    }
    if let Some(name) = &name {
        frame = frame.name(name);
    }
    if data.len() % 2 == 1 {
        frame = frame.retry(Duration::from_millis(data.len() as u64));
        expected.push(Seen::Retry(Duration::from_millis(data.len() as u64)));
    }
    let last_event_id = id.as_ref().map_or("", EventId::as_str).to_owned();
    if let Some(text) = &text {
        frame = frame.data(text);
        let name = name.as_ref().map(EventName::as_str).filter(|name| !name.is_empty());
        let name = name.unwrap_or("message").to_owned();
        expected.push(Seen::Event { name, data: unified(text).into(), id: last_event_id.clone() });
    }
    expected.push(Seen::Ended { open_block: false, last_event_id });

    let bytes = frame.to_bytes();
    assert_eq!(bytes.len(), frame.encoded_len());
    let mut limits = Limits::default();
    limits.max_id_bytes = usize::MAX;
    limits.max_name_bytes = usize::MAX;
    assert_eq!(read(limits, &bytes, |at| at % 5), expected);
}

/// An item, kept.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Event { name: String, data: Vec<u8>, id: String },
    Comment(String),
    Retry(Duration),
    Skipped(LimitError),
    Failed(LimitError),
    Ended { open_block: bool, last_event_id: String },
}

/// All that a stream tells when it comes in pieces of the lengths that `len` gives.
fn read(limits: Limits, mut stream: &[u8], len: impl Fn(usize) -> usize) -> Vec<Seen> {
    let mut interest = Interest::default();
    interest.comments = true;
    interest.retries = true;
    let mut decoder = Decoder::new(limits).with_interest(interest);
    let mut seen = Vec::new();
    for at in 0.. {
        let (mut piece, rest) = stream.split_at(len(at).min(stream.len()));
        stream = rest;
        loop {
            let item = decoder.decode(&mut piece);
            if !matches!(item, Ok(None)) {
                assert!(!matches!(seen.last(), Some(Seen::Failed(_))), "silence after an error");
            }
            seen.push(match item {
                Ok(None) => break,
                Ok(Some(Item::Event(event))) => {
                    assert!(event.data().as_bytes().len() <= limits.max_data_bytes);
                    // Each wrong byte may have become a replacement character of three.
                    assert!(event.last_event_id().len() / 3 <= limits.max_id_bytes);
                    Seen::Event {
                        name: event.name().into(),
                        data: event.data().as_bytes().into(),
                        id: event.last_event_id().into(),
                    }
                }
                Ok(Some(Item::Comment(text))) => Seen::Comment(text.to_str_lossy().into()),
                Ok(Some(Item::Retry(time))) => Seen::Retry(time),
                Ok(Some(Item::Skipped(limit))) => Seen::Skipped(limit),
                Ok(Some(other)) => unreachable!("an item that nobody asked for: {other:?}"),
                Err(limit) => Seen::Failed(limit),
            });
        }
        assert!(piece.is_empty(), "`None` means that the piece is used up");
        if stream.is_empty() {
            break;
        }
    }
    let open_block = decoder.end();
    seen.push(Seen::Ended { open_block, last_event_id: decoder.last_event_id().into() });
    seen
}

fn unified(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
