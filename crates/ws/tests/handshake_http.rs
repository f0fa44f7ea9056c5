//! The opening handshake through the machines of HTTP: what is theirs to refuse, to pass over and to
//! keep. RFC 6455 §4, RFC 9112.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use bytes::Buf;
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, Client, ClientConfig, Error, FieldName, FieldValue, RequestHead};
use tidewire_http::{ResponseHead, Server, ServerConfig, client, server};
use tidewire_ws::handshake::client::{Agreed, HandshakeError, Offer, request, verify};
use tidewire_ws::handshake::server::{Policy, Refused, accept};
use tidewire_ws::handshake::{Key, Subprotocol};

const NOW: Instant = Instant::ORIGIN;
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const SAMPLE: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const PROOF: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

fn request_head(lines: &str) -> Result<RequestHead, Error> {
    let head = format!("GET /ws HTTP/1.1\r\n{UPGRADE}{SAMPLE}{lines}\r\n");
    RequestHead::parse(head.as_bytes())
}

fn switch(lines: &str) -> String {
    format!("HTTP/1.1 101 Switching Protocols\r\n{UPGRADE}{PROOF}{lines}\r\n")
}

fn sample_key() -> Key {
    Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").unwrap()
}

/// What a client that asked made of the bytes that came.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    interim: Vec<u16>,
    verdict: Option<Result<Agreed, HandshakeError>>,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    /// Whether the plain exchange is complete.
    is_complete: bool,
    error: Option<Error>,
    left: Vec<u8>,
}

fn ask(input: &[u8]) -> Answer {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut http = Client::new(ClientConfig::default());
    let (key, offer) = (sample_key(), Offer::default());
    let asked = request("/ws", "a", &key, &offer).unwrap();
    http.request(&asked, Body::Empty, &mut outbox, NOW).unwrap();
    outbox.advance(outbox.len());
    inbox.push(input);
    let mut answer = Answer::default();
    loop {
        match http.next_event(&mut inbox, &mut outbox, NOW) {
            Ok(Some(client::Event::Interim(head))) => answer.interim.push(head.status()),
            Ok(Some(client::Event::Response(head))) => {
                answer.verdict = Some(verify(&head, &key, &offer));
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                let fields = head.fields().iter();
                answer.fields = fields.map(|(name, value)| (name.into(), text(value))).collect();
            }
            Ok(Some(client::Event::Body(piece))) => answer.body.extend_from_slice(&piece),
            Ok(Some(client::Event::End)) => answer.is_complete = true,
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                answer.error = Some(error);
                break;
            }
        }
    }
    answer.left = inbox.as_slice().to_vec();
    answer
}

