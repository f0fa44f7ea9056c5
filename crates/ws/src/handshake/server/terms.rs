//! What a request asks of the WebSocket connection itself, in any version of HTTP, and what it gets.

use alloc::vec::Vec;

use tidewire_http::{FieldName, FieldValue, is_token};

use super::{Policy, Refused};
#[cfg(feature = "deflate")]
use crate::handshake::deflate;
use crate::handshake::lines::Lines;
use crate::handshake::{EXTENSIONS, PROTOCOL, Subprotocol, VERSION, extension};

/// What client and server agree on, and the fields that say so.
pub(in crate::handshake) struct Terms {
    pub(in crate::handshake) subprotocol: Option<Subprotocol>,
    #[cfg(feature = "deflate")]
    pub(in crate::handshake) deflate: Option<deflate::Agreement>,
    pub(in crate::handshake) fields: Vec<(FieldName, FieldValue)>,
}

/// Checks the version.
pub(in crate::handshake) fn check_version(lines: &impl Lines) -> Result<(), Refused> {
    match lines.single(&VERSION) {
        Some(b"13") => Ok(()),
        Some(_) => Err(Refused::Version),
        None => Err(Refused::NoVersion),
    }
}

/// Checks the origin, and chooses among what the client offers to the host.
pub(in crate::handshake) fn agree(
    lines: &impl Lines,
    host: &str,
    policy: &Policy,
) -> Result<Terms, Refused> {
    check_origin(lines, host, policy)?;
    let subprotocol = choose_subprotocol(lines, policy)?;
    if !lines.values(&EXTENSIONS).all(|list| extension::is_list(list.iter().copied())) {
        return Err(Refused::Extensions);
    }
    let mut fields = Vec::new();
    fields.extend(subprotocol.as_ref().map(|name| (PROTOCOL, name.to_value())));
    #[cfg(feature = "deflate")]
    let deflate = policy.deflate.and_then(|policy| {
        let (response, agreement) = deflate::choose(lines.values(&EXTENSIONS), policy)?;
        fields.push((EXTENSIONS, response));
        Some(agreement)
    });
    Ok(Terms {
        subprotocol,
        #[cfg(feature = "deflate")]
        deflate,
        fields,
    })
}

fn check_origin(lines: &impl Lines, host: &str, policy: &Policy) -> Result<(), Refused> {
    if !lines.has(&FieldName::ORIGIN) {
        return Ok(());
    }
    match lines.single(&FieldName::ORIGIN) {
        Some(origin) if policy.origins.allow(origin, host) => Ok(()),
        Some(_) => Err(Refused::Origin),
        None => Err(Refused::DoubleOrigin),
    }
}

fn choose_subprotocol(lines: &impl Lines, policy: &Policy) -> Result<Option<Subprotocol>, Refused> {
    let mut offered: Vec<&[u8]> = lines.values(&PROTOCOL).flat_map(members).collect();
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
