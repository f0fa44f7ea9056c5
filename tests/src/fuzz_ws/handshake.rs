//! Either half of the handshake reads any bytes, in HTTP/1.1 as a head, and in HTTP/2 and HTTP/3 as a
//! list of fields; and each accepts what the other wrote.

use std::fmt::Write;

use allocation_counter::measure;
use tidewire::http::{FieldName, FieldValue, RequestHead, ResponseHead};
use tidewire::ws::handshake::client::{self, Agreed, HandshakeError, Offer};
use tidewire::ws::handshake::server::{self, Policy};
use tidewire::ws::handshake::{Key, Origins, Subprotocol, connect, deflate::Agreement};

use super::terms::{fit, is_allowed, is_offered, offer, policy};

/// A server reads the bytes as a request, behind two bytes for its policy.
pub fn handshake_request(data: &[u8]) {
    let Some((&terms, data)) = data.split_first_chunk() else { return };
    let policy = policy(terms);
    check_cost(data, || {
        if let Ok(head) = RequestHead::parse(data) {
            match server::accept(&head, &policy) {
                Ok(accepted) => {
                    assert_eq!((head.method(), accepted.response.status()), ("GET", 101));
                    check_accepted(accepted.subprotocol.as_ref(), accepted.deflate, &policy);
                }
                Err(refused) => assert_eq!(refused.response().status(), refused.status()),
            }
        }
        match connect::server::accept(lines(data), &policy) {
            Ok(accepted) => {
                assert_eq!(accepted.fields[0].1.as_str(), "200");
                check_accepted(accepted.subprotocol.as_ref(), accepted.deflate, &policy);
            }
            Err(refused) => {
                assert_eq!(refused.fields()[0].1.as_str(), refused.status().to_string());
            }
        }
    });
    let mut names = data.split(|&byte| byte == b'\n').map(str::from_utf8);
    if let (Some(Ok(target)), Some(Ok(host))) = (names.next(), names.next()) {
        let mut open = policy;
        open.origins = Origins::Any;
        check_round_trip(target, host, &offer(terms), &open);
        check_connect_round_trip(target, host, &offer(terms), &open);
    }
}

/// A client reads the bytes as a response, behind two bytes for its offer.
pub fn handshake_response(data: &[u8]) {
    let Some((&terms, data)) = data.split_first_chunk() else { return };
    let offer = offer(terms);
    check_cost(data, || {
        if let Ok(head) = ResponseHead::parse(data) {
            match client::verify(&head, &key(), &offer) {
                Ok(agreed) => {
                    assert_eq!(head.status(), 101);
                    check_agreed(&agreed, &offer);
                }
                Err(HandshakeError::Status { status }) => {
                    assert!(status == head.status() && status != 101);
                }
                Err(_) => assert_eq!(head.status(), 101),
            }
        }
        match connect::client::verify(lines(data), &offer) {
            Ok(agreed) => check_agreed(&agreed, &offer),
            Err(HandshakeError::Status { status }) => assert!(!(200..300).contains(&status)),
            Err(_) => {}
        }
    });
}

/// Memory and allocations grow with the input and no faster.
fn check_cost(data: &[u8], judge: impl FnOnce()) {
    let used = measure(judge);
    let len = data.len() as u64;
    assert!(used.bytes_max <= 4096 + 128 * len, "Bound: {} bytes of heap", used.bytes_max);
    assert!(used.count_total <= 64 + len, "Bound: {} allocations", used.count_total);
}

fn check_accepted(chosen: Option<&Subprotocol>, deflate: Option<Agreement>, policy: &Policy) {
    assert!(chosen.is_none_or(|name| policy.subprotocols.contains(name)));
    assert!(deflate.is_none_or(|agreement| is_allowed(agreement, policy)));
}

fn check_agreed(agreed: &Agreed, offer: &Offer) {
    assert!(agreed.subprotocol.as_ref().is_none_or(|name| offer.subprotocols.contains(name)));
    assert!(agreed.deflate.is_none_or(|agreement| is_offered(agreement, offer)));
}

/// What a client wrote a server accepts, and the answer suits the client.
fn check_round_trip(target: &str, host: &str, offer: &Offer, policy: &Policy) {
    let Ok(request) = client::request(target, host, &key(), offer) else { return };
    let start = format!("GET {target} HTTP/1.1");
    let head = write_head(&start, request.fields());
    // Whether target and host make a good request is HTTP's business.
    let Ok(head) = RequestHead::parse(head.as_bytes()) else { return };
    let accepted = match server::accept(&head, policy) {
        Err(server::Refused::NoHost) => return,
        other => other.expect("a server accepts what a client wrote"),
    };
    let response = write_head("HTTP/1.1 101 Switching Protocols", accepted.response.fields());
    let response = ResponseHead::parse(response.as_bytes()).expect("the response is HTTP");
    let agreed = client::verify(&response, &key(), offer).expect("the response suits the client");
    check_pair(accepted.subprotocol.as_ref(), accepted.deflate, &agreed);
}

/// The same over HTTP/2 and HTTP/3.
fn check_connect_round_trip(path: &str, authority: &str, offer: &Offer, policy: &Policy) {
    let scheme = connect::client::Scheme::Https;
    let Ok(request) = connect::client::request(path, authority, scheme, offer) else { return };
    let request = request.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let accepted = connect::server::accept(request, policy);
    let accepted = accepted.expect("a server accepts what a client wrote");
    let fields = accepted.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let agreed = connect::client::verify(fields, offer).expect("the response suits the client");
    check_pair(accepted.subprotocol.as_ref(), accepted.deflate, &agreed);
}

fn check_pair(chosen: Option<&Subprotocol>, deflate: Option<Agreement>, agreed: &Agreed) {
    assert_eq!(chosen, agreed.subprotocol.as_ref());
    match (deflate, agreed.deflate) {
        (Some(server), Some(client)) => assert!(fit(server, client), "{server:?}, {client:?}"),
        (server, client) => assert_eq!(server, client),
    }
}

/// A head as the HTTP machines write it.
fn write_head<'f>(
    start: &str,
    fields: impl Iterator<Item = (&'f FieldName, &'f FieldValue)>,
) -> String {
    let mut head = format!("{start}\r\nConnection: Upgrade\r\n");
    for (name, value) in fields {
        write!(head, "{}: {}\r\n", name.as_str(), value.as_str()).expect("a string takes all");
    }
    head + "\r\n"
}

/// The names and values of lines such as `:path: /` and `origin: null`.
pub(super) fn lines(data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    data.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(|line| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_colon = |(at, &byte): (usize, &u8)| at > 0 && byte == b':';
        let end = line.iter().enumerate().position(is_colon).unwrap_or(line.len());
        let value = line.get(end + 1..).unwrap_or_default();
        (&line[..end], value.strip_prefix(b" ").unwrap_or(value))
    })
}

/// The key of RFC 6455 §1.3, to which the vectors' responses belong.
fn key() -> Key {
    Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").expect("it is one")
}
