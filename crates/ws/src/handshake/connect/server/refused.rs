//! Why a CONNECT is refused, and the fields that say so.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use thiserror::Error as ThisError;
use tidewire_http::{FieldName, FieldValue};

use crate::handshake::connect::head::lower;
use crate::handshake::server;
use crate::handshake::{VERSION, VERSION_13};

/// Why a CONNECT must not become a WebSocket connection.
///
/// The stream is to be ended with the response. Other streams of its connection go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Refused {
    /// A pseudo-field is missing, doubled, unknown, behind another field, or no good value; a name
    /// is not lower-case; a value has a line end or an outer blank; a field is about an HTTP/1.1
    /// connection; or the Host field contradicts `:authority`. RFC 9113 §8.1.1 and RFC 9114 §4.1.2
    /// allow a stream error, too.
    #[error("client sent a malformed request")]
    Malformed,
    /// The method is not CONNECT. RFC 8441 §4.
    #[error("client asked with a method other than CONNECT")]
    Method,
    /// The CONNECT is for another protocol than WebSocket. RFC 9220 §3.
    #[error("client asked for a protocol other than WebSocket")]
    Protocol,
    /// The request breaks a rule that the handshake has in any version of HTTP: about its body,
    /// version, origin, subprotocols or extensions.
    #[error(transparent)]
    Handshake(#[from] server::Refused),
}

impl Refused {
    /// The status that says so.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            // RFC 9110 §15.5.22 wants Upgrade in a 426, and RFC 9113 §8.2.2 forbids it.
            Self::Malformed | Self::Handshake(server::Refused::Version) => 400,
            Self::Method => 405,
            Self::Protocol => 501,
            Self::Handshake(refused) => refused.status(),
        }
    }

    /// The fields of the response to send, `:status` first: a 405 names CONNECT, and who speaks
    /// another version is told version 13. More may be added behind them.
    #[must_use]
    pub fn fields(self) -> Vec<(String, FieldValue)> {
        let status = FieldValue::from(u64::from(self.status()));
        let mut fields = vec![(String::from(":status"), status)];
        match self {
            Self::Method => {
                fields.push(lower((FieldName::ALLOW, FieldValue::from_static("CONNECT"))));
            }
            Self::Handshake(server::Refused::Version) => fields.push(lower((VERSION, VERSION_13))),
            Self::Malformed | Self::Protocol | Self::Handshake(_) => {}
        }
        fields
    }
}
