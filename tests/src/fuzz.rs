//! Every fuzz body by the name of its target, and the seeds that the vectors give it. The bodies
//! themselves stand in one file per crate.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

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
    ("ws_handshake_heads", fuzz_ws::handshake_heads),
    ("sse_stream_bytes", fuzz_sse::stream_bytes),
    ("sse_round_trip", fuzz_sse::round_trip),
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
    match target {
        "http_request_bytes" | "server_connection" => inputs("http1_messages.json", Some("server")),
        "http_response_bytes" | "client" => inputs("http1_messages.json", Some("client")),
        "sse_stream_bytes" => inputs("event_streams.json", None),
        "ws_server_bytes" => inputs("websocket_frames.json", Some("server")),
        "ws_client_bytes" => inputs("websocket_frames.json", Some("client")),
        _ => Vec::new(),
    }
}

/// Those inputs, each behind the bytes from which the target's body takes its plan.
#[must_use]
pub fn vector_seeds(target: &str) -> Vec<Vec<u8>> {
    let plan: &[u8] = if target == "sse_stream_bytes" { &[0, 255, 255, 3] } else { &[1] };
    vector_inputs(target).iter().map(|input| [plan, input].concat()).collect()
}

/// The top of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn inputs(file: &str, role: Option<&str>) -> Vec<Vec<u8>> {
    let text =
        std::fs::read(repository().join("tests/data").join(file)).expect("vectors are there");
    let cases: Vec<Value> = serde_json::from_slice(&text).expect("vectors are a JSON array");
    let ours = cases.iter().filter(|case| role.is_none_or(|role| case["role"] == role));
    ours.map(input).collect()
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
