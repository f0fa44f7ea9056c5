//! The opening handshake, from the bytes of heads. RFC 6455 §4.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use bytes::Buf;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, Client, ClientConfig, FieldName, FieldValue, RequestHead, ResponseHead};
use tidewire_http::{Server, ServerConfig, client, server};
use tidewire_ws::handshake::client::{Agreed, HandshakeError, Offer, request, verify};
use tidewire_ws::handshake::server::{Policy, Refused, accept};
use tidewire_ws::handshake::{Key, Origins, Subprotocol};
use tidewire_ws::{Config, Connection, Event};

const NOW: Instant = Instant::ORIGIN;
const UPGRADE: &str = "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
const SAMPLE: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const SWITCH: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const PROOF: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

fn request_head(lines: &str) -> RequestHead {
    RequestHead::parse(format!("GET /ws HTTP/1.1\r\n{lines}\r\n").as_bytes()).unwrap()
}

fn response_head(status: u16, lines: &str) -> ResponseHead {
    ResponseHead::parse(format!("HTTP/1.1 {status} Some\r\n{lines}\r\n").as_bytes()).unwrap()
}

fn sample_key() -> Key {
    Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").unwrap()
}

/// What the default policy says to these lines.
fn judged(lines: &str) -> Result<Option<Subprotocol>, Refused> {
    accept(&request_head(lines), &Policy::default()).map(|accepted| accepted.subprotocol)
}

/// What a client that offered `subprotocols` says to these lines of a 101.
fn verified(lines: &str, subprotocols: &[&str]) -> Result<Option<String>, HandshakeError> {
    let mut offer = Offer::default();
    offer.subprotocols = subprotocols.iter().map(|name| Subprotocol::new(name).unwrap()).collect();
    verify(&response_head(101, lines), &sample_key(), &offer)
        .map(|Agreed { subprotocol, .. }| subprotocol.map(|name| name.as_str().into()))
}

