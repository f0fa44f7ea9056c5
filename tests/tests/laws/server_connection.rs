//! The laws over a server's connection, which becomes a WebSocket or an event stream as it is asked.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tidewire::server::Config;
use tidewire_tests::ends::connection;
use tidewire_tests::{fuzz, laws};

use crate::traffic;

const UPGRADE: &[u8] = b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const STREAM: &[u8] = b"GET /sse HTTP/1.1\r\nHost: a\r\n\r\n";

/// Streams that end by themselves, and limits that short traffic can pass.
fn tight() -> Config {
    let mut config = Config::default();
    config.http.max_body_bytes = 16;
    config.http.max_requests = 2;
    config.event_stream.max_lifetime = Some(Duration::from_secs(60));
    let websocket = Arc::make_mut(&mut config.websocket);
    websocket.max_message_bytes = 40;
    config
}

proptest! {
    #![proptest_config(traffic::cases(64))]

    #[test]
    fn keeps_the_laws_under_requests(input in traffic::requests(), is_tight: bool) {
        let config = || if is_tight { tight() } else { Config::default() };
        laws::hold(|| connection(config()), &input);
    }

    #[test]
    fn keeps_the_laws_under_frames_behind_an_upgrade(input in traffic::frames(true)) {
        laws::hold(|| connection(tight()), &[UPGRADE, &input].concat());
    }

    #[test]
    fn keeps_the_laws_under_requests_behind_a_stream(input in traffic::requests()) {
        laws::hold(|| connection(tight()), &[STREAM, &input].concat());
    }

    #[test]
    fn keeps_the_laws_under_noise(input in traffic::noise()) {
        laws::hold(|| connection(Config::default()), &input);
        laws::hold(|| connection(Config::default()), &[UPGRADE, &input].concat());
    }
}

#[test]
fn keeps_the_laws_under_every_vector() {
    for input in fuzz::vector_inputs("http_request_bytes") {
        laws::hold(|| connection(Config::default()), &input);
    }
    for input in fuzz::vector_inputs("ws_server_bytes") {
        let input = [UPGRADE, &input[..input.len().min(300)]].concat();
        laws::hold(|| connection(Config::default()), &input);
    }
}

#[test]
fn is_bounded_by_its_limits_under_floods() {
    let mut config = Config::default();
    config.http.max_outbox_bytes = 32 * 1024;
    config.http.max_requests = 100_000;
    let websocket = Arc::make_mut(&mut config.websocket);
    websocket.max_outbox_bytes = 32 * 1024;
    websocket.max_message_bytes = 32 * 1024;
    let message = traffic::frame(0x81, b"hi", true);
    let floods: [&[u8]; 3] =
        [b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n", &[UPGRADE, &message.repeat(1000)].concat(), STREAM];
    for flood in floods {
        laws::bound(|| connection(config.clone()), flood, 384 * 1024);
    }
}

#[test]
fn refuses_once_and_in_order() {
    for input in [&b"\0"[..], b"GET / HTTP/1.1\r\n\r\n"] {
        assert!(laws::last_word(|| connection(Config::default()), input));
    }
    let bare = [UPGRADE, &traffic::frame(0x81, b"bare", false)].concat();
    assert!(laws::last_word(|| connection(Config::default()), &bare));
}
