//! The server's half: may this request become a WebSocket connection, and what is the answer?

use alloc::vec::Vec;

use thiserror::Error as ThisError;
use tidewire_http::{FieldName, FieldValue, Fields, RequestHead, Response, Version, is_token};

use super::{ACCEPT, EXTENSIONS, KEY, Key, Origins, PROTOCOL, Subprotocol, VERSION, VERSION_13};
use super::{WEBSOCKET, extension};

/// What a server lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The origins whose pages may connect. Default: those of the server's own host.
    pub origins: Origins,
    /// The subprotocols that the server speaks. Default: none. Of those that the client offers, the
    /// one that it names first is chosen; if there is none, the connection has no subprotocol, and
    /// the client decides what to make of that.
    pub subprotocols: Vec<Subprotocol>,
}

/// A request that may become a WebSocket connection.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The 101 to send. It goes to the HTTP machine's `upgrade`, which adds `Connection`.
    pub response: Response,
    /// The subprotocol that both sides speak from now on.
    pub subprotocol: Option<Subprotocol>,
}

/// Why a request must not become a WebSocket connection.
///
/// The connection is to be closed behind the [`response`](Self::response): the client may have sent
/// frames already, which must never be read as requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Refused {
    /// The method is not GET. RFC 6455 §4.1.
    #[error("client asked for a WebSocket with a method other than GET")]
    Method,
    /// The request does not ask for an upgrade to WebSocket, or asks in HTTP/1.0, where Upgrade has
    /// no meaning. RFC 6455 §4.2.1, RFC 9110 §7.8.
    #[error("client did not ask for a WebSocket")]
    NoUpgrade,
    /// A body follows the head, so where frames begin is open to doubt.
    #[error("client sent a body with the handshake")]
    Body,
    /// The version is missing or doubled. RFC 6455 §11.3.5.
    #[error("client did not name one version")]
    NoVersion,
    /// The version is not 13. RFC 6455 §4.4.
    #[error("client speaks another version")]
    Version,
    /// The key is missing, doubled or no base64 of 16 bytes. RFC 6455 §11.3.1.
    #[error("client did not send one valid key")]
    Key,
    /// The Origin is doubled. RFC 6454 §7.3.
    #[error("client sent more than one origin")]
    DoubleOrigin,
    /// The Origin is not one of [`Policy::origins`]. RFC 6455 §10.2.
    #[error("the client's page is from an origin that may not connect")]
    Origin,
    /// The subprotocols are no list of different tokens. RFC 6455 §11.3.4.
    #[error("client sent a malformed list of subprotocols")]
    Subprotocols,
    /// The extensions break their grammar. RFC 6455 §9.1.
    #[error("client sent a malformed list of extensions")]
    Extensions,
}

/// Judges a request; what comes out either way holds the response to send. RFC 6455 §4.2.
///
/// # Errors
///
/// The request breaks a rule of the handshake or of `policy`.
pub fn accept(head: &RequestHead, policy: &Policy) -> Result<Accepted, Refused> {
    let fields = head.fields();
    if head.method() != "GET" {
        return Err(Refused::Method);
    }
    if head.version() < Version::Http11
        || !fields.has_token("Connection", "upgrade")
        || !fields.has_token("Upgrade", "websocket")
    {
        return Err(Refused::NoUpgrade);
    }
    if has_body(fields) {
        return Err(Refused::Body);
    }
    match single(fields, &VERSION) {
        Some(b"13") => {}
        Some(_) => return Err(Refused::Version),
        None => return Err(Refused::NoVersion),
    }
    let key = single(fields, &KEY).and_then(Key::parse).ok_or(Refused::Key)?;
    check_origin(head, policy)?;
    let subprotocol = choose_subprotocol(fields, policy)?;
    if !fields.get_all(EXTENSIONS).all(extension::is_list) {
        return Err(Refused::Extensions);
    }
    let response =
        Response::new(101).field(FieldName::UPGRADE, WEBSOCKET).field(ACCEPT, key.accept());
    let response = match &subprotocol {
        Some(name) => response.field(PROTOCOL, name.to_value()),
        None => response,
    };
    Ok(Accepted { response, subprotocol })
}

impl Refused {
    /// The status that says so.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NoUpgrade
            | Self::Body
            | Self::NoVersion
            | Self::Key
            | Self::DoubleOrigin
            | Self::Subprotocols
            | Self::Extensions => 400,
            Self::Origin => 403,
            Self::Method => 405,
            Self::Version => 426,
        }
    }

    /// The response to send, without a body: a 405 names GET, a 426 names version 13.
    #[must_use]
    pub fn response(self) -> Response {
        let response = Response::new(self.status());
        match self {
            Self::Method => response.field(FieldName::ALLOW, FieldValue::from_static("GET")),
            // RFC 9110 §15.5.22 wants Upgrade in every 426.
            Self::Version => {
                response.field(FieldName::UPGRADE, WEBSOCKET).field(VERSION, VERSION_13)
            }
            Self::NoUpgrade
            | Self::Body
            | Self::NoVersion
            | Self::Key
            | Self::DoubleOrigin
            | Self::Origin
            | Self::Subprotocols
            | Self::Extensions => response,
        }
    }
}

fn has_body(fields: &Fields) -> bool {
    let is_zero = |value: &[u8]| value.iter().all(|&byte| byte == b'0');
    fields.get("Transfer-Encoding").is_some() || !fields.get_all("Content-Length").all(is_zero)
}

fn check_origin(head: &RequestHead, policy: &Policy) -> Result<(), Refused> {
    let mut origins = head.fields().get_all("Origin");
    match (origins.next(), origins.next()) {
        (None, _) => Ok(()),
        (Some(_), Some(_)) => Err(Refused::DoubleOrigin),
        (Some(origin), None) if policy.origins.allow(origin, head.host()) => Ok(()),
        (Some(_), None) => Err(Refused::Origin),
    }
}

fn choose_subprotocol(fields: &Fields, policy: &Policy) -> Result<Option<Subprotocol>, Refused> {
    let mut offered: Vec<&[u8]> = fields.get_all(PROTOCOL.as_str()).flat_map(members).collect();
    let ours =
        |name: &&[u8]| policy.subprotocols.iter().find(|own| own.as_str().as_bytes() == *name);
    let chosen = offered.iter().find_map(ours).cloned();
    let all_tokens = offered.iter().all(|name| is_token(name));
    offered.sort_unstable();
    if all_tokens && offered.windows(2).all(|pair| pair[0] != pair[1]) {
        Ok(chosen)
    } else {
        Err(Refused::Subprotocols)
    }
}

/// The members of a comma-separated list, empty ones included: an offer has none. RFC 6455 §11.3.4.
fn members(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// The value of a field that must stand there once.
pub(super) fn single<'h>(fields: &'h Fields, name: &FieldName) -> Option<&'h [u8]> {
    let mut values = fields.get_all(name.as_str());
    let value = values.next();
    value.filter(|_| values.next().is_none())
}
