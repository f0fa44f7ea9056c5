//! Which field lists open a connection, and what is answered to the others.

use proptest::prelude::*;
use tidewire_http::{FieldName, FieldValue};
use tidewire_ws::handshake::client::{Agreed, HandshakeError, Offer};
use tidewire_ws::handshake::connect::client::{Scheme, request, verify};
use tidewire_ws::handshake::connect::server::{Accepted, Refused, accept};
use tidewire_ws::handshake::server::{self, Policy};
use tidewire_ws::handshake::{Origins, Subprotocol};

type Line<'t> = (&'t str, &'t str);

/// The request of RFC 8441 §5.1.
const SAMPLE: [Line<'_>; 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":path", "/chat"),
    (":authority", "server.example.com"),
    ("sec-websocket-version", "13"),
];

fn judged(lines: &[Line<'_>]) -> Result<Accepted, Refused> {
    accept(lines.iter().copied(), &Policy::default())
}

fn refused(lines: &[Line<'_>]) -> Option<Refused> {
    judged(lines).err()
}

fn with<'t>(more: &[Line<'t>]) -> Vec<Line<'t>> {
    [&SAMPLE[..], more].concat()
}

fn without(name: &str) -> Vec<Line<'static>> {
    SAMPLE.into_iter().filter(|line| line.0 != name).collect()
}

fn replaced<'t>(line: Line<'t>) -> Vec<Line<'t>> {
    SAMPLE.into_iter().map(|old| if old.0 == line.0 { line } else { old }).collect()
}

fn texts(fields: &[(String, FieldValue)]) -> Vec<Line<'_>> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn verified(lines: &[Line<'_>]) -> Result<Agreed, HandshakeError> {
    verify(lines.iter().copied(), &Offer::default())
}

fn speaking(subprotocols: &[&str]) -> Vec<Subprotocol> {
    subprotocols.iter().filter_map(Subprotocol::new).collect()
}

// The server.

#[test]
fn server_answers_200_without_a_proof() {
    let accepted = judged(&SAMPLE).unwrap();
    assert_eq!(texts(&accepted.fields), [(":status", "200")]);
    assert_eq!(accepted.subprotocol, None);
}

#[test]
fn server_demands_each_pseudo_field_once_and_knows_no_other() {
    for (name, value) in SAMPLE.into_iter().take(5) {
        assert_eq!(refused(&without(name)), Some(Refused::Malformed), "{name}");
        let doubled = [&[(name, value)], &SAMPLE[..]].concat();
        assert_eq!(refused(&doubled), Some(Refused::Malformed), "{name}");
    }
    for line in [(":status", "200"), (":x", "y"), (":", ""), (":Method", "CONNECT")] {
        let more = [&[line], &SAMPLE[..]].concat();
        assert_eq!(refused(&more), Some(Refused::Malformed), "{line:?}");
    }
    let behind: Vec<_> = SAMPLE.into_iter().rev().collect();
    assert_eq!(refused(&behind), Some(Refused::Malformed));
    assert_eq!(refused(&[]), Some(Refused::Malformed));
}

#[test]
fn server_takes_pseudo_fields_in_any_order() {
    let mut lines = SAMPLE;
    lines[..5].reverse();
    assert!(judged(&lines).is_ok());
}

#[test]
fn server_answers_501_to_another_protocol() {
    for protocol in ["connect-udp", "WebSocket", "websocket ", "websocket,h2c", ""] {
        let expected = if protocol.ends_with(' ') { Refused::Malformed } else { Refused::Protocol };
        assert_eq!(refused(&replaced((":protocol", protocol))), Some(expected), "{protocol}");
    }
    assert_eq!(Refused::Protocol.status(), 501);
}

#[test]
fn server_answers_405_to_another_method() {
    let get: Vec<_> =
        replaced((":method", "GET")).into_iter().filter(|line| line.0 != ":protocol").collect();
    assert_eq!(refused(&get), Some(Refused::Method));
    assert_eq!(texts(&Refused::Method.fields()), [(":status", "405"), ("allow", "CONNECT")]);
    assert_eq!(refused(&replaced((":method", "GET"))), Some(Refused::Malformed));
}

