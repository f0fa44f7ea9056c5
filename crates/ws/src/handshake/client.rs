//! The client's half: what to ask, and whether the answer agrees.

use alloc::vec::Vec;

use thiserror::Error as ThisError;
use tidewire_http::{FieldName, FieldValue, InvalidField, Request, ResponseHead, Version};

use super::lines::Lines;
use super::{ACCEPT, EXTENSIONS, KEY, Key, PROTOCOL, Subprotocol, VERSION, VERSION_13, WEBSOCKET};
#[cfg(feature = "deflate")]
use super::{deflate, extension};

/// What a client asks for beside the connection itself.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Offer {
    /// The subprotocols that the client speaks, the most wanted first; each is sent once. Default:
    /// none.
    pub subprotocols: Vec<Subprotocol>,
    /// How messages may be compressed, the most wanted first. Default: none, not at all. A server
    /// that can keep to none of the offers opens the connection without compression. RFC 7692 §5.
    #[cfg(feature = "deflate")]
    pub deflate: Vec<deflate::Parameters>,
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
    /// How messages are compressed, if they are; always as one of the offers allows.
    #[cfg(feature = "deflate")]
    pub deflate: Option<deflate::Agreement>,
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
    /// The response over HTTP/2 or HTTP/3 is malformed: its status is missing, doubled or 101, or a
    /// field may not stand there. Over HTTP/1.1 its reader tells. RFC 9113 §8.1.1.
    #[error("server sent a malformed response")]
    Malformed,
    /// The response does not switch to WebSocket, or not in HTTP/1.1. RFC 6455 §4.1.
    #[error("server did not upgrade to WebSocket")]
    NoUpgrade,
    /// The proof is missing, doubled or wrong. RFC 6455 §4.1.
    #[error("server did not prove that it understood the key")]
    Accept,
    /// The server chose an extension that was not offered, or several. RFC 6455 §4.1.
    #[error("server chose an extension that was not offered")]
    Extension,
    /// The server chose parameters for permessage-deflate that no offer allows. RFC 7692 §7.1.
    #[cfg(feature = "deflate")]
    #[error("server chose parameters of compression that were not offered")]
    Deflate,
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
    let request = Request::new("GET", target)?
        .field(FieldName::HOST, FieldValue::new(host)?)
        .field(FieldName::UPGRADE, WEBSOCKET)
        .field(VERSION, VERSION_13)
        .field(KEY, key.to_value());
    let lines = offer.lines()?;
    Ok(lines.into_iter().fold(request, |request, (name, value)| request.field(name, value)))
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
        || !fields.single(&FieldName::UPGRADE).is_some_and(is_websocket)
    {
        return Err(HandshakeError::NoUpgrade);
    }
    if fields.single(&ACCEPT) != Some(key.accept().as_str().as_bytes()) {
        return Err(HandshakeError::Accept);
    }
    offer.confirm(fields)
}

impl Offer {
    /// The fields that say what is offered, in any version of HTTP.
    pub(super) fn lines(&self) -> Result<Vec<(FieldName, FieldValue)>, InvalidField> {
        let mut lines = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for name in self.subprotocols.iter().map(Subprotocol::as_str) {
            // RFC 6455 §4.1: all different.
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if !names.is_empty() {
            lines.push((PROTOCOL, FieldValue::new(names.join(", "))?));
        }
        #[cfg(feature = "deflate")]
        if !self.deflate.is_empty() {
            lines.push((EXTENSIONS, deflate::to_list(&self.deflate)));
        }
        if self.fields.iter().any(|(name, _)| is_own(name)) {
            return Err(InvalidField);
        }
        lines.extend(self.fields.iter().cloned());
        Ok(lines)
    }

    /// What the fields of a response agree to, in any version of HTTP.
    pub(super) fn confirm(&self, lines: &impl Lines) -> Result<Agreed, HandshakeError> {
        let subprotocol = self.confirm_subprotocol(lines)?;
        #[cfg(not(feature = "deflate"))]
        if lines.has(&EXTENSIONS) {
            return Err(HandshakeError::Extension);
        }
        Ok(Agreed {
            subprotocol,
            #[cfg(feature = "deflate")]
            deflate: self.confirm_deflate(lines)?,
        })
    }

    fn confirm_subprotocol(
        &self,
        lines: &impl Lines,
    ) -> Result<Option<Subprotocol>, HandshakeError> {
        if !lines.has(&PROTOCOL) {
            return Ok(None);
        }
        match lines.single(&PROTOCOL).and_then(Subprotocol::new) {
            Some(name) if self.subprotocols.contains(&name) => Ok(Some(name)),
            Some(_) | None => Err(HandshakeError::Subprotocol),
        }
    }

    #[cfg(feature = "deflate")]
    fn confirm_deflate(
        &self,
        lines: &impl Lines,
    ) -> Result<Option<deflate::Agreement>, HandshakeError> {
        if !lines.has(&EXTENSIONS) {
            return Ok(None);
        }
        if !lines.values(&EXTENSIONS).all(|list| extension::is_list(list.iter().copied())) {
            return Err(HandshakeError::Extension);
        }
        let chosen: Vec<_> = lines.values(&EXTENSIONS).flat_map(extension::members).collect();
        match chosen.as_slice() {
            [one] if one.name() == deflate::NAME && !self.deflate.is_empty() => {
                deflate::confirm(*one, &self.deflate).map(Some).ok_or(HandshakeError::Deflate)
            }
            _ => Err(HandshakeError::Extension),
        }
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
