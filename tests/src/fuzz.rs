//! Every fuzz body by the name of its target, and the seeds that the vectors give it. The bodies
//! themselves stand in one file per crate.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::Value;

use crate::fuzz_ws::Plan;
use crate::{fuzz_core, fuzz_http, fuzz_hub, fuzz_sse, fuzz_tidewire, fuzz_ws};

/// A body takes any bytes and panics when it catches a broken law.
pub type Body = fn(&[u8]);

/// Each target of `fuzz/fuzz_targets/` and its body.
pub const BODIES: &[(&str, Body)] = &[
    ("core_inbox_ops", fuzz_core::inbox_ops),
    ("core_outbox_ops", fuzz_core::outbox_ops),
    ("http_request_bytes", fuzz_http::request_bytes),
    ("http_response_bytes", fuzz_http::response_bytes),
    ("ws_server_bytes", fuzz_ws::server_bytes),
    ("ws_client_bytes", fuzz_ws::client_bytes),
    ("ws_cuts", fuzz_ws::cuts),
    ("ws_negotiate_inflate", fuzz_ws::negotiate_inflate),
    ("ws_handshake_request", fuzz_ws::handshake_request),
    ("ws_handshake_response", fuzz_ws::handshake_response),
    ("sse_stream_bytes", fuzz_sse::stream_bytes),
    ("sse_round_trip", fuzz_sse::round_trip),
    ("sse_cuts", fuzz_sse::cuts),
    ("sse_source", fuzz_sse::source),
    ("sse_server_stream", fuzz_sse::server_stream),
    ("hub_cursor_text", fuzz_hub::cursor_text),
    ("hub_ops", fuzz_hub::hub_ops),
    ("hub_park_ops", fuzz_hub::park_ops),
    ("hub_poller_ops", fuzz_hub::poller_ops),
    ("server_connection", fuzz_tidewire::server_connection),
    ("client", fuzz_tidewire::client),
];

/// The inputs of the vectors that suit a target; none for targets that take something else.
#[must_use]
pub fn vector_inputs(target: &str) -> Vec<Vec<u8>> {
    vectors(target).iter().map(input).collect()
}

/// Those inputs, each behind the bytes from which the target's body takes its plan.
#[must_use]
pub fn vector_seeds(target: &str) -> Vec<Vec<u8>> {
    let seed = |case: &Value| {
        let input = input(case);
        match target {
            "sse_stream_bytes" => [&[0, 255, 255, 3], &input[..]].concat(),
            "sse_cuts" => [&[0, 255, 3], &input[..]].concat(),
            "sse_source" => client_script(&input),
            "ws_server_bytes" | "ws_client_bytes" => [&websocket_plan(case)[..], &input].concat(),
            "ws_cuts" => {
                let role = if case["role"] == "client" { 16 } else { 0 };
                [&websocket_plan(case)[..], &[role], &input].concat()
            }
            "ws_handshake_request" | "ws_handshake_response" => [&[1, 0], &input[..]].concat(),
            _ => [&[1], &input[..]].concat(),
        }
    };
    vectors(target).iter().map(seed).collect()
}

/// The event streams of the vectors, by their names.
#[must_use]
pub fn named_event_streams() -> Vec<(String, Bytes)> {
    let named = |case: &Value| {
        let name = case["name"].as_str().expect("a vector has a name");
        (name.to_owned(), input(case).into())
    };
    vectors("sse_stream_bytes").iter().map(named).collect()
}

/// A client that is answered, hears the stream and loses it, twice.
fn client_script(stream: &[u8]) -> Vec<u8> {
    let mut script = vec![0, 0];
    for _ in 0..2 {
        script.extend([2, 0]);
        for piece in stream.chunks(255) {
            script.extend([4, piece.len() as u8]);
            script.extend(piece);
        }
        script.extend([6, 0, 1, 0]);
    }
    script
}

/// The compression that a case asks for, and its limits as far as there are such.
fn websocket_plan(case: &Value) -> [u8; 3] {
    let config = &case["config"];
    let deflate = match config["pmd"]["no_context_takeover"].as_bool() {
        None => 0,
        Some(true) => Plan::DEFLATE,
        Some(false) => Plan::DEFLATE | Plan::SERVER_TAKEOVER | Plan::CLIENT_TAKEOVER,
    };
    let small = if config["max_message_bytes"].is_null() { 0 } else { Plan::SMALL };
    [deflate | small, Plan::LARGE_WINDOWS, 0]
}

/// The top of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn vectors(target: &str) -> Vec<Value> {
    let (files, role) = match target {
        "http_request_bytes" | "server_connection" | "ws_handshake_request" => {
            (&["http1_messages.json"][..], Some("server"))
        }
        "http_response_bytes" | "client" | "ws_handshake_response" => {
            (&["http1_messages.json"][..], Some("client"))
        }
        "sse_stream_bytes" | "sse_cuts" | "sse_source" => {
            (&["event_streams.json", "event_streams_more.json"][..], None)
        }
        "ws_server_bytes" => (&["websocket_frames.json"][..], Some("server")),
        "ws_client_bytes" => (&["websocket_frames.json"][..], Some("client")),
        "ws_cuts" => (&["websocket_frames.json"][..], None),
        _ => return Vec::new(),
    };
    let read = |file: &&str| -> Vec<Value> {
        let path = repository().join("tests/data").join(file);
        let text = std::fs::read(path).expect("vectors are there");
        serde_json::from_slice(&text).expect("vectors are a JSON array")
    };
    let mut cases: Vec<Value> = files.iter().flat_map(read).collect();
    cases.retain(|case| role.is_none_or(|role| case["role"] == role));
    if target.starts_with("ws_handshake") {
        cases.retain(|case| case["endpoint"] == "ws");
    }
    cases
}

fn input(case: &Value) -> Vec<u8> {
    let base64 = case["input_base64"].as_str().or(case["input_bytes_base64"].as_str());
    match (base64, case["input_hex"].as_str()) {
        (Some(text), _) => BASE64_STANDARD.decode(text).expect("vectors hold base64"),
        (None, Some(text)) => text.as_bytes().chunks_exact(2).map(hex_byte).collect(),
        (None, None) => panic!("a vector without input: {case}"),
    }
}

fn hex_byte(digits: &[u8]) -> u8 {
    let text = std::str::from_utf8(digits).expect("vectors are ASCII");
    u8::from_str_radix(text, 16).expect("vectors hold hex")
}
