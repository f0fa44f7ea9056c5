//! The server's half: may this CONNECT become a WebSocket connection, and what is the answer?

mod refused;

pub use refused::Refused;

use alloc::string::String;
use alloc::vec::Vec;

use tidewire_http::{FieldName, FieldValue};

use super::head::{Head, is_authority, is_path, lower};
use crate::handshake::Subprotocol;
#[cfg(feature = "deflate")]
use crate::handshake::deflate;
use crate::handshake::lines::Lines;
use crate::handshake::server::{self, Policy, terms};

/// A CONNECT that may become a WebSocket connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Accepted {
    /// The fields of the response to send, `:status` 200 first. More may be added behind them. The
    /// stream stays open.
    pub fields: Vec<(String, FieldValue)>,
    /// The subprotocol that both sides speak from now on.
    pub subprotocol: Option<Subprotocol>,
    /// How messages are compressed, if they are.
    #[cfg(feature = "deflate")]
    pub deflate: Option<deflate::Agreement>,
}

/// Judges all fields of a request, pseudo-fields first, as they came. RFC 8441 §4–§5, RFC 9220 §3.
///
/// The response goes out behind it either way; unless the request was accepted, with END_STREAM.
///
/// # Errors
///
/// The request breaks a rule of the handshake or of `policy`.
pub fn accept<'h, N, V>(
    request: impl IntoIterator<Item = (&'h N, &'h V)>,
    policy: &Policy,
) -> Result<Accepted, Refused>
where
    N: AsRef<[u8]> + ?Sized + 'h,
    V: AsRef<[u8]> + ?Sized + 'h,
{
    let head = Head::read(request).ok_or(Refused::Malformed)?;
    let authority = check_target(&head)?;
    // RFC 9113 §8.1.1: what follows are frames of WebSocket, whose length nobody knows.
    if head.has(&FieldName::CONTENT_LENGTH) {
        return Err(server::Refused::Body.into());
    }
    terms::check_version(&head)?;
    let terms = terms::agree(&head, authority, policy)?;
    let mut fields = alloc::vec![(String::from(":status"), FieldValue::from_static("200"))];
    fields.extend(terms.fields.into_iter().map(lower));
    Ok(Accepted {
        fields,
        subprotocol: terms.subprotocol,
        #[cfg(feature = "deflate")]
        deflate: terms.deflate,
    })
}

/// Checks that the request is a CONNECT for a WebSocket; returns the host that it names.
fn check_target<'h>(head: &Head<'h>) -> Result<&'h str, Refused> {
    if !head.has_only(&["method", "protocol", "scheme", "path", "authority"]) {
        return Err(Refused::Malformed);
    }
    match (head.pseudo("method"), head.pseudo("protocol")) {
        (Some(b"CONNECT"), Some(b"websocket")) => {}
        (Some(b"CONNECT"), Some(_)) => return Err(Refused::Protocol),
        // RFC 8441 §4: only a CONNECT has a protocol.
        (None | Some(b"CONNECT"), None) | (_, Some(_)) => return Err(Refused::Malformed),
        (Some(_), None) => return Err(Refused::Method),
    }
    let is_web = |scheme: &[u8]| {
        scheme.eq_ignore_ascii_case(b"https") || scheme.eq_ignore_ascii_case(b"http")
    };
    let authority = head.pseudo("authority").filter(|authority| is_authority(authority));
    match (head.pseudo("scheme"), head.pseudo("path"), authority) {
        (Some(scheme), Some(path), Some(authority))
            // RFC 9114 §4.3.1: a Host field repeats the authority, if it is there at all.
            if is_web(scheme) && is_path(path) && head.values(&FieldName::HOST).all(|host| {
                host.eq_ignore_ascii_case(authority)
            }) =>
        {
            core::str::from_utf8(authority).map_err(|_| Refused::Malformed)
        }
        _ => Err(Refused::Malformed),
    }
}
