//! The client's half: what to ask, and whether the answer agrees.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use tidewire_http::{FieldName, FieldValue, InvalidField};

use super::head::{Head, is_authority, is_connection_specific, is_path, lower};
use crate::handshake::client::{Agreed, HandshakeError, Offer};
use crate::handshake::{VERSION, VERSION_13, WEBSOCKET};

/// What the HTTP connection is protected with. RFC 8441 §5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Nothing: for `ws` URIs.
    Http,
    /// TLS: for `wss` URIs.
    Https,
}

/// The fields of the CONNECT that asks for a connection at `path` of `authority`, pseudo-fields
/// first, names in lower case. RFC 8441 §5, RFC 9220 §3.
///
/// `path` includes the query; `authority` is the host, with the port if that is not the scheme's
/// own. The stream stays open. Only for a server whose [`ExtendedConnect`](super::ExtendedConnect)
/// is on.
///
/// # Errors
///
/// `path` or `authority` is none, or a field of `offer` is one of the handshake's own or about an
/// HTTP/1.1 connection.
pub fn request(
    path: &str,
    authority: &str,
    scheme: Scheme,
    offer: &Offer,
) -> Result<Vec<(String, FieldValue)>, InvalidField> {
    if !is_path(path.as_bytes()) || !is_authority(authority.as_bytes()) {
        return Err(InvalidField);
    }
    let scheme = match scheme {
        Scheme::Http => FieldValue::from_static("http"),
        Scheme::Https => FieldValue::from_static("https"),
    };
    let mut request = vec![
        (String::from(":method"), FieldValue::from_static("CONNECT")),
        (String::from(":protocol"), WEBSOCKET),
        (String::from(":scheme"), scheme),
        (String::from(":path"), FieldValue::new(path)?),
        (String::from(":authority"), FieldValue::new(authority)?),
        lower((VERSION, VERSION_13)),
    ];
    for line in offer.lines()? {
        let (name, value) = lower(line);
        if is_connection_specific(name.as_bytes(), value.as_str().as_bytes())
            || name.eq_ignore_ascii_case(FieldName::CONTENT_LENGTH.as_str())
        {
            return Err(InvalidField);
        }
        request.push((name, value));
    }
    Ok(request)
}

/// Judges all fields of the final response to a request that was made of `offer`, `:status` first,
/// as they came. RFC 8441 §5.1.
///
/// Interim responses are to be passed over.
///
/// # Errors
///
/// There is no connection. Unless the server answered in plain HTTP, the stream is to be reset.
pub fn verify<'h, N, V>(
    response: impl IntoIterator<Item = (&'h N, &'h V)>,
    offer: &Offer,
) -> Result<Agreed, HandshakeError>
where
    N: AsRef<[u8]> + ?Sized + 'h,
    V: AsRef<[u8]> + ?Sized + 'h,
{
    let head = Head::read(response).filter(|head| head.has_only(&["status"]));
    let head = head.ok_or(HandshakeError::Malformed)?;
    match head.pseudo("status").and_then(read_status) {
        // RFC 9113 §8.6: there is no switch of protocols here.
        None | Some(101) => Err(HandshakeError::Malformed),
        Some(200..=299) => offer.confirm(&head),
        Some(status) => Err(HandshakeError::Status { status }),
    }
}

/// The number in three digits.
fn read_status(value: &[u8]) -> Option<u16> {
    match value {
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
            Some(value.iter().fold(0, |status, digit| status * 10 + u16::from(digit - b'0')))
        }
        _ => None,
    }
}
