//! The same bytes, to us and to tungstenite: the same messages, the same answers, the same end.
//!
//! The two may differ where the RFC leaves a choice or where one is stricter than the RFC asks of a
//! receiver. Everything else must be equal.
//!
//! - *When* a fault is told. We judge each byte as it comes, and tungstenite judges whole frames. So
//!   it may still wait where we have failed, and it is then given more bytes until it has judged.
//! - *Which* fault is told, if one frame has several. We take the earliest byte, tungstenite looks at
//!   the length first and at the text of a Close before its code.
//! - A length that is not in its shortest form. RFC 6455 §5.2 binds the sender; we fail, tungstenite
//!   reads on. A control frame may hide behind such a length.
//! - 1014 in a Close frame, which was registered after the RFC: we take it.
//! - The answer to a Close. We echo the code, tungstenite the reason, too; both are allowed.
//! - Who sends the Close that tells of a fault. Our connection does; tungstenite leaves it to its
//!   caller, so it is not compared.
//! - Floods. Our limits on empty fragments and on control frames are off here.

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use proptest::prelude::*;
use serde_json::Value;
use tidewire_ws::{Closed, Error};
use tungstenite::protocol::{self, WebSocket, WebSocketConfig};
use tungstenite::{Error as TheirError, Message};

use crate::kit::{BOTH, Config, Fact, KEY, Link, Role, frames, hex};

const MAX_FRAME: usize = 2000;
const MAX_MESSAGE: usize = 3000;

/// What came of some bytes.
#[derive(Debug, PartialEq)]
struct Outcome {
    told: Vec<Fact>,
    /// First bytes and payloads; of a Close the code only, and none that tells of a fault.
    written: Vec<(u8, Vec<u8>)>,
    end: End,
}

#[derive(Clone, Debug, PartialEq)]
enum End {
    Open,
    Closed(Option<u16>, String),
    Failed(u16),
}

fn ours(role: Role, pieces: &[&[u8]]) -> (Outcome, Option<Error>) {
    let mut config = Config::default();
    config.max_frame_bytes = MAX_FRAME;
    config.max_message_bytes = MAX_MESSAGE;
    config.max_empty_fragments = u32::MAX;
    config.max_control_frames_per_second = u32::MAX;
    let mut link = Link::new(role, config);
    let mut told: Vec<Fact> = pieces.iter().flat_map(|piece| link.feed(piece)).collect();
    let mut written = link.frames();
    let (end, error) = match told.last() {
        Some(Fact::Closed(Closed { code, reason, .. })) => {
            (End::Closed(code.map(tidewire_ws::CloseCode::get), reason.to_string()), None)
        }
        Some(Fact::Failed(error)) => {
            let code = error.close_code().get();
            assert_eq!(written.pop(), Some(crate::kit::close_frame(code)));
            (End::Failed(code), Some(*error))
        }
        _ => (End::Open, None),
    };
    if end != End::Open {
        told.pop();
    }
    (Outcome { told, written, end }, error)
}

struct Theirs {
    socket: WebSocket<Pipe>,
    role: Role,
    told: Vec<Fact>,
    end: End,
}

impl Theirs {
    fn new(role: Role) -> Self {
        let config = WebSocketConfig::default()
            .max_frame_size(Some(MAX_FRAME))
            .max_message_size(Some(MAX_MESSAGE));
        let theirs = match role {
            Role::Server => protocol::Role::Server,
            Role::Client => protocol::Role::Client,
        };
        let socket = WebSocket::from_raw_socket(Pipe::default(), theirs, Some(config));
        Self { socket, role, told: vec![], end: End::Open }
    }