#[test]
fn server_answers_the_rfcs_own_request() {
    let accepted = accept(&request_head(&[UPGRADE, SAMPLE].concat()), &Policy::default()).unwrap();
    let fields: Vec<String> = accepted
        .response
        .fields()
        .map(|(name, value)| format!("{}: {}", name.as_str(), value.as_str()))
        .collect();
    assert_eq!(accepted.response.status(), 101);
    assert_eq!(
        fields,
        ["Upgrade: websocket", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="]
    );
}

#[test]
fn server_reads_connection_and_upgrade_as_lists_without_regard_to_case() {
    for lines in [
        "Host: a\r\nupgrade: h2c, WebSocket\r\nConnection: keep-alive\r\nCONNECTION: x, uPGRADE\r\n",
        "Host: a\r\nUpgrade: h2c\r\nUpgrade: WEBSOCKET\r\nConnection: Upgrade\r\n",
    ] {
        assert_eq!(judged(&[lines, SAMPLE].concat()), Ok(None), "{lines}");
    }
    for lines in [
        "Host: a\r\nUpgrade: websocket\r\n",
        "Host: a\r\nConnection: Upgrade\r\n",
        "Host: a\r\nUpgrade: websocket\r\nConnection: Upgraded\r\n",
        "Host: a\r\nUpgrade: websockets\r\nConnection: Upgrade\r\n",
        "Host: a\r\nUpgrade: websocket/13\r\nConnection: Upgrade\r\n",
    ] {
        assert_eq!(judged(&[lines, SAMPLE].concat()), Err(Refused::NoUpgrade), "{lines}");
    }
}

#[test]
fn server_refuses_other_methods_versions_of_http_and_bodies() {
    for (start, body, refused) in [
        ("POST /ws HTTP/1.1", "", Refused::Method),
        ("HEAD /ws HTTP/1.1", "", Refused::Method),
        ("get /ws HTTP/1.1", "", Refused::Method),
        ("GET /ws HTTP/1.0", "", Refused::NoUpgrade),
        ("GET /ws HTTP/1.1", "Content-Length: 5\r\n", Refused::Body),
        ("GET /ws HTTP/1.1", "Transfer-Encoding: chunked\r\n", Refused::Body),
    ] {
        let head = format!("{start}\r\n{UPGRADE}{SAMPLE}{body}\r\n");
        let head = RequestHead::parse(head.as_bytes()).unwrap();
        assert_eq!(accept(&head, &Policy::default()).map(|_| ()), Err(refused), "{start} {body}");
    }
    assert_eq!(judged(&[UPGRADE, SAMPLE, "Content-Length: 0\r\n"].concat()), Ok(None));
}

#[test]
fn server_demands_one_key_of_sixteen_bytes() {
    let version = "Sec-WebSocket-Version: 13\r\n";
    for keys in [
        "",
        "Sec-WebSocket-Key: \r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n",
        "Sec-WebSocket-Key: AAAA\r\n",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ] {
        assert_eq!(judged(&[UPGRADE, version, keys].concat()), Err(Refused::Key), "{keys}");
    }
}

#[test]
fn server_names_its_version_to_who_speaks_another() {
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (version, refused) in [
        ("Sec-WebSocket-Version: 8\r\n", Refused::Version),
        ("Sec-WebSocket-Version: 013\r\n", Refused::Version),
        ("Sec-WebSocket-Version: 13, 8\r\n", Refused::Version),
        ("", Refused::NoVersion),
        ("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n", Refused::NoVersion),
    ] {
        assert_eq!(judged(&[UPGRADE, key, version].concat()), Err(refused), "{version}");
    }
    let response = Refused::Version.response();
    assert_eq!(response.status(), 426);
    let version = FieldName::from_static("Sec-WebSocket-Version");
    assert_eq!(response.get(&version), Some(&FieldValue::from_static("13")));
    assert_eq!(response.get(&FieldName::UPGRADE), Some(&FieldValue::from_static("websocket")));
}

#[test]
fn each_refusal_has_its_status() {
    for (refused, status) in [
        (Refused::Method, 405),
        (Refused::NoUpgrade, 400),
        (Refused::Body, 400),
        (Refused::NoHost, 400),
        (Refused::NoVersion, 400),
        (Refused::Version, 426),
        (Refused::Key, 400),
        (Refused::DoubleOrigin, 400),
        (Refused::Origin, 403),
        (Refused::Subprotocols, 400),
        (Refused::Extensions, 400),
    ] {
        assert_eq!(refused.status(), status);
        assert_eq!(refused.response().status(), status);
    }
    let allow = Refused::Method.response();
    assert_eq!(allow.get(&FieldName::ALLOW), Some(&FieldValue::from_static("GET")));
}

#[test]
fn server_lets_only_its_own_pages_in_unless_told_otherwise() {
    let lines = [UPGRADE, SAMPLE].concat();
    let with = |origin: &str| format!("{lines}Origin: {origin}\r\n");
    assert_eq!(judged(&lines), Ok(None));
    assert_eq!(judged(&with("https://a")), Ok(None));
    assert_eq!(judged(&with("https://evil.example")), Err(Refused::Origin));
    assert_eq!(judged(&with("null")), Err(Refused::Origin));
    let two = with("https://a\r\nOrigin: https://a");
    assert_eq!(judged(&two), Err(Refused::DoubleOrigin));
    let mut policy = Policy::default();
    policy.origins = Origins::Any;
    assert!(accept(&request_head(&with("https://evil.example")), &policy).is_ok());
}

#[test]
fn server_takes_the_hosts_name_from_an_absolute_target() {
    let head = format!("GET http://b/ws HTTP/1.1\r\n{UPGRADE}{SAMPLE}Origin: http://b\r\n\r\n");
    let head = RequestHead::parse(head.as_bytes()).unwrap();
    assert!(accept(&head, &Policy::default()).is_ok());
}

#[test]
fn server_chooses_the_clients_first_subprotocol_that_it_speaks() {
    let mut policy = Policy::default();
    policy.subprotocols = ["v1", "v2"].iter().filter_map(Subprotocol::new).collect();
    for (offered, chosen) in [
        ("", None),
        ("Sec-WebSocket-Protocol: v3, v2, v1\r\n", Some("v2")),
        ("Sec-WebSocket-Protocol: V2\r\nSec-WebSocket-Protocol: x,v1\r\n", Some("v1")),
        ("Sec-WebSocket-Protocol: V1\r\n", None),
    ] {
        let accepted = accept(&request_head(&[UPGRADE, SAMPLE, offered].concat()), &policy);
        let accepted = accepted.unwrap();
        assert_eq!(accepted.subprotocol.as_ref().map(Subprotocol::as_str), chosen, "{offered}");
        let field = FieldName::from_static("Sec-WebSocket-Protocol");
        assert_eq!(accepted.response.get(&field).map(FieldValue::as_str), chosen);
    }
    for bad in ["", "a,,b", "a b", "a, a", "v1, \"v2\"", "v1;q=1"] {
        let lines = format!("{UPGRADE}{SAMPLE}Sec-WebSocket-Protocol: {bad}\r\n");
        assert_eq!(judged(&lines), Err(Refused::Subprotocols), "{bad}");
    }
}

#[test]
fn server_ignores_extensions_but_not_broken_ones() {
    for (extensions, outcome) in [
        ("permessage-deflate; client_max_window_bits", Ok(None)),
        ("constructor, __proto__; hasOwnProperty=1", Ok(None)),
        ("permessage-deflate; server_max_window_bits=\"10\"", Ok(None)),
        (",;constructor", Err(Refused::Extensions)),
        ("a; b=\"", Err(Refused::Extensions)),
    ] {
        let lines = format!("{UPGRADE}{SAMPLE}Sec-WebSocket-Extensions: {extensions}\r\n");
        assert_eq!(judged(&lines), outcome, "{extensions}");
    }
}

#[test]
fn server_takes_a_hundred_fields_and_odd_bytes_in_those_that_do_not_concern_it() {
    let more: String = (0..93).map(|index| format!("X-Proxy-{index}: a\r\n")).collect();
    let start = format!("GET /ws HTTP/1.1\r\n{UPGRADE}{SAMPLE}{more}X-Odd: ");
    let head = [start.as_bytes(), b"\xff\xfe\r\n\r\n"].concat();
    let head = RequestHead::parse(&head).unwrap();
    assert_eq!(head.fields().len(), 99);
    assert!(accept(&head, &Policy::default()).is_ok());
}

#[test]
fn client_asks_as_the_rfc_says() {
    let key = Key::new(&mut Entropy::new(|bytes| bytes.fill(0)));
    let mut offer = Offer::default();
    offer.subprotocols = ["v2", "v1"].iter().filter_map(Subprotocol::new).collect();
    offer.fields = vec![(FieldName::ORIGIN, FieldValue::from_static("https://a"))];
    let request = request("/ws?x=1", "a:8080", &key, &offer).unwrap();
    let lines: Vec<String> = request
        .fields()
        .map(|(name, value)| format!("{}: {}", name.as_str(), value.as_str()))
        .collect();
    assert_eq!((request.method(), request.target()), ("GET", "/ws?x=1"));
    assert_eq!(
        lines,
        [
            "Host: a:8080",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Protocol: v2, v1",
            "Origin: https://a",
        ]
    );
}

#[test]
fn client_cannot_be_made_to_inject_a_field() {
    let offer = Offer::default();
    for (target, host) in [("/\r\nX: y", "a"), ("/ x", "a"), ("/", "a\r\nX: y"), ("/", "a\0")] {
        assert!(request(target, host, &sample_key(), &offer).is_err(), "{target:?} {host:?}");
    }
    assert_eq!(Subprotocol::new("a\r\nX: y"), None);
}

#[test]
fn client_offers_each_subprotocol_once() {
    let mut offer = Offer::default();
    offer.subprotocols = ["b", "a", "b", "B"].iter().filter_map(Subprotocol::new).collect();
    let request = request("/", "a", &sample_key(), &offer).unwrap();
    let field = FieldName::from_static("Sec-WebSocket-Protocol");
    assert_eq!(request.get(&field).map(FieldValue::as_str), Some("b, a, B"));
}

#[test]
fn client_refuses_fields_of_the_handshake_itself() {
    for (name, refused) in [
        ("host", true),
        ("UPGRADE", true),
        ("Connection", true),
        ("sec-websocket-extensions", true),
        ("Sec-WebSocket-", true),
        ("Sec-WebSocket", false),
        ("Cookie", false),
    ] {
        let mut offer = Offer::default();
        offer.fields = vec![(FieldName::new(name).unwrap(), FieldValue::from_static("x"))];
        assert_eq!(request("/", "a", &sample_key(), &offer).is_err(), refused, "{name}");
    }
}

#[test]
fn client_demands_the_exact_proof_once() {
    assert_eq!(verified(&[SWITCH, PROOF].concat(), &[]), Ok(None));
    for proof in [
        "",
        "Sec-WebSocket-Accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo\r\n",
        &PROOF.repeat(2),
    ] {
        let outcome = verified(&[SWITCH, proof].concat(), &[]);
        assert_eq!(outcome, Err(HandshakeError::Accept), "{proof}");
    }
}

#[test]
fn client_demands_the_upgrade() {
    for lines in [
        "Upgrade: websocket\r\n",
        "Connection: Upgrade\r\n",
        "Upgrade: websocket\r\nConnection: close\r\n",
        "Upgrade: h2c\r\nConnection: Upgrade\r\n",
        "Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n",
        "Upgrade: websocket,\r\nConnection: Upgrade\r\n",
        "Upgrade: websocket\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
        "Upgrade: websocket\u{e9}\r\nConnection: Upgrade\r\n",
    ] {
        let outcome = verified(&[lines, PROOF].concat(), &[]);
        assert_eq!(outcome, Err(HandshakeError::NoUpgrade), "{lines}");
    }
    let shouted = "Upgrade: WebSocket\r\nConnection: x, UPGRADE\r\n";
    assert_eq!(verified(&[shouted, PROOF].concat(), &[]), Ok(None));
    let old = format!("HTTP/1.0 101 Switching\r\n{SWITCH}{PROOF}\r\n");
    let old = ResponseHead::parse(old.as_bytes()).unwrap();
    let outcome = verify(&old, &sample_key(), &Offer::default());
    assert_eq!(outcome, Err(HandshakeError::NoUpgrade));
}

#[test]
fn client_takes_no_subprotocol_or_extension_that_it_did_not_offer() {
    let lines = |more: &str| format!("{SWITCH}{PROOF}{more}");
    let protocol = |name: &str| lines(&format!("Sec-WebSocket-Protocol: {name}\r\n"));
    assert_eq!(verified(&protocol("v1"), &["v2", "v1"]), Ok(Some("v1".into())));
    assert_eq!(verified(&lines(""), &["v1"]), Ok(None));
    for name in ["V1", "v3", "v1, v2", "", "v1\r\nSec-WebSocket-Protocol: v1"] {
        let outcome = verified(&protocol(name), &["v2", "v1"]);
        assert_eq!(outcome, Err(HandshakeError::Subprotocol), "{name}");
    }
    assert_eq!(verified(&protocol("v1"), &[]), Err(HandshakeError::Subprotocol));
    let extension = lines("Sec-WebSocket-Extensions: permessage-deflate\r\n");
    assert_eq!(verified(&extension, &[]), Err(HandshakeError::Extension));
}

#[test]
fn client_hands_every_other_status_to_its_caller() {
    for status in [100, 103, 200, 301, 401, 407, 503] {
        let head = response_head(status, &[SWITCH, PROOF].concat());
        let outcome = verify(&head, &sample_key(), &Offer::default());
        assert_eq!(outcome, Err(HandshakeError::Status { status }));
    }
}

#[test]
fn both_keep_the_frames_behind_the_heads() {
    let (mut server, mut client) =
        (Server::new(ServerConfig::default(), NOW), Client::new(ClientConfig::default()));
    let (mut asked, mut answered) = (Outbox::new(), Outbox::new());
    let (mut at_server, mut at_client) = (Inbox::new(), Inbox::new());
    let mut entropy = Entropy::new(|bytes| bytes.fill(3));
    let (key, offer) = (Key::new(&mut entropy), Offer::default());

    let ask = request("/ws", "a", &key, &offer).unwrap();
    client.request(&ask, Body::Empty, &mut asked, NOW).unwrap();
    let mut client_ws = Connection::client(Config::default(), entropy, NOW);
    client_ws.send_text("early", &mut asked).unwrap();
    at_server.push(&asked.copy_to_bytes(asked.len()));

    let mut upgraded = false;
    while let Some(event) = server.next_event(&mut at_server, &mut answered, NOW).unwrap() {
        if let server::Event::Request(head) = event {
            let accepted = accept(&head, &Policy::default()).unwrap();
            server.upgrade(&accepted.response, &mut answered).unwrap();
            upgraded = true;
        }
    }
    assert!(upgraded);
    let mut server_ws = Connection::server(Config::default(), NOW);
    let event = server_ws.next_event(&mut at_server, &mut answered, NOW);
    assert!(matches!(event, Ok(Some(Event::Text(text))) if &*text == "early"));
    server_ws.send_text("welcome", &mut answered).unwrap();
    at_client.push(&answered.copy_to_bytes(answered.len()));

    let mut agreed = None;
    while let Some(event) = client.next_event(&mut at_client, &mut asked, NOW).unwrap() {
        if let client::Event::Response(head) = event {
            agreed = Some(verify(&head, &key, &offer));
        }
    }
    assert!(matches!(agreed, Some(Ok(Agreed { subprotocol: None, .. }))));
    let event = client_ws.next_event(&mut at_client, &mut asked, NOW);
    assert!(matches!(event, Ok(Some(Event::Text(text))) if &*text == "welcome"));
}
