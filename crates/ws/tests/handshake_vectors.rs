//! The byte-exact cases of a WebSocket route, through the HTTP server and to the client's verdict.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use bytes::Buf;
use serde_json::Value;
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, ResponseHead, Server, ServerConfig, server};
use tidewire_ws::handshake::client::{HandshakeError, Offer, verify};
use tidewire_ws::handshake::server::{Policy, accept};
use tidewire_ws::handshake::{Key, Origins};

const NOW: Instant = Instant::ORIGIN;

#[test]
fn every_case_of_a_websocket_route_has_its_outcome() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/http1_messages.json");
    let cases = std::fs::read_to_string(path).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&cases).unwrap();
    let mut run = 0;
    for case in cases.iter().filter(|case| case["endpoint"] == "ws") {
        let input = decode(case["input_base64"].as_str().unwrap());
        let outcome = if case["role"] == "server" {
            let (status, closes, left) = serve(&input);
            assert_eq!(case["close"], closes, "{}", case["name"]);
            if let Some(expected) = case["parsed"]["leftover_hex"].as_str() {
                let left: String = left.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(left, expected, "{}", case["name"]);
            }
            status
        } else {
            ask(&input)
        };
        assert_eq!(outcome, case["status_or_error"].as_str().unwrap(), "{}", case["name"]);
        run += 1;
    }
    assert!(run > 25, "{run} cases");
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// The status with which a WebSocket-only route answers, whether that ends the connection, and what
/// is left of the input.
fn serve(input: &[u8]) -> (String, bool, Vec<u8>) {
    let mut policy = Policy::default();
    policy.origins = Origins::Only(vec!["https://good.example".into()]);
    let mut server = Server::new(ServerConfig::default(), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.push(input);
    let mut status = String::from("incomplete");
    while let Some(event) = server.next_event(&mut inbox, &mut outbox, NOW).unwrap() {
        let server::Event::Request(head) = event else { continue };
        match accept(&head, &policy) {
            Ok(accepted) => server.upgrade(&accepted.response, &mut outbox),
            Err(refused) => server.respond(&refused.response(), Body::Empty, &mut outbox, NOW),
        }
        .unwrap();
        status = String::from_utf8_lossy(&outbox.chunk()[9..12]).into_owned();
    }
    let left = inbox.as_slice().to_vec();
    if status == "incomplete" {
        inbox.end();
        let cut = server.next_event(&mut inbox, &mut outbox, NOW).map(|_| ());
        assert_eq!(cut, Err(tidewire_http::Error::Incomplete));
    }
    (status, outbox.is_ended(), left)
}

/// What a client that sent the RFC's key makes of it.
fn ask(input: &[u8]) -> String {
    let head = ResponseHead::parse(&input[..head_len(input)]).unwrap();
    let key = Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").unwrap();
    match verify(&head, &key, &Offer::default()) {
        Ok(_) => "101".into(),
        Err(HandshakeError::Status { .. }) => "not_upgraded".into(),
        Err(_) => "bad_upgrade".into(),
    }
}

fn head_len(input: &[u8]) -> usize {
    input.windows(4).position(|end| end == b"\r\n\r\n").map_or(input.len(), |at| at + 4)
}
