//! The laws over both sides of a WebSocket.

use proptest::prelude::*;
use tidewire::ws::{CloseCode, Config, Connection, Prepared};
use tidewire_core::{Instant, Outbox};
use tidewire_tests::dice::Dice;
use tidewire_tests::ends::{ws_client, ws_server};
use tidewire_tests::{fuzz, laws};

use crate::traffic::{self, frame};

/// Limits that short traffic can pass.
fn tight() -> Config {
    let mut config = Config::default();
    config.max_frame_bytes = 30;
    config.max_message_bytes = 40;
    config.max_empty_fragments = 1;
    config.max_control_frames_per_second = 2;
    config
}

fn config(is_tight: bool) -> Config {
    if is_tight { tight() } else { Config::default() }
}

proptest! {
    #![proptest_config(traffic::cases(96))]

    #[test]
    fn server_keeps_the_laws_under_frames(input in traffic::frames(true), is_tight: bool) {
        laws::hold(|| ws_server(config(is_tight)), &input);
    }

    #[test]
    fn client_keeps_the_laws_under_frames(input in traffic::frames(false), is_tight: bool) {
        laws::hold(|| ws_client(config(is_tight)), &input);
    }

    #[test]
    fn both_keep_the_laws_under_noise(input in traffic::noise()) {
        laws::hold(|| ws_server(tight()), &input);
        laws::hold(|| ws_client(tight()), &input);
    }
}

#[test]
fn both_keep_the_laws_under_every_vector() {
    for input in fuzz::vector_inputs("ws_server_bytes") {
        laws::hold(|| ws_server(Config::default()), &input[..input.len().min(600)]);
    }
    for input in fuzz::vector_inputs("ws_client_bytes") {
        laws::hold(|| ws_client(Config::default()), &input[..input.len().min(600)]);
    }
}

#[test]
fn both_are_bounded_by_their_limits_under_floods() {
    let mut config = Config::default();
    config.max_message_bytes = 32 * 1024;
    config.max_outbox_bytes = 32 * 1024;
    let long = vec![b'x'; 4000];
    let floods: [&dyn Fn(bool) -> Vec<u8>; 5] = [
        &|masked| frame(0x81, b"hi", masked),
        &|masked| [frame(0x02, &long, masked), frame(0x80, &long, masked)].concat(),
        &|masked| [frame(0x01, b"", masked), frame(0x00, &long, masked)].concat(),
        &|masked| frame(0x89, b"ping", masked),
        &|masked| [&frame(0x82, b"", masked)[..1], &[0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]].concat(),
    ];
    for flood in floods {
        laws::bound(|| ws_server(config.clone()), &flood(true), 512 * 1024);
        laws::bound(|| ws_client(config.clone()), &flood(false), 512 * 1024);
    }
}

#[test]
fn both_fail_once_and_in_order() {
    for first in [0x83, 0xc1, 0x09, 0x80] {
        assert!(laws::last_word(|| ws_server(tight()), &frame(first, b"x", true)));
        assert!(laws::last_word(|| ws_client(tight()), &frame(first, b"x", false)));
    }
    assert!(laws::last_word(|| ws_server(tight()), &frame(0x81, b"bare", false)));
    assert!(laws::last_word(|| ws_client(tight()), &frame(0x81, b"masked", true)));
}

#[test]
fn each_reads_what_the_other_writes() {
    let write = |mut sender: Connection, outbox: &mut Outbox| {
        sender.send_text("tide", outbox).unwrap();
        sender.send_prepared(&Prepared::binary(b"\x00\xff"), outbox).unwrap();
        sender.begin_text("flo", outbox).unwrap();
        sender.ping(b"?", outbox, Instant::ORIGIN).unwrap();
        sender.continue_text("o", outbox).unwrap();
        sender.finish(outbox).unwrap();
        sender.pong(b"!", outbox).unwrap();
        sender.close(CloseCode::NORMAL, "ebb", outbox, Instant::ORIGIN).unwrap();
    };
    let told = [
        r#"Text("tide")"#,
        r#"Binary(b"\x00\xff")"#,
        r#"Ping(b"?")"#,
        r#"Text("floo")"#,
        r#"Pong(b"!")"#,
        r#"Closed(Closed { code: Some(CloseCode(1000)), reason: "ebb", clean: true, by: Peer })"#,
    ];
    let config = Config::default;
    let server = || Connection::server(config(), Instant::ORIGIN);
    let client = || Connection::client(config(), Dice::new(1).entropy(), Instant::ORIGIN);
    laws::round_trip(|| ws_server(config()), |outbox| write(client(), outbox), &told);
    laws::round_trip(|| ws_client(config()), |outbox| write(server(), outbox), &told);
}