    fn feed(&mut self, pieces: &[&[u8]]) {
        let coming = &mut self.socket.get_mut().coming;
        coming.extend(pieces.iter().flat_map(|piece| piece.chunks(64)).map(<[u8]>::to_vec));
        while self.end == End::Open {
            self.end = match self.socket.read() {
                Ok(Message::Text(text)) => {
                    self.told.push(Fact::Text(text.to_string()));
                    continue;
                }
                Ok(Message::Binary(bytes)) => {
                    self.told.push(Fact::Binary(bytes.to_vec()));
                    continue;
                }
                Ok(Message::Ping(bytes)) => {
                    self.told.push(Fact::Ping(bytes.to_vec()));
                    continue;
                }
                Ok(Message::Pong(bytes)) => {
                    self.told.push(Fact::Pong(bytes.to_vec()));
                    continue;
                }
                Ok(Message::Close(None)) => End::Closed(None, String::new()),
                // This is what it makes of a code that must not be there.
                Ok(Message::Close(Some(close))) if close.reason == "Protocol violation" => {
                    End::Failed(1002)
                }
                Ok(Message::Close(Some(close))) => {
                    End::Closed(Some(close.code.into()), close.reason.to_string())
                }
                Err(TheirError::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(TheirError::Protocol(_)) => End::Failed(1002),
                Err(TheirError::Utf8(_)) => End::Failed(1007),
                Err(TheirError::Capacity(_)) => End::Failed(1009),
                other => panic!("{other:?}"),
            };
        }
        // It says so when this was the last that it had to write.
        let _ = self.socket.flush();
    }

    fn outcome(&self) -> Outcome {
        let written = frames(&self.socket.get_ref().gone, self.role == Role::Client);
        let is_failed = matches!(self.end, End::Failed(_));
        let written = written.into_iter().filter(|(first, _)| !(is_failed && *first == 0x88)).map(
            |(first, payload)| match first {
                0x88 => (first, payload.into_iter().take(2).collect()),
                _ => (first, payload),
            },
        );
        Outcome { told: self.told.clone(), written: written.collect(), end: self.end.clone() }
    }
}

/// A stream that brings one piece a read and takes all.
#[derive(Default)]
struct Pipe {
    coming: VecDeque<Vec<u8>>,
    gone: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.coming.pop_front() else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let len = piece.len().min(buffer.len());
        buffer[..len].copy_from_slice(&piece[..len]);
        if len < piece.len() {
            self.coming.push_front(piece.split_off(len));
        }
        Ok(len)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gone.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Panics unless both made the same of the bytes, or differ as they may.
fn agree(role: Role, pieces: &[&[u8]]) {
    let (ours, error) = ours(role, pieces);
    let mut theirs = Theirs::new(role);
    theirs.feed(pieces);
    if let (End::Failed(_), End::Open) = (&ours.end, &theirs.end) {
        // It waits for the rest of the frame that we have failed on already.
        theirs.feed(&[&[0; 14 + MAX_FRAME]]);
    }
    let theirs = theirs.outcome();
    if matches!(error, Some(Error::LengthNotMinimal { .. } | Error::LongControl { .. })) {
        assert!(theirs.told.starts_with(&ours.told), "{pieces:02x?}: {ours:?} {theirs:?}");
        return;
    }
    if !may_end_differently(error, &ours.end, &theirs.end) {
        assert_eq!(ours.end, theirs.end, "{role:?} {pieces:02x?}");
    }
    assert_eq!(ours.told, theirs.told, "{role:?} {pieces:02x?}");
    let ours_without_close = ours.written.iter().filter(|(first, _)| *first != 0x88);
    let theirs_without_close = theirs.written.iter().filter(|(first, _)| *first != 0x88);
    assert!(ours_without_close.eq(theirs_without_close), "{role:?} {pieces:02x?}");
    if ours.end == theirs.end {
        assert_eq!(ours.written, theirs.written, "{role:?} {pieces:02x?}");
    }
}

fn may_end_differently(error: Option<Error>, ours: &End, theirs: &End) -> bool {
    match (error, ours, theirs) {
        (None, End::Closed(code, _), End::Failed(1002)) => *code == Some(1014),
        (Some(Error::InvalidCloseCode { .. }), _, End::Failed(code)) => *code == 1007,
        // Several faults in one frame, of which one is its length.
        (Some(_), End::Failed(1002), End::Failed(code)) => *code == 1009,
        _ => false,
    }
}

/// A piece of what the peer sends.
#[derive(Clone, Debug)]
enum Part {
    Frame(u8, Vec<u8>),
    /// With the mask bit as it must not be.
    WrongMask(u8, Vec<u8>),
    /// With the length in this many more bytes than it needs.
    LongLength(u8, bool, Vec<u8>),
    /// A length that nobody can send.
    Claim(u8, u64),
    Raw(Vec<u8>),
}

fn first_byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        12 => prop::sample::select(vec![0x81, 0x82, 0x01, 0x02, 0x00, 0x00, 0x80, 0x80, 0x89, 0x8A]),
        1 => Just(0x88),
        1 => any::<u8>(),
    ]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => "\\PC{0,20}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => prop::collection::vec(prop::sample::select(b"\xE2\x82\xAC\xF0\x9Fa".to_vec()), 0..9),
        1 => (120..130_usize).prop_map(|len| vec![b'x'; len]),
        1 => prop::sample::select(vec![1000, 1400, 1999, 2000, 2001]).prop_map(|n| vec![b'y'; n]),
    ]
}

