//! The laws over the client's side of HTTP.

use proptest::prelude::*;
use tidewire::http::{Body, ClientConfig, FieldName, FieldValue, Response};
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_tests::ends::http_client;
use tidewire_tests::{fuzz, laws};

use crate::traffic;

/// Limits that short traffic can pass.
fn tight() -> ClientConfig {
    let mut config = ClientConfig::default();
    config.max_head_bytes = 80;
    config.max_fields = 2;
    config.max_body_bytes = 16;
    config.max_chunk_extension_bytes = 4;
    config.max_interim = 1;
    config
}

proptest! {
    #![proptest_config(traffic::cases(96))]

    #[test]
    fn keeps_the_laws_under_responses(
        input in traffic::responses(), is_tight: bool, upgrades: bool
    ) {
        let config = if is_tight { tight() } else { ClientConfig::default() };
        laws::hold(|| http_client(config.clone(), upgrades), &input);
    }

    #[test]
    fn keeps_the_laws_under_noise(input in traffic::noise()) {
        laws::hold(|| http_client(tight(), true), &input);
    }
}

#[test]
fn keeps_the_laws_under_every_vector() {
    for input in fuzz::vector_inputs("http_response_bytes") {
        laws::hold(|| http_client(ClientConfig::default(), true), &input);
    }
}

#[test]
fn is_bounded_by_its_limits_under_floods() {
    let floods: [&[u8]; 4] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;abc\r\na\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ];
    let mut config = ClientConfig::default();
    config.max_outbox_bytes = 32 * 1024;
    for flood in floods {
        laws::bound(|| http_client(config.clone(), false), flood, 320 * 1024);
    }
}

#[test]
fn fails_once_and_in_silence() {
    for input in [&b"HTTP/1.1 101 x\r\n\r\n"[..], b"\0\r\n", b"HTTP/1.1 200 OK\r\nX:a\n"] {
        assert!(laws::last_word(|| http_client(ClientConfig::default(), false), input));
    }
}

#[test]
fn reads_what_a_server_writes() {
    let write = |outbox: &mut Outbox| {
        let mut server = tidewire::http::Server::new(Default::default(), Instant::ORIGIN);
        let mut inbox = Inbox::new();
        inbox.push(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        server.next_event(&mut inbox, outbox, Instant::ORIGIN).unwrap();
        server.interim(&Response::new(103), outbox).unwrap();
        let sum = (FieldName::from_static("X-Sum"), FieldValue::from_static("9"));
        server.respond(&Response::new(200), Body::Stream, outbox, Instant::ORIGIN).unwrap();
        server.send_body("one ".into(), outbox).unwrap();
        server.send_body("two".into(), outbox).unwrap();
        server.finish_with(&[sum], outbox, Instant::ORIGIN).unwrap();
    };
    let told = [
        "Interim(ResponseHead { version: Http11, status: 103, fields: {} })",
        "Response(ResponseHead { version: Http11, status: 200, \
         fields: {\"Transfer-Encoding\": \"chunked\"} })",
        "body one two",
        "Trailers({\"X-Sum\": \"9\"})",
        "End",
    ];
    laws::round_trip(|| http_client(ClientConfig::default(), false), write, &told);
}

#[test]
fn hands_over_what_stands_behind_an_upgrade() {
    let upgraded = b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let make = || http_client(ClientConfig::default(), true);
    laws::hand_over(make, upgraded, b"\x81\x02hiHTTP/1.1 200 OK\r\n\r\n");
}
