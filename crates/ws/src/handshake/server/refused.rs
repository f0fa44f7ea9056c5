//! Why a request is refused, and the response that says so.

use thiserror::Error as ThisError;
use tidewire_http::{FieldName, FieldValue, Response};

use crate::handshake::{VERSION, VERSION_13, WEBSOCKET};

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
    /// The request names no host. RFC 6455 §4.2.1.
    #[error("client did not name a host")]
    NoHost,
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
    /// The Origin is not one of [`Policy::origins`](super::Policy::origins). RFC 6455 §10.2.
    #[error("the client's page is from an origin that may not connect")]
    Origin,
    /// The subprotocols are no list of different tokens. RFC 6455 §11.3.4.
    #[error("client sent a malformed list of subprotocols")]
    Subprotocols,
    /// The extensions break their grammar. RFC 6455 §9.1.
    #[error("client sent a malformed list of extensions")]
    Extensions,
}

impl Refused {
    /// The status that says so.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NoUpgrade
            | Self::Body
            | Self::NoHost
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
            | Self::NoHost
            | Self::NoVersion
            | Self::Key
            | Self::DoubleOrigin
            | Self::Origin
            | Self::Subprotocols
            | Self::Extensions => response,
        }
    }
}
