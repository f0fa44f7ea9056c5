//! All cases of `http1_messages.json`, both roles: each whole, byte by byte, and at random cuts. A
//! server is the composed connection, so that a handshake meets the HTTP beneath it.
#![allow(clippy::panic, clippy::unwrap_used, reason = "this is test code")]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Buf;
use serde_json::Value;
use tidewire::http::{self, Body, FieldName, FieldValue, Request, RequestHead, ResponseHead};
use tidewire::server::{self, Connection};
use tidewire::ws::handshake::server::Policy;
use tidewire::ws::handshake::{Key, Origins, client};
use tidewire_core::Instant;
use tidewire_tests::chop::{at_random, feed};
use tidewire_tests::dice::Dice;
use tidewire_tests::end::End;
use tidewire_tests::solo::Solo;

const CASES: &str = include_str!("../data/http1_messages.json");

#[test]
fn every_request_ends_as_it_must_however_it_is_cut() {
    let (plain, handshakes) =
        (run("server", "http", judge_server), run("server", "ws", judge_server));
    println!("{plain} requests and {handshakes} handshakes");
    assert_eq!((plain, handshakes), (110, 21));
}

#[test]
fn every_response_ends_as_it_must_however_it_is_cut() {
    let (plain, handshakes) =
        (run("client", "http", judge_client), run("client", "ws", judge_client));
    println!("{plain} responses and {handshakes} answers to a handshake");
    assert_eq!((plain, handshakes), (17, 10));
}

/// Judges each case of a role and endpoint in every cutting; returns how many there are.
fn run(role: &str, endpoint: &str, judge: fn(&Value, &[u8], &[usize])) -> usize {
    let all: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let ours = all.into_iter().filter(|it| it["role"] == role && it["endpoint"] == endpoint);
    let judged = ours.map(|case| {
        let input = BASE64_STANDARD.decode(text(&case, "input_base64")).unwrap();
        judge(&case, &input, &[input.len()]);
        judge(&case, &input, &vec![1; input.len()]);
        let mut dice = Dice::new(8);
        (0..8).for_each(|_| judge(&case, &input, &at_random(input.len(), &mut dice)));
    });
    judged.count()
}

/// What a machine told that the cases ask for.
#[derive(Default)]
struct Heard {
    request: Option<RequestHead>,
    response: Option<ResponseHead>,
    body: Vec<u8>,
    is_complete: bool,
}

fn judge_server(case: &Value, input: &[u8], cutting: &[usize]) {
    let heard = Rc::new(RefCell::new(Heard::default()));
    let mut solo = feed(server(case, Rc::clone(&heard)), input, cutting);
    let heard = heard.borrow();
    let name = text(case, "name");
    if case["expect"] == "accept" {
        assert!(heard.is_complete, "{name}: {:?}", solo.outcome());
        let (head, parsed) = (heard.request.as_ref().unwrap(), &case["parsed"]);
        let version = text(parsed, "version").replace("1.", "Http1");
        assert_eq!(
            (head.method(), head.target(), head.host(), format!("{:?}", head.version())),
            (text(parsed, "method"), text(parsed, "target"), text(parsed, "host"), version),
            "{name}"
        );
        assert_eq!(hex(&heard.body), text(parsed, "body_hex"), "{name}");
        assert_eq!(hex(&solo.left()), text(parsed, "leftover_hex"), "{name}");
        assert_eq!(parsed["upgrade"] == true, solo.end.machine.websocket().is_some(), "{name}");
        if let Some(http) = solo.end.machine.http() {
            let (outbox, now) = (&mut solo.end.outbox, Instant::ORIGIN);
            http.respond(&http::Response::new(200), Body::Empty, outbox, now).unwrap();
        }
    } else if text(case, "status_or_error") == "incomplete" {
        assert!(solo.outcome().sent.is_empty() && !heard.is_complete, "{name}");
        solo.finish();
    }
    // What stands behind an accepted request is not read here.
    let sent = [&solo.outcome().sent, solo.end.outbox.chunk()].concat();
    let sent = String::from_utf8(sent).unwrap();
    assert!(
        answers(case).any(|status| sent.starts_with(&format!("HTTP/1.1 {status} "))),
        "{name}: {sent}"
    );
    assert_eq!(sent.contains("\r\nConnection: close"), case["close"] == true, "{name}: {sent}");
    if case["close"] == true {
        assert!(solo.end.outbox.is_ended(), "{name}");
    }
}

/// The statuses with which a case may be answered.
fn answers(case: &Value) -> impl Iterator<Item = &str> {
    let others = case["alt"].as_array().into_iter().flatten().filter_map(Value::as_str);
    // A request that was cut off is no request, which the one who cut it may be told.
    let own = text(case, "status_or_error");
    others.chain([if own == "incomplete" { "400" } else { own }])
}

