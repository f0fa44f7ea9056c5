//! The byte-exact cases: whole, byte by byte, and at seeded random cuts. Without the feature
//! `deflate`, those that need no extension.

use serde_json::Value;
use tidewire_ws::{Closed, Config};

use crate::kit::{Fact, Link, Role, hex};

const CUTS: u64 = if cfg!(miri) { 1 } else { 16 };

/// Of how many cases one is looked at.
const STEP: usize = if cfg!(miri) { 9 } else { 1 };

#[test]
fn every_case_gives_its_events_and_replies_however_it_is_cut() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/websocket_frames.json");
    let cases = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&cases).unwrap();
    let needs_more = |case: &Value| !cfg!(feature = "deflate") && !case["config"]["pmd"].is_null();
    let mut run = 0;
    for case in cases.iter().step_by(STEP).filter(|case| !needs_more(case)) {
        let input = hex(case["input_hex"].as_str().unwrap());
        check(case, &[&input]);
        check(case, &input.chunks(1).collect::<Vec<_>>());
        for seed in 1..=CUTS {
            check(case, &cut(&input, seed));
        }
        run += 1;
    }
    println!("{run} of {} frame cases hold", cases.len());
    assert!(run > 150 / STEP, "{run} cases");
    assert!(!cfg!(feature = "deflate") || run == cases.len().div_ceil(STEP), "{run} cases");
}

fn check(case: &Value, pieces: &[&[u8]]) {
    let name = &case["name"];
    let mut config = Config::default();
    let limits = &case["config"];
    if let Some(limit) = limits["max_message_bytes"].as_u64() {
        config.max_message_bytes = limit as usize;
    }
    if let Some(limit) = limits["max_empty_fragments"].as_u64() {
        config.max_empty_fragments = limit as u32;
    }
    let role = if case["role"] == "server" { Role::Server } else { Role::Client };
    let mut link = connect(role, config, &case["config"]["pmd"]);
    let facts: Vec<Fact> = pieces.iter().flat_map(|piece| link.feed(piece)).collect();
    let mut replies: Vec<String> = link.frames().iter().map(reply).collect();

    let mut events: Vec<String> = facts.iter().map(event).collect();
    if let Some(code) = case["expect"].as_u64() {
        assert_eq!(events.pop(), Some(format!("failed:{code}")), "{name}");
        assert_eq!(replies.pop(), Some(format!("close:{code}")), "{name}");
        assert!(link.outbox.is_ended(), "{name}");
        assert_eq!(events, strings(&case["events_before"]), "{name}");
    } else {
        assert_eq!(events, strings(&case["expect"]), "{name}");
    }
    assert_eq!(replies, strings(&case["replies"]), "{name}");
}

#[cfg(feature = "deflate")]
fn connect(role: Role, config: Config, deflate: &Value) -> Link {
    use tidewire_ws::handshake::deflate::{Window, WindowBits};
    let window = |takeover| Window { bits: WindowBits::MAX, context_takeover: takeover };
    match deflate["no_context_takeover"].as_bool() {
        Some(is_fresh) => crate::deflate::link(role, config, window(!is_fresh)),
        None => Link::new(role, config),
    }
}

#[cfg(not(feature = "deflate"))]
fn connect(role: Role, config: Config, _: &Value) -> Link {
    Link::new(role, config)
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap().into()).collect()
}

fn event(fact: &Fact) -> String {
    match fact {
        Fact::Text(text) => format!("text:{}", to_hex(text.as_bytes())),
        Fact::Binary(bytes) => format!("binary:{}", to_hex(bytes)),
        Fact::Ping(bytes) => format!("ping:{}", to_hex(bytes)),
        Fact::Pong(bytes) => format!("pong:{}", to_hex(bytes)),
        Fact::Closed(Closed { code, reason, .. }) => {
            let code = code.map_or(1005, tidewire_ws::CloseCode::get);
            format!("close:{code}:{}", to_hex(reason.as_bytes()))
        }
        other @ (Fact::TextPart(..) | Fact::BinaryPart(..) | Fact::Drained) => {
            panic!("{other:?} was not asked for")
        }
        Fact::Failed(error) => format!("failed:{}", error.close_code()),
    }
}

fn reply((first, payload): &(u8, Vec<u8>)) -> String {
    match (first, payload.as_slice()) {
        (0x8A, payload) => format!("pong:{}", to_hex(payload)),
        (0x88, &[high, low]) => format!("close:{}", u16::from_be_bytes([high, low])),
        (0x88, []) => "close:".into(),
        other => panic!("no reply looks like {other:x?}"),
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cut(mut input: &[u8], mut seed: u64) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !input.is_empty() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (piece, rest) = input.split_at(input.len().min(1 + (seed >> 33) as usize % 9));
        pieces.push(piece);
        input = rest;
    }
    pieces
}
