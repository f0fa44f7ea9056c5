//! The server's half: may this request become a WebSocket connection, and what is the answer?

mod policy;
mod refused;
pub(super) mod terms;

pub use policy::Policy;
pub use refused::Refused;

use tidewire_core::{Instant, Outbox};
use tidewire_http::{Body, FieldName, Fields, RequestHead, Response, SendError, Server, Version};

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

/// Judges a request and sends the response to it, whatever it is, through the HTTP machine that
/// received it. `None` if it was refused: the connection then ends behind the response.
///
/// # Errors
///
/// No request waits for its response.
pub fn answer(
    head: &RequestHead,
    policy: &Policy,
    http: &mut Server,
    outbox: &mut Outbox,
    now: Instant,
) -> Result<Option<Accepted>, SendError> {
    match accept(head, policy) {
        Ok(accepted) => http.upgrade(&accepted.response, outbox).map(|()| Some(accepted)),
        Err(refused) => {
            // What follows a refused upgrade may be frames; it must never be read as requests.
            http.close(outbox);
            http.respond(&refused.response(), Body::Empty, outbox, now).map(|_| None)
        }
    }
}

fn has_body(fields: &Fields) -> bool {
    let is_zero = |value: &[u8]| value.iter().all(|&byte| byte == b'0');
    fields.get("Transfer-Encoding").is_some() || !fields.get_all("Content-Length").all(is_zero)
}
