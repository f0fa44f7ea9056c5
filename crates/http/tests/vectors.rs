//! The byte-exact cases for plain HTTP, both roles: each whole, byte by byte, and at random cuts.
#![allow(clippy::panic, clippy::unwrap_used, reason = "this is test code")]

mod support;

use base64::Engine;
use serde_json::Value;
use support::{Rig, Seen, cuttings};
use tidewire_core::Instant;
use tidewire_http::{
    Body, Client, ClientConfig, Error, FieldName, FieldValue, Request, Response, Server,
    ServerConfig,
};

const CASES: &str = include_str!("../../../tests/data/http1_messages.json");

#[test]
fn every_request_case_ends_as_it_must() {
    let mut count = 0;
    for case in cases("server") {
        for pieces in cuttings(&input(&case), 8) {
            let mut rig = Rig::new(Server::new(server_config(&case), Instant::ORIGIN));
            pieces.iter().for_each(|piece| rig.feed(piece));
            judge(&case, &mut rig, |error| error.status().to_string());
            if rig.error().is_some() {
                let status = text(&case, "status_or_error");
                let written = rig.take_written();
                let is_incomplete = status == "incomplete";
                assert!(
                    is_incomplete || written.starts_with(&format!("HTTP/1.1 {status} ")),
                    "{case}"
                );
                assert!(
                    written.contains("\r\nConnection: close\r\n") && rig.outbox.is_ended(),
                    "{case}"
                );
            } else {
                rig.machine
                    .respond(&Response::new(200), Body::Empty, &mut rig.outbox, rig.now)
                    .unwrap();
                assert_eq!(rig.outbox.is_ended(), case["close"] == true, "{case}");
            }
        }
        count += 1;
    }
    println!("{count} request cases hold");
    assert!(count > 80);
}

#[test]
fn every_response_case_ends_as_it_must() {
    let mut count = 0;
    for case in cases("client") {
        for pieces in cuttings(&input(&case), 8) {
            let mut rig = Rig::new(Client::new(client_config(&case)));
            let host = FieldValue::from_static("a.example");
            let request = Request::new("GET", "/").unwrap().field(FieldName::HOST, host);
            rig.machine.request(&request, Body::Empty, &mut rig.outbox, rig.now).unwrap();
            rig.take_written();
            pieces.iter().for_each(|piece| rig.feed(piece));
            judge(&case, &mut rig, |error| client_error_name(error).to_owned());
            assert_eq!(rig.outbox.is_ended(), case["close"] == true, "{case}");
        }
        count += 1;
    }
    println!("{count} response cases hold");
    assert!(count > 15);
}

/// Compares what was seen with what the case expects; ends the stream where it expects a wait.
fn judge<M: support::Traced>(case: &Value, rig: &mut Rig<M>, error_name: fn(Error) -> String) {
    let expected = text(case, "status_or_error");
    if case["expect"] == "accept" {
        assert!(rig.seen.contains(&Seen::End), "{case}: {:?}", rig.seen);
        let parsed = &case["parsed"];
        let mut body = Vec::new();
        for seen in &rig.seen {
            match seen {
                Seen::Body(piece) => body.extend_from_slice(piece),
                Seen::Request { line, host } => {
                    let minor = text(parsed, "version").replace("1.", "Http1");
                    let expected =
                        format!("{} {} {minor}", text(parsed, "method"), text(parsed, "target"));
                    assert_eq!((line, host.as_str()), (&expected, text(parsed, "host")), "{case}");
                }
                Seen::Response(status) => assert_eq!(parsed["status"], *status, "{case}"),
                _ => {}
            }
        }
        assert_eq!(hex(&body), text(parsed, "body_hex"), "{case}");
        assert_eq!(hex(rig.inbox.as_slice()), text(parsed, "leftover_hex"), "{case}");
        return;
    }
    assert!(!rig.seen.contains(&Seen::End), "{case}: {:?}", rig.seen);
    if expected == "incomplete" {
        assert_eq!(rig.error(), None, "{case}");
        rig.end();
        assert_eq!(rig.error(), Some(Error::Incomplete), "{case}");
        assert!(!rig.seen.contains(&Seen::End), "{case}");
    } else {
        assert_eq!(
            rig.error().map(error_name).as_deref(),
            Some(expected),
            "{case}: {:?}",
            rig.seen
        );
    }
}

fn client_error_name(error: Error) -> &'static str {
    match error {
        Error::BadLength | Error::BadCoding | Error::UnknownCoding => "bad_framing",
        Error::BadChunk | Error::BadTrailer => "bad_chunk",
        Error::HeadTooLarge { .. } | Error::TooManyFields { .. } => "head_too_large",
        Error::BodyTooLarge { .. } => "body_too_large",
        Error::Incomplete => "incomplete",
        _ => "bad_head",
    }
}

fn cases(role: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(CASES).unwrap();
    all.into_iter().filter(|case| case["role"] == role && case["endpoint"] == "http").collect()
}

fn server_config(case: &Value) -> ServerConfig {
    let mut config = ServerConfig::default();
    for (name, value) in case["config"].as_object().into_iter().flatten() {
        let value = value.as_u64().unwrap();
        match name.as_str() {
            "max_request_line" => config.max_request_line_bytes = value as usize,
            "max_head_bytes" => config.max_head_bytes = value as usize,
            "max_chunk_ext_bytes" => config.max_chunk_extension_bytes = value as usize,
            "max_body" => config.max_body_bytes = value,
            other => panic!("a setting nobody knows: {other}"),
        }
    }
    config
}

fn client_config(case: &Value) -> ClientConfig {
    let mut config = ClientConfig::default();
    for (name, value) in case["config"].as_object().into_iter().flatten() {
        let value = value.as_u64().unwrap();
        match name.as_str() {
            "max_head_bytes" => config.max_head_bytes = value as usize,
            "max_chunk_ext_bytes" => config.max_chunk_extension_bytes = value as usize,
            "max_body" => config.max_body_bytes = value,
            other => panic!("a setting nobody knows: {other}"),
        }
    }
    config
}

fn input(case: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text(case, "input_base64")).unwrap()
}

fn text<'c>(case: &'c Value, key: &str) -> &'c str {
    case[key].as_str().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