#[test]
fn server_demands_a_target_of_the_web() {
    for line in [
        (":scheme", "wss"),
        (":scheme", ""),
        (":path", ""),
        (":path", "chat"),
        (":path", "*"),
        (":path", "/a b"),
        (":path", "/#f"),
        (":path", "/\u{e9}"),
        (":authority", ""),
        (":authority", ":443"),
        (":authority", "user@a"),
        (":authority", "a/b"),
        (":authority", "a b"),
        (":authority", "\u{e9}"),
    ] {
        assert_eq!(refused(&replaced(line)), Some(Refused::Malformed), "{line:?}");
    }
    for line in [(":scheme", "http"), (":scheme", "HTTPS"), (":authority", "[::1]:8443")] {
        assert_eq!(refused(&replaced(line)), None, "{line:?}");
    }
}

#[test]
fn server_refuses_fields_of_an_http_1_1_connection() {
    for line in [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("transfer-encoding", "chunked"),
        ("te", "gzip"),
    ] {
        assert_eq!(refused(&with(&[line])), Some(Refused::Malformed), "{line:?}");
    }
    assert_eq!(refused(&with(&[("te", "trailers")])), None);
}

#[test]
fn server_demands_lower_case_names_and_plain_values() {
    for line in [
        ("Origin", "https://server.example.com"),
        ("x y", "a"),
        ("", "a"),
        ("x", "a\rb"),
        ("x", "a\nb"),
        ("x", "a\0b"),
        ("x", " a"),
        ("x", "a\t"),
    ] {
        assert_eq!(refused(&with(&[line])), Some(Refused::Malformed), "{line:?}");
    }
    assert_eq!(refused(&with(&[("x", "\u{e9}\tb"), ("x", "")])), None);
}

#[test]
fn server_has_no_use_for_a_key_a_proof_or_a_host() {
    for line in [
        ("sec-websocket-key", "no key at all"),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("host", "Server.Example.com"),
    ] {
        let accepted = judged(&with(&[line, line])).unwrap();
        assert_eq!(texts(&accepted.fields), [(":status", "200")], "{line:?}");
    }
    assert_eq!(refused(&with(&[("host", "b.example")])), Some(Refused::Malformed));
}

#[test]
fn server_refuses_a_request_with_a_body() {
    for length in ["0", "5"] {
        let expected = Some(Refused::Handshake(server::Refused::Body));
        assert_eq!(refused(&with(&[("content-length", length)])), expected);
    }
}

#[test]
fn server_names_its_version_to_who_speaks_another_but_cannot_ask_for_an_upgrade() {
    for (lines, expected) in [
        (replaced(("sec-websocket-version", "8")), server::Refused::Version),
        (without("sec-websocket-version"), server::Refused::NoVersion),
        (with(&[("sec-websocket-version", "13")]), server::Refused::NoVersion),
    ] {
        assert_eq!(refused(&lines), Some(Refused::Handshake(expected)));
    }
    let fields = Refused::Handshake(server::Refused::Version).fields();
    assert_eq!(texts(&fields), [(":status", "400"), ("sec-websocket-version", "13")]);
}

#[test]
fn server_holds_the_origin_against_the_authority() {
    for (origin, expected) in [
        ("https://server.example.com", None),
        ("https://evil.example", Some(Refused::Handshake(server::Refused::Origin))),
        ("null", Some(Refused::Handshake(server::Refused::Origin))),
    ] {
        assert_eq!(refused(&with(&[("origin", origin)])), expected, "{origin}");
    }
    let own = ("origin", "https://server.example.com");
    let doubled = Some(Refused::Handshake(server::Refused::DoubleOrigin));
    assert_eq!(refused(&with(&[own, own])), doubled);
    let mut policy = Policy::default();
    policy.origins = Origins::Any;
    assert!(accept(with(&[("origin", "null")]), &policy).is_ok());
}

#[test]
fn server_chooses_a_subprotocol_as_over_http_1_1() {
    let mut policy = Policy::default();
    policy.subprotocols = speaking(&["v1", "v2"]);
    let lines = with(&[("sec-websocket-protocol", "v3,v2"), ("sec-websocket-protocol", "v1")]);
    let accepted = accept(lines, &policy).unwrap();
    assert_eq!(texts(&accepted.fields), [(":status", "200"), ("sec-websocket-protocol", "v2")]);
    assert_eq!(accepted.subprotocol, Subprotocol::new("v2"));
    for (name, expected) in [
        ("sec-websocket-protocol", server::Refused::Subprotocols),
        ("sec-websocket-extensions", server::Refused::Extensions),
    ] {
        let outcome = refused(&with(&[(name, "a,;")]));
        assert_eq!(outcome, Some(Refused::Handshake(expected)), "{name}");
    }
}