/// A server that makes a WebSocket of each request where the case is about handshakes.
fn server(case: &Value, heard: Rc<RefCell<Heard>>) -> End<Connection> {
    let mut config = server::Config::default();
    for (name, value) in settings(case) {
        match name {
            "max_request_line" => config.http.max_request_line_bytes = value,
            "max_chunk_ext_bytes" => config.http.max_chunk_extension_bytes = value,
            other => panic!("a setting nobody knows: {other}"),
        }
    }
    let mut policy = Policy::default();
    policy.origins = Origins::Only(vec!["https://good.example".into()]);
    let upgrades = case["endpoint"] == "ws";
    let connection = Connection::new(Arc::new(config), Instant::ORIGIN);
    End::new(connection, move |connection, event, outbox, now, trace| {
        let mut heard = heard.borrow_mut();
        match event {
            server::Event::Http(http::server::Event::Request(head)) => {
                if upgrades {
                    let done = connection.accept_websocket(&head, &policy, [], outbox, now);
                    heard.is_complete = done == Ok(server::Handshake::Accepted);
                    trace.event(done);
                }
                heard.request = Some(head);
            }
            server::Event::Http(http::server::Event::Body(piece)) => {
                heard.body.extend_from_slice(&piece);
            }
            server::Event::Http(http::server::Event::End) => heard.is_complete |= !upgrades,
            other => trace.event(other),
        }
    })
}

fn judge_client(case: &Value, input: &[u8], cutting: &[usize]) {
    let heard = Rc::new(RefCell::new(Heard::default()));
    let mut solo = feed(asking(case, Rc::clone(&heard)), input, cutting);
    let (name, expected) = (text(case, "name"), text(case, "status_or_error"));
    if expected == "incomplete" {
        assert!(solo.end.error.is_none(), "{name}");
        solo.finish();
    }
    let heard = heard.borrow();
    let outcome = outcome(case, &solo, &heard);
    let mut allowed = case["alt"].as_array().into_iter().flatten().filter_map(Value::as_str);
    assert!(outcome == expected || allowed.any(|it| it == outcome), "{name}: {outcome}");
    if case["expect"] == "accept" {
        assert_eq!(hex(&heard.body), text(&case["parsed"], "body_hex"), "{name}");
        assert_eq!(hex(&solo.left()), text(&case["parsed"], "leftover_hex"), "{name}");
        assert_eq!(solo.end.outbox.is_ended(), case["close"] == true, "{name}");
    } else if case["endpoint"] == "http" {
        assert!(solo.end.outbox.is_ended(), "{name}");
    }
}

/// How the exchange came out: a status, or the cases' name for what was wrong. What is wrong behind a
/// whole response is not the response's fault.
fn outcome(case: &Value, solo: &Solo<http::Client>, heard: &Heard) -> String {
    match (&heard.response, solo.end.error) {
        (Some(head), _) if case["endpoint"] == "ws" => {
            match client::verify(head, &key(), &client::Offer::default()) {
                Ok(_) => head.status().to_string(),
                Err(client::HandshakeError::Status { .. }) => "not_upgraded".to_owned(),
                Err(_) => "bad_upgrade".to_owned(),
            }
        }
        (Some(head), _) if heard.is_complete => head.status().to_string(),
        (_, Some(error)) => error_name(error).to_owned(),
        (_, None) => panic!("{case}: nothing came of it"),
    }
}

fn error_name(error: http::Error) -> &'static str {
    match error {
        http::Error::BadLength | http::Error::BadCoding | http::Error::UnknownCoding => {
            "bad_framing"
        }
        http::Error::BadChunk | http::Error::BadTrailer => "bad_chunk",
        http::Error::HeadTooLarge { .. } | http::Error::TooManyFields { .. } => "head_too_large",
        http::Error::BodyTooLarge { .. } => "body_too_large",
        http::Error::Incomplete => "incomplete",
        _ => "bad_head",
    }
}

/// A client that has asked, for a WebSocket where the case is about handshakes.
fn asking(case: &Value, heard: Rc<RefCell<Heard>>) -> End<http::Client> {
    let mut config = http::ClientConfig::default();
    for (name, value) in settings(case) {
        match name {
            "max_head_bytes" => config.max_head_bytes = value,
            "max_body" => config.max_body_bytes = value as u64,
            other => panic!("a setting nobody knows: {other}"),
        }
    }
    let request = if case["endpoint"] == "ws" {
        client::request("/ws", "a", &key(), &client::Offer::default()).unwrap()
    } else {
        Request::new("GET", "/").unwrap().field(FieldName::HOST, FieldValue::from_static("a"))
    };
    let mut end = End::new(http::Client::new(config), move |_, event, _, _, trace| {
        let mut heard = heard.borrow_mut();
        match event {
            http::client::Event::Response(head) => heard.response = Some(head),
            http::client::Event::Body(piece) => heard.body.extend_from_slice(&piece),
            http::client::Event::End => heard.is_complete = true,
            other => trace.event(other),
        }
    });
    end.machine.request(&request, Body::Empty, &mut end.outbox, Instant::ORIGIN).unwrap();
    end
}

/// The key of RFC 6455 §1.3, which the cases' answers are for.
fn key() -> Key {
    Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").unwrap()
}

fn settings(case: &Value) -> impl Iterator<Item = (&str, usize)> {
    let settings = case["config"].as_object().into_iter().flatten();
    settings.map(|(name, value)| (name.as_str(), value.as_u64().unwrap() as usize))
}

fn text<'c>(case: &'c Value, key: &str) -> &'c str {
    case[key].as_str().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
