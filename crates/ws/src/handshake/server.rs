//! The server's half: may this request become a WebSocket connection, and what is the answer?

mod policy;
mod refused;
pub(super) mod terms;

pub use policy::Policy;
pub use refused::Refused;

use tidewire_http::{FieldName, Fields, RequestHead, Response, Version};

#[cfg(feature = "deflate")]
use super::deflate;
use super::lines::Lines;
use super::{ACCEPT, KEY, Key, Subprotocol, WEBSOCKET};

/// A request that may become a WebSocket connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Accepted {
    /// The 101 to send. It goes to the HTTP machine's `upgrade`, which adds `Connection`.
    pub response: Response,
    /// The subprotocol that both sides speak from now on.
    pub subprotocol: Option<Subprotocol>,
    /// How messages are compressed, if they are.
    #[cfg(feature = "deflate")]
    pub deflate: Option<deflate::Agreement>,
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
    // The HTTP machine takes a Host field without a host, as URIs of other schemes may have none.
    if head.host().is_empty() || head.host().starts_with(':') {
        return Err(Refused::NoHost);
    }
    terms::check_version(fields)?;
    let key = fields.single(&KEY).and_then(Key::parse).ok_or(Refused::Key)?;
    let terms = terms::agree(fields, head.host(), policy)?;
    let response =
        Response::new(101).field(FieldName::UPGRADE, WEBSOCKET).field(ACCEPT, key.accept());
    Ok(Accepted {
        response: terms
            .fields
            .into_iter()
            .fold(response, |response, (name, value)| response.field(name, value)),
        subprotocol: terms.subprotocol,
        #[cfg(feature = "deflate")]
        deflate: terms.deflate,
    })
}

fn has_body(fields: &Fields) -> bool {
    let is_zero = |value: &[u8]| value.iter().all(|&byte| byte == b'0');
    fields.get("Transfer-Encoding").is_some() || !fields.get_all("Content-Length").all(is_zero)
}
