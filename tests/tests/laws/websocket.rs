//! The laws over both sides of a WebSocket: in one piece and in halves, with messages whole and in
//! parts, compressed and as they are.

use std::sync::{Arc, Mutex};

use bytes::Buf;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tidewire::ws::deflate::{self, Pool};
use tidewire::ws::handshake::deflate::{Agreement, Window, WindowBits};
use tidewire::ws::{CloseCode, Config, Connection, Delivery, Prepared};
use tidewire_core::{Instant, Outbox};
use tidewire_tests::dice::Dice;
use tidewire_tests::ends::{Role, WebSocket, ws_client, ws_server};
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

/// All that a side may be, with these limits.
fn websocket(role: Role, config: Config) -> impl Strategy<Value = (WebSocket, bool)> {
    let window = (8..16_u8, any::<bool>()).prop_map(|(bits, context_takeover)| Window {
        bits: WindowBits::new(bits).unwrap(),
        context_takeover,
    });
    let agreement = (window.clone(), window);
    let agreement = agreement.prop_map(|(server, client)| Agreement { server, client });
    let delivery = select(vec![Delivery::Messages, Delivery::Parts]);
    let shape = (delivery, prop::option::of(agreement), any::<bool>(), any::<bool>());
    shape.prop_map(move |(delivery, agreement, is_pooled, in_halves)| {
        let mut config = config.clone();
        config.delivery = delivery;
        let mut compress = deflate::Config::default();
        compress.min_message_bytes = 4;
        let deflate = agreement.map(|agreement| (agreement, compress));
        let pool = is_pooled.then(|| Arc::new(Mutex::new(Pool::new(2))));
        (WebSocket { deflate, pool, ..WebSocket::new(role, config) }, in_halves)
    })
}

/// Holds one piece or the halves to the cheap laws.
fn hold(websocket: &WebSocket, in_halves: bool, input: &[u8]) {
    if in_halves {
        laws::hold(|| websocket.halves(), input);
    } else {
        laws::hold(|| websocket.end(), input);
    }
}

/// What the other side writes: these messages, whole, in fragments and prepared.
fn messages(reader: &WebSocket, messages: &[(u8, String)], outbox: &mut Outbox) {
    let role = reader.role.peer();
    let mut sender = WebSocket { role, pool: None, ..reader.clone() }.connection();
    for (how, text) in messages {
        match how {
            0 => sender.send_text(text, outbox).unwrap(),
            1 => sender.send_prepared(&Prepared::text(text), outbox).unwrap(),
            _ => {
                sender.begin_text("", outbox).unwrap();
                sender.continue_text(text, outbox).unwrap();
                sender.ping(b"?", outbox, Instant::ORIGIN).unwrap();
                sender.finish(outbox).unwrap();
            }
        }
    }
}

/// A few messages of a few characters.
fn texts() -> impl Strategy<Value = Vec<(u8, String)>> {
    prop::collection::vec((0..3_u8, "[a-c€🌊]{0,12}"), 0..4)
}

proptest! {
    #![proptest_config(traffic::cases(16))]

    #[test]
    fn server_keeps_the_laws_whatever_its_shape(
        (websocket, in_halves) in websocket(Role::Server, tight()),
        input in traffic::frames(true),
    ) {
        hold(&websocket, in_halves, &input);
    }

    #[test]
    fn client_keeps_the_laws_whatever_its_shape(
        (websocket, in_halves) in websocket(Role::Client, tight()),
        input in traffic::frames(false),
    ) {
        hold(&websocket, in_halves, &input);
    }

    #[test]
    fn both_keep_the_laws_under_messages_with_a_wrong_byte(
        (server, in_halves) in websocket(Role::Server, Config::default()),
        texts in texts(),
        wrong in prop::option::of((any::<Index>(), any::<u8>())),
    ) {
        for role in [Role::Server, Role::Client] {
            let websocket = WebSocket { role, ..server.clone() };
            let mut outbox = Outbox::new();
            messages(&websocket, &texts, &mut outbox);
            let mut input = outbox.copy_to_bytes(outbox.len()).to_vec();
            if let (Some((index, byte)), false) = (wrong, input.is_empty()) {
                let at = index.index(input.len());
                input[at] = byte;
            }
            hold(&websocket, in_halves, &input);
        }
    }

    #[test]
    fn each_reads_what_the_other_writes_whatever_their_shape(
        (server, in_halves) in websocket(Role::Server, Config::default()),
        texts in texts(),
    ) {
        let told: Vec<String> = texts
            .iter()
            .flat_map(|(how, text)| {
                let ping = (*how == 2).then(|| r#"Ping(b"?")"#.to_owned());
                ping.into_iter().chain([format!("Text({text:?})")])
            })
            .collect();
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        for role in [Role::Server, Role::Client] {
            let websocket = WebSocket { role, ..server.clone() };
            let write = |outbox: &mut Outbox| messages(&websocket, &texts, outbox);
            if in_halves {
                laws::round_trip(|| websocket.halves(), write, &told);
            } else {
                laws::round_trip(|| websocket.end(), write, &told);
            }
        }
    }
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
fn parts_and_inflated_messages_are_bounded_by_their_limits_under_floods() {
    let long = b"\xec\xc1\x31\x01\x00\x00\x00\xc2\xa0\xf5\x4f\x6d\x08\x5f\xa0\x00";
    let nothing = b"\x00\x00\x00\xff\xff".repeat(20);
    let floods: [&dyn Fn(bool) -> Vec<u8>; 4] = [
        &|masked| frame(0xc1, b"\xf2\x48\xcd\xc9\xc9\x07\x00", masked),
        &|masked| [frame(0x42, long, masked), frame(0x80, b"\0", masked)].concat(),
        &|masked| [frame(0x42, b"", masked), frame(0x00, &nothing, masked).repeat(20)].concat(),
        &|masked| [frame(0x02, &[7; 4000], masked), frame(0x80, &[7; 4000], masked)].concat(),
    ];
    for role in [Role::Server, Role::Client] {
        for (delivery, context_takeover) in [(Delivery::Messages, true), (Delivery::Parts, false)] {
            let mut config = Config::default();
            config.max_message_bytes = 32 * 1024;
            config.max_outbox_bytes = 32 * 1024;
            config.delivery = delivery;
            let window = Window { bits: WindowBits::MAX, context_takeover };
            let agreement = Agreement { server: window, client: window };
            let deflate = Some((agreement, deflate::Config::default()));
            let websocket = WebSocket { deflate, ..WebSocket::new(role, config) };
            for flood in floods {
                let flood = flood(role == Role::Server);
                match delivery {
                    Delivery::Messages => laws::bound(|| websocket.end(), &flood, 640 * 1024),
                    Delivery::Parts => laws::bound(|| websocket.halves(), &flood, 640 * 1024),
                }
            }
        }
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