#[cfg(feature = "deflate")]
#[test]
fn both_agree_on_compression_as_over_http_1_1() {
    use tidewire_ws::handshake::deflate;

    let mut policy = Policy::default();
    policy.deflate = Some(deflate::Policy::default());
    let mut offer = Offer::default();
    let mut narrow = deflate::Parameters::default();
    narrow.server_max_window_bits = deflate::WindowBits::new(10);
    offer.deflate = vec![narrow];
    let asked = request("/", "a", Scheme::Https, &offer).unwrap();
    let last = texts(&asked).pop().unwrap();
    assert_eq!(last.0, "sec-websocket-extensions");
    let accepted = accept(texts(&asked), &policy).unwrap();
    let response = ("sec-websocket-extensions", "permessage-deflate; server_max_window_bits=10");
    assert_eq!(texts(&accepted.fields), [(":status", "200"), response]);
    let agreed = verify(texts(&accepted.fields), &offer).unwrap();
    assert!(agreed.deflate.is_some());
    assert_eq!(agreed.deflate, accepted.deflate);
    let wide = [(":status", "200"), ("sec-websocket-extensions", "permessage-deflate")];
    assert_eq!(verify(wide, &offer), Err(HandshakeError::Deflate));
}

#[test]
fn each_refusal_has_its_status_first_and_names_in_lower_case() {
    for (refused, status) in [
        (Refused::Malformed, 400),
        (Refused::Method, 405),
        (Refused::Protocol, 501),
        (Refused::Handshake(server::Refused::Body), 400),
        (Refused::Handshake(server::Refused::NoVersion), 400),
        (Refused::Handshake(server::Refused::Version), 400),
        (Refused::Handshake(server::Refused::DoubleOrigin), 400),
        (Refused::Handshake(server::Refused::Origin), 403),
        (Refused::Handshake(server::Refused::Subprotocols), 400),
        (Refused::Handshake(server::Refused::Extensions), 400),
    ] {
        assert_eq!(refused.status(), status);
        let fields = refused.fields();
        assert_eq!(texts(&fields)[0], (":status", status.to_string().as_str()));
        assert!(fields.iter().all(|(name, _)| name.to_ascii_lowercase() == *name));
    }
}

// The client.

#[test]
fn client_asks_as_the_rfc_says() {
    let mut offer = Offer::default();
    offer.subprotocols = speaking(&["chat", "superchat"]);
    offer.fields = vec![
        (FieldName::ORIGIN, FieldValue::from_static("http://www.example.com")),
        (FieldName::from_static("X-Trace"), FieldValue::from_static("A")),
    ];
    let asked = request("/chat?x=1", "server.example.com", Scheme::Https, &offer).unwrap();
    assert_eq!(
        texts(&asked),
        [
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":scheme", "https"),
            (":path", "/chat?x=1"),
            (":authority", "server.example.com"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "chat, superchat"),
            ("origin", "http://www.example.com"),
            ("x-trace", "A"),
        ]
    );
    let plain = request("/", "a", Scheme::Http, &Offer::default()).unwrap();
    assert_eq!(texts(&plain)[2], (":scheme", "http"));
    assert!(judged(&texts(&plain)).is_ok());
}

#[test]
fn client_cannot_be_made_to_inject_a_field() {
    let offer = Offer::default();
    for (path, authority) in [
        ("/\r\nx: y", "a"),
        ("/\0", "a"),
        ("/ x", "a"),
        ("x", "a"),
        ("", "a"),
        ("/", "a\r\nx: y"),
        ("/", "a\0"),
        ("/", "user@a"),
        ("/", ""),
    ] {
        let asked = request(path, authority, Scheme::Https, &offer);
        assert!(asked.is_err(), "{path:?} {authority:?}");
    }
}