/// Serves one request and what is behind it; returns what was written, what is left, and how often
/// something was told.
fn serve(input: &[u8]) -> (String, Outbox, Vec<u8>, usize) {
    let mut http = Server::new(ServerConfig::default(), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.push(input);
    let mut requests = 0;
    while let Ok(Some(event)) = http.next_event(&mut inbox, &mut outbox, NOW) {
        let server::Event::Request(head) = event else { continue };
        requests += 1;
        match accept(&head, &Policy::default()) {
            Ok(accepted) => http.upgrade(&accepted.response, &mut outbox),
            Err(refused) => http.respond(&refused.response(), Body::Empty, &mut outbox, NOW),
        }
        .unwrap();
    }
    let written = String::from_utf8(outbox.copy_to_bytes(outbox.len()).to_vec()).unwrap();
    (written, outbox, inbox.as_slice().to_vec(), requests)
}

// Heads that are refused before the handshake is looked at.

#[test]
fn server_demands_exactly_one_host() {
    for lines in ["", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host: a, b\r\n"] {
        assert_eq!(request_head(lines).err(), Some(Error::BadHost), "{lines}");
    }
    for lines in ["Host: a b\r\n", "Host: user@a\r\n", "Host: a/b\r\n", "Host: [::1\r\n"] {
        assert_eq!(request_head(lines).err(), Some(Error::BadHost), "{lines}");
    }
}

#[test]
fn server_demands_a_host_that_has_a_name() {
    for lines in ["Host:\r\n", "Host: :80\r\n"] {
        let head = request_head(lines).unwrap();
        let outcome = accept(&head, &Policy::default()).map(|_| ());
        assert_eq!(outcome, Err(Refused::NoHost), "{lines}");
    }
}

#[test]
fn server_refuses_folds_bare_line_ends_blanks_before_colons_and_controls() {
    for (lines, error) in [
        ("Host: a\r\nX: b\r\n c\r\n", Error::BadField),
        ("Host: a\r\nX: b\r\n\tc\r\n", Error::BadField),
        (" Host: a\r\n", Error::BadField),
        ("Host: a\nX: b\r\n", Error::BadLineEnd),
        ("Host: a\rX: b\r\n", Error::BadLineEnd),
        ("Host : a\r\n", Error::BadField),
        ("Host\t: a\r\n", Error::BadField),
        ("Host: a\r\nX: b\0c\r\n", Error::BadCharacter),
        ("Host: a\r\nX: b\x7fc\r\n", Error::BadCharacter),
        ("Host: a\r\nX\0: b\r\n", Error::BadCharacter),
        ("Host: a\r\n: b\r\n", Error::BadField),
        ("Host: a\r\nX\r\n", Error::BadField),
    ] {
        assert_eq!(request_head(lines).err(), Some(error), "{lines:?}");
    }
}

#[test]
fn client_refuses_bare_line_ends_blanks_before_colons_and_controls() {
    for (lines, error) in [
        ("X: b\nY: c\r\n", Error::BadLineEnd),
        ("X: b\rY: c\r\n", Error::BadLineEnd),
        ("X : b\r\n", Error::BadField),
        ("X: b\0c\r\n", Error::BadCharacter),
        (": b\r\n", Error::BadField),
    ] {
        let answer = ask(switch(lines).as_bytes());
        assert_eq!((answer.verdict, answer.error), (None, Some(error)), "{lines:?}");
    }
}

#[test]
fn client_reads_a_folded_field_as_one_line_as_it_must() {
    let folded = switch("X: b\r\n c\r\n");
    assert!(matches!(ask(folded.as_bytes()).verdict, Some(Ok(_))));
    let broken = switch("").replace("s3pPLMBiTxaQ9kYG", "s3pPLMBiTxaQ9kYG\r\n ");
    let verdict = ask(broken.as_bytes()).verdict;
    assert_eq!(verdict, Some(Err(HandshakeError::Accept)));
}

#[test]
fn both_take_a_hundred_fields_and_no_more() {
    let lines = |count: usize| "X-Proxy: a\r\n".repeat(count);
    let head = request_head(&format!("Host: a\r\n{}", lines(95))).unwrap();
    assert_eq!(head.fields().len(), 100);
    assert!(accept(&head, &Policy::default()).is_ok());
    assert!(matches!(ask(switch(&lines(97)).as_bytes()).verdict, Some(Ok(_))));
    let too_many = Some(Error::TooManyFields { limit: 100 });
    assert_eq!(request_head(&format!("Host: a\r\n{}", lines(96))).err(), too_many);
    assert_eq!(ask(switch(&lines(98)).as_bytes()).error, too_many);
    assert_eq!(request_head(&"a:\r\n".repeat(1200)).err(), too_many);
    let too_large = Some(Error::HeadTooLarge { limit_bytes: 16_384 });
    assert_eq!(request_head(&format!("X: {}\r\n", r#""; \"#.repeat(1 << 14))).err(), too_large);
}

#[test]
fn a_head_that_comes_byte_by_byte_is_parsed_once() {
    let more = "X-Proxy: a\r\n".repeat(90);
    let head = format!("GET /ws HTTP/1.1\r\nHost: a\r\n{UPGRADE}{SAMPLE}{more}\r\n");
    let allocations = |width: usize| {
        let counted = allocation_counter::measure(|| {
            let mut http = Server::new(ServerConfig::default(), NOW);
            let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
            for piece in head.as_bytes().chunks(width) {
                inbox.push(piece);
                let _ = http.next_event(&mut inbox, &mut outbox, NOW);
            }
        });
        counted.count_total
    };
    // Only the inbox grows in more steps.
    assert!(allocations(1) <= allocations(head.len()) + 16, "{}", allocations(1));
}

// Answers that open no connection.

#[test]
fn client_gets_status_fields_and_body_of_an_answer_in_plain_http() {
    for (status, field, value) in [
        (301, "Location", "https://b.example/ws"),
        (307, "Location", "/elsewhere"),
        (401, "WWW-Authenticate", "Basic realm=\"a\""),
        (407, "Proxy-Authenticate", "Basic"),
        (200, "Content-Type", "text/html"),
        (503, "Retry-After", "5"),
    ] {
        let head = format!("HTTP/1.1 {status} Some\r\n{field}: {value}\r\n");
        for response in [
            format!("{head}Content-Length: 4\r\n\r\nwhy?"),
            format!("{head}Transfer-Encoding: chunked\r\n\r\n4\r\nwhy?\r\n0\r\n\r\n"),
        ] {
            let answer = ask(response.as_bytes());
            assert_eq!(answer.verdict, Some(Err(HandshakeError::Status { status })));
            assert_eq!(answer.fields[0], (field.to_owned(), value.to_owned()));
            assert_eq!((answer.body.as_slice(), answer.is_complete), (&b"why?"[..], true));
        }
    }
}

#[test]
fn client_passes_over_interim_responses_to_the_switch() {
    let interim =
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n{UPGRADE}{PROOF}\r\n");
    let answer = ask((interim.clone() + &switch("") + "\u{1}").as_bytes());
    assert_eq!(answer.interim, [100, 103]);
    assert!(matches!(answer.verdict, Some(Ok(_))));
    assert_eq!(answer.left, b"\x01");
    let refused = ask((interim + "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n").as_bytes());
    assert_eq!(refused.verdict, Some(Err(HandshakeError::Status { status: 403 })));
}

#[test]
fn a_refused_upgrade_ends_the_connection_and_nothing_behind_it_is_read() {
    let behind = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (start, lines, status) in [
        ("POST", SAMPLE, 405),
        ("GET", "", 400),
        ("GET", key, 400),
        ("GET", &format!("{key}Sec-WebSocket-Version: 8\r\n"), 426),
        ("GET", &format!("{SAMPLE}Origin: https://evil.example\r\n"), 403),
        ("GET", &format!("{SAMPLE}Sec-WebSocket-Protocol: a,,b\r\n"), 400),
        ("GET", &format!("{SAMPLE}Sec-WebSocket-Extensions: ;\r\n"), 400),
        ("GET", &format!("{SAMPLE}Content-Length: {}\r\n", behind.len()), 400),
    ] {
        let input = format!("{start} /ws HTTP/1.1\r\nHost: a\r\n{UPGRADE}{lines}\r\n{behind}");
        let (written, outbox, _, requests) = serve(input.as_bytes());
        assert!(written.starts_with(&format!("HTTP/1.1 {status} ")), "{written}");
        assert!(written.contains("\r\nConnection: close"), "{written}");
        assert_eq!(written.matches("HTTP/1.1").count(), 1, "{written}");
        assert!(outbox.is_ended(), "{written}");
        assert_eq!(requests, 1);
    }
}

// What stands behind a head.

#[test]
fn bytes_behind_a_head_stay_and_do_not_count_to_its_limits() {
    let frames = [0x82; 60_000];
    let asked = format!("GET /ws HTTP/1.1\r\nHost: a\r\n{UPGRADE}{SAMPLE}\r\n");
    let (written, outbox, left, _) = serve(&[asked.as_bytes(), &frames].concat());
    assert!(written.starts_with("HTTP/1.1 101 ") && !outbox.is_ended());
    assert_eq!(left, frames);
    let answer = ask(&[switch("").as_bytes(), &frames].concat());
    assert!(matches!(answer.verdict, Some(Ok(_))));
    assert_eq!(answer.left, frames);
}

#[test]
fn the_length_of_a_switch_means_nothing() {
    let answer = ask((switch("Content-Length: 2\r\n") + "\u{1}\u{2}\u{3}").as_bytes());
    assert!(matches!(answer.verdict, Some(Ok(_))));
    assert_eq!((answer.left.as_slice(), answer.body.len()), (&b"\x01\x02\x03"[..], 0));
}

// What the caller gives.

#[test]
fn no_string_of_the_caller_can_end_a_line() {
    for end in ["\r", "\n", "\r\n", "\0", "\r\nX: y", "\u{85}", "\u{2028}"] {
        let bad = format!("a{end}b");
        let offer = Offer::default();
        assert!(request(&format!("/{bad}"), "a", &sample_key(), &offer).is_err(), "{bad:?}");
        assert!(request("/", &bad, &sample_key(), &offer).is_err(), "{bad:?}");
        assert_eq!(Subprotocol::new(&bad), None, "{bad:?}");
        assert!(FieldName::new(&bad).is_err() && FieldValue::new(&bad).is_err(), "{bad:?}");
    }
}

/// What a server reads of a request that was made by this crate is what it was made of.
#[test]
fn server_reads_what_the_client_wrote() {
    let mut offer = Offer::default();
    offer.subprotocols = ["v2", "v1"].iter().filter_map(Subprotocol::new).collect();
    let (mut http, mut outbox) = (Client::new(ClientConfig::default()), Outbox::new());
    let asked = request("/ws?x", "a:1", &sample_key(), &offer).unwrap();
    http.request(&asked, Body::Empty, &mut outbox, NOW).unwrap();
    let head = RequestHead::parse(outbox.chunk()).unwrap();
    let mut policy = Policy::default();
    policy.subprotocols = offer.subprotocols.clone();
    let accepted = accept(&head, &policy).unwrap();
    assert_eq!(accepted.subprotocol.as_ref().map(Subprotocol::as_str), Some("v2"));
    let mut fields = String::new();
    for (name, value) in accepted.response.fields() {
        fields += &format!("{}: {}\r\n", name.as_str(), value.as_str());
    }
    let head = format!("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\n{fields}\r\n");
    let head = ResponseHead::parse(head.as_bytes()).unwrap();
    let agreed = verify(&head, &sample_key(), &offer).unwrap();
    assert_eq!(agreed.subprotocol, accepted.subprotocol);
}
