//! A received field list, by the rules that HTTP/2 and HTTP/3 share for every message. What the
//! fields mean is told elsewhere.

use alloc::string::String;
use alloc::vec::Vec;

use tidewire_http::{FieldName, FieldValue, is_token};

use crate::handshake::lines::Lines;

/// The fields of a message: those whose name begins with a colon, and behind them the others.
///
/// RFC 9113 §8.2–8.3, RFC 9114 §4.2–4.3.
pub(super) struct Head<'h> {
    pseudo: Vec<Line<'h>>,
    fields: Vec<Line<'h>>,
}

type Line<'h> = (&'h [u8], &'h [u8]);

impl<'h> Head<'h> {
    /// Reads all fields of a message; `None` if it is malformed.
    ///
    /// That its pseudo-fields are those that it may have, [`has_only`](Self::has_only) tells.
    pub(super) fn read<N, V>(lines: impl IntoIterator<Item = (&'h N, &'h V)>) -> Option<Self>
    where
        N: AsRef<[u8]> + ?Sized + 'h,
        V: AsRef<[u8]> + ?Sized + 'h,
    {
        let mut head = Self { pseudo: Vec::new(), fields: Vec::new() };
        for (name, value) in lines {
            let (name, value) = (name.as_ref(), value.as_ref());
            match name {
                [b':', name @ ..] if head.fields.is_empty() && !is_listed(name, &head.pseudo) => {
                    head.pseudo.push((name, value));
                }
                name if is_name(name) && !is_connection_specific(name, value) => {
                    head.fields.push((name, value));
                }
                _ => return None,
            }
            if !is_value(value) {
                return None;
            }
        }
        Some(head)
    }

    /// The value of a pseudo-field, which is named without its colon.
    pub(super) fn pseudo(&self, name: &str) -> Option<&'h [u8]> {
        let is_named = |line: &&Line<'h>| line.0 == name.as_bytes();
        self.pseudo.iter().find(is_named).map(|&(_, value)| value)
    }

    /// Whether there is no pseudo-field beside these.
    pub(super) fn has_only(&self, names: &[&str]) -> bool {
        let is_known = |(name, _): &Line<'h>| names.iter().any(|known| known.as_bytes() == *name);
        self.pseudo.iter().all(is_known)
    }
}

impl Lines for Head<'_> {
    fn values(&self, name: &FieldName) -> impl Iterator<Item = &[u8]> {
        let name = name.as_str();
        let is_named = |(given, _): &&Line<'_>| given.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(is_named).map(|&(_, value)| value)
    }
}

/// No pseudo-field may come twice.
fn is_listed(name: &[u8], lines: &[Line<'_>]) -> bool {
    lines.iter().any(|(given, _)| *given == name)
}

/// Names are lower-case.
fn is_name(name: &[u8]) -> bool {
    is_token(name) && !name.iter().any(u8::is_ascii_uppercase)
}

/// Values hold nothing that could end a line in HTTP/1.1, and no blank at either end.
fn is_value(value: &[u8]) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    !value.iter().any(|byte| matches!(byte, b'\0' | b'\r' | b'\n'))
        && !is_blank(value.first())
        && !is_blank(value.last())
}

/// A field to send, named as HTTP/2 and HTTP/3 want it. RFC 9113 §8.2.
pub(super) fn lower((name, value): (FieldName, FieldValue)) -> (String, FieldValue) {
    (name.as_str().to_ascii_lowercase(), value)
}

/// Whether this may be a `:path`. RFC 9113 §8.3.1.
pub(super) fn is_path(path: &[u8]) -> bool {
    path.starts_with(b"/") && path.iter().all(|&byte| byte.is_ascii_graphic() && byte != b'#')
}

/// Whether this may be an `:authority` that names a host, without userinfo. RFC 9113 §8.3.1.
pub(super) fn is_authority(authority: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
    authority.first().is_some_and(|&byte| byte != b':') && authority.iter().all(is_part)
}

/// Whether the field is about an HTTP/1.1 connection. RFC 9113 §8.2.2.
pub(super) fn is_connection_specific(name: &[u8], value: &[u8]) -> bool {
    CONNECTION_SPECIFIC.contains(&name) || (name == b"te" && value != b"trailers")
}

const CONNECTION_SPECIFIC: [&[u8]; 5] =
    [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];