#[test]
fn client_refuses_fields_of_the_handshake_or_of_an_http_1_1_connection() {
    for (name, value, refused) in [
        ("Host", "a", true),
        ("Upgrade", "websocket", true),
        ("Connection", "x", true),
        ("Sec-WebSocket-Key", "x", true),
        ("Keep-Alive", "x", true),
        ("Proxy-Connection", "x", true),
        ("Transfer-Encoding", "chunked", true),
        ("TE", "gzip", true),
        ("TE", "trailers", false),
        ("Content-Length", "0", true),
        ("Cookie", "x", false),
    ] {
        let mut offer = Offer::default();
        offer.fields = vec![(FieldName::new(name).unwrap(), FieldValue::new(value).unwrap())];
        let asked = request("/", "a", Scheme::Https, &offer);
        assert_eq!(asked.is_err(), refused, "{name}: {value}");
    }
}

#[test]
fn client_takes_any_2xx_and_never_101() {
    for status in ["200", "201", "204", "299"] {
        assert!(verified(&[(":status", status)]).is_ok(), "{status}");
    }
    for (status, number) in [("100", 100), ("103", 103), ("302", 302), ("401", 401), ("501", 501)] {
        let outcome = verified(&[(":status", status), ("location", "/")]);
        assert_eq!(outcome, Err(HandshakeError::Status { status: number }));
    }
    assert_eq!(verified(&[(":status", "101")]), Err(HandshakeError::Malformed));
}

#[test]
fn client_refuses_a_malformed_response() {
    for lines in [
        &[][..],
        &[("x", "y")],
        &[(":status", "")],
        &[(":status", "20")],
        &[(":status", "2000")],
        &[(":status", "2xx")],
        &[(":status", "200"), (":status", "200")],
        &[(":status", "200"), (":path", "/")],
        &[("x", "y"), (":status", "200")],
        &[(":status", "200"), ("X", "y")],
        &[(":status", "200"), ("upgrade", "websocket")],
        &[(":status", "200"), ("connection", "upgrade")],
        &[(":status", "200"), ("x", "a\r\nb")],
    ] {
        assert_eq!(verified(lines), Err(HandshakeError::Malformed), "{lines:?}");
    }
}

#[test]
fn client_demands_no_proof_and_takes_only_what_it_offered() {
    let ok = (":status", "200");
    assert!(verified(&[ok, ("sec-websocket-accept", "no proof")]).is_ok());
    let mut offer = Offer::default();
    offer.subprotocols = speaking(&["v1"]);
    for (more, expected) in [
        (&[("sec-websocket-protocol", "v1")][..], Ok(Subprotocol::new("v1"))),
        (&[], Ok(None)),
        (&[("sec-websocket-protocol", "V1")], Err(HandshakeError::Subprotocol)),
        (&[("sec-websocket-protocol", "v2")], Err(HandshakeError::Subprotocol)),
        (
            &[("sec-websocket-protocol", "v1"), ("sec-websocket-protocol", "v1")],
            Err(HandshakeError::Subprotocol),
        ),
        (&[("sec-websocket-extensions", "permessage-deflate")], Err(HandshakeError::Extension)),
    ] {
        let outcome = verify([&[ok], more].concat(), &offer);
        assert_eq!(outcome.map(|agreed| agreed.subprotocol), expected, "{more:?}");
    }
}

// Both.

const NAMES: [&str; 12] = [
    ":method",
    ":protocol",
    ":scheme",
    ":path",
    ":authority",
    ":status",
    "origin",
    "upgrade",
    "host",
    "sec-websocket-version",
    "sec-websocket-protocol",
    "sec-websocket-extensions",
];

proptest! {
    #[test]
    fn no_list_of_fields_breaks_either_side(
        more in prop::collection::vec((prop::sample::select(&NAMES[..]), any::<Vec<u8>>()), 0..4),
        start in 0..=SAMPLE.len(),
    ) {
        let lines = SAMPLE[..start].iter().map(|(name, value)| (*name, value.as_bytes()));
        let lines = lines.chain(more.iter().map(|(name, value)| (*name, value.as_slice())));
        if accept(lines.clone(), &Policy::default()).is_ok() {
            prop_assert!(lines.clone().any(|line| line == (":protocol", b"websocket")));
        }
        let _ = verify(lines, &Offer::default());
    }
}