fn close_payload() -> impl Strategy<Value = Vec<u8>> {
    let code = prop_oneof![990..1020_u16, 2990..5010_u16, any::<u16>()];
    let reason = prop_oneof![
        3 => "[a-zé€]{0,9}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    (code, reason).prop_map(|(code, reason)| [&code.to_be_bytes()[..], &reason].concat())
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        40 => (first_byte(), payload()).prop_map(|(first, payload)| Part::Frame(first, payload)),
        4 => close_payload().prop_map(|payload| Part::Frame(0x88, payload)),
        1 => (first_byte(), payload()).prop_map(|(first, payload)| Part::WrongMask(first, payload)),
        1 => (first_byte(), any::<bool>(), payload())
            .prop_map(|(first, wider, payload)| Part::LongLength(first, wider, payload)),
        1 => (first_byte(), any::<u64>()).prop_map(|(first, len)| Part::Claim(first, len)),
        1 => prop::collection::vec(any::<u8>(), 1..20).prop_map(Part::Raw),
    ]
}

fn bytes_of(role: Role, part: &Part) -> Vec<u8> {
    let other = if role == Role::Server { Role::Client } else { Role::Server };
    let bit = if role == Role::Server { 0x80 } else { 0 };
    let from = |role: Role, first: u8, payload: &[u8]| {
        Link::new(role, Config::default()).frame(first, payload)
    };
    match part {
        Part::Frame(first, payload) => from(role, *first, payload),
        Part::WrongMask(first, payload) => from(other, *first, payload),
        Part::LongLength(first, wider, payload) => {
            let mut frame = vec![*first];
            if *wider {
                frame.push(bit | 127);
                frame.extend((payload.len() as u64).to_be_bytes());
            } else {
                frame.push(bit | 126);
                frame.extend((payload.len() as u16).to_be_bytes());
            }
            let key = if role == Role::Server { KEY } else { [0; 4] };
            if role == Role::Server {
                frame.extend(KEY);
            }
            frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
            frame
        }
        Part::Claim(first, len) => [&[*first, bit | 127][..], &len.to_be_bytes(), &[0; 4]].concat(),
        Part::Raw(bytes) => bytes.clone(),
    }
}

fn cut<'b>(mut bytes: &'b [u8], cuts: &[usize]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    for len in cuts.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (piece, rest) = bytes.split_at((*len).min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_frames_have_the_outcome_that_tungstenite_gives_them(
        role in prop::sample::select(BOTH.to_vec()),
        parts in prop::collection::vec(part(), 0..10),
        cuts in prop::collection::vec(1..200_usize, 1..10),
        lost in prop_oneof![3 => Just(0), 1 => 1..8_usize],
    ) {
        let mut bytes: Vec<u8> = parts.iter().flat_map(|part| bytes_of(role, part)).collect();
        bytes.truncate(bytes.len().saturating_sub(lost));
        agree(role, &cut(&bytes, &cuts));
    }

    #[test]
    fn good_frames_lead_both_through_whole_conversations(
        role in prop::sample::select(BOTH.to_vec()),
        messages in prop::collection::vec(("\\PC{0,60}", 1..4_usize, any::<bool>()), 1..8),
        cuts in prop::collection::vec(1..50_usize, 1..10),
        reason in "[a-z]{0,20}",
    ) {
        let link = Link::new(role, Config::default());
        let mut bytes = vec![];
        for (text, fragments, ping) in &messages {
            let pieces: Vec<&[u8]> =
                text.as_bytes().chunks(text.len().div_ceil(*fragments).max(1)).collect();
            for (index, piece) in pieces.iter().enumerate() {
                let fin = if index + 1 == pieces.len() { 0x80 } else { 0 };
                let opcode = if index == 0 { 1 } else { 0 };
                bytes.extend(link.frame(fin | opcode, piece));
                if *ping {
                    bytes.extend(link.frame(0x89, b"between"));
                }
            }
        }
        bytes.extend(link.frame(0x88, &[b"\x0F\xA0", reason.as_bytes()].concat()));
        agree(role, &cut(&bytes, &cuts));
        let (outcome, _) = ours(role, &[&bytes]);
        prop_assert_eq!(outcome.end, End::Closed(Some(4000), reason));
    }
}

#[test]
fn the_vectors_have_the_outcome_that_tungstenite_gives_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/websocket_frames.json");
    let cases = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&cases).unwrap();
    let mut run = 0;
    for case in cases.iter().filter(|case| case["config"].is_null()) {
        let role = if case["role"] == "server" { Role::Server } else { Role::Client };
        let input = hex(case["input_hex"].as_str().unwrap());
        agree(role, &[&input]);
        agree(role, &input.chunks(1).collect::<Vec<_>>());
        run += 1;
    }
    assert!(run > 150, "{run} cases");
}
