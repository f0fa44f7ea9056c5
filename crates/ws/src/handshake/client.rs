//! The client's half: what to ask, and whether the answer agrees.

use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error as ThisError;
use tidewire_http::{FieldName, FieldValue, InvalidField, Request, ResponseHead, Version};

use super::server::single;
use super::{ACCEPT, EXTENSIONS, KEY, Key, PROTOCOL, Subprotocol, VERSION, VERSION_13, WEBSOCKET};

/// What a client asks for beside the connection itself.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Offer {
    /// The subprotocols that the client speaks, the most wanted first; each is sent once. Default:
    /// none.
    pub subprotocols: Vec<Subprotocol>,
    /// Further fields, such as Origin, Authorization or Cookie. Default: none. Those of the
    /// handshake itself are refused: Host, Upgrade, Connection and `Sec-WebSocket-*`.
    pub fields: Vec<(FieldName, FieldValue)>,
}

/// What client and server agreed on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agreed {
    /// The subprotocol that both sides speak from now on; always one that was offered.
    pub subprotocol: Option<Subprotocol>,
}

/// Why a response did not open a WebSocket connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The server answered in plain HTTP. What a redirect, a challenge or a refusal means is the
    /// caller's to decide; credentials should not follow a redirect to another host.
    #[error("server answered with status {status}")]
    Status {
        /// The status; never 101.
        status: u16,
    },
    /// The response does not switch to WebSocket, or not in HTTP/1.1. RFC 6455 §4.1.
    #[error("server did not upgrade to WebSocket")]
    NoUpgrade,
    /// The proof is missing, doubled or wrong. RFC 6455 §4.1.
    #[error("server did not prove that it understood the key")]
    Accept,
    /// The server chose an extension, and none was offered. RFC 6455 §4.1.
    #[error("server chose an extension that was not offered")]
    Extension,
    /// The server chose a subprotocol that was not offered, or several. RFC 6455 §4.1.
    #[error("server chose a subprotocol that was not offered")]
    Subprotocol,
}

/// The request that asks for a connection at `target` of `host`. RFC 6455 §4.1.
///
/// `host` is what the Host field names: with the port, if that is not the scheme's own. The HTTP
/// machine adds `Connection`.
///
/// # Errors
///
/// `target` is no request target, `host` is no field value, or a field of `offer` is one of the
/// handshake's own.
pub fn request(
    target: &str,
    host: &str,
    key: &Key,
    offer: &Offer,
) -> Result<Request, InvalidField> {
    let mut request = Request::new("GET", target)?
        .field(FieldName::HOST, FieldValue::new(host)?)
        .field(FieldName::UPGRADE, WEBSOCKET)
        .field(VERSION, VERSION_13)
        .field(KEY, key.to_value());
    if !offer.subprotocols.is_empty() {
        let mut names: Vec<&str> = Vec::new();
        for name in offer.subprotocols.iter().map(Subprotocol::as_str) {
            // RFC 6455 §4.1: all different.
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let list: String = names.join(", ");
        request = request.field(PROTOCOL, FieldValue::new(list)?);
    }
    for (name, value) in &offer.fields {
        if is_own(name) {
            return Err(InvalidField);
        }
        request = request.field(name.clone(), value.clone());
    }
    Ok(request)
}

/// Judges the response to a request that was made of `key` and `offer`. RFC 6455 §4.1.
///
/// # Errors
///
/// There is no connection. Unless the server answered in plain HTTP, the transport is to be closed.
pub fn verify(head: &ResponseHead, key: &Key, offer: &Offer) -> Result<Agreed, HandshakeError> {
    let fields = head.fields();
    if head.status() != 101 {
        return Err(HandshakeError::Status { status: head.status() });
    }
    if head.version() < Version::Http11
        || !fields.has_token("Connection", "upgrade")
        || !single(fields, &FieldName::UPGRADE).is_some_and(is_websocket)
    {
        return Err(HandshakeError::NoUpgrade);
    }
    if single(fields, &ACCEPT) != Some(key.accept().as_str().as_bytes()) {
        return Err(HandshakeError::Accept);
    }
    if fields.get(EXTENSIONS).is_some() {
        return Err(HandshakeError::Extension);
    }
    if fields.get(PROTOCOL.as_str()).is_none() {
        return Ok(Agreed { subprotocol: None });
    }
    let chosen = single(fields, &PROTOCOL).and_then(Subprotocol::new);
    match chosen {
        Some(name) if offer.subprotocols.contains(&name) => Ok(Agreed { subprotocol: Some(name) }),
        Some(_) | None => Err(HandshakeError::Subprotocol),
    }
}

/// Whether the handshake itself, or the HTTP machine for it, writes the field.
fn is_own(name: &FieldName) -> bool {
    let start = name.as_str().as_bytes().get(..OWN_START.len());
    [FieldName::HOST, FieldName::UPGRADE, FieldName::CONNECTION].contains(name)
        || start.is_some_and(|start| start.eq_ignore_ascii_case(OWN_START))
}

/// Whether the server switches to WebSocket and nothing else. RFC 6455 §4.1: a client takes no list.
fn is_websocket(upgrade: &[u8]) -> bool {
    upgrade.eq_ignore_ascii_case(WEBSOCKET.as_str().as_bytes())
}

/// How the names of the handshake's own fields begin.
const OWN_START: &[u8] = b"Sec-WebSocket-";
