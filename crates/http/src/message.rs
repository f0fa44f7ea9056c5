//! What is to be sent: a request or response head, and which body follows it. How both become
//! bytes, [`crate::write`] tells.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::syntax::is_token;
use crate::target::Target;
use crate::{FieldName, FieldValue, InvalidField};

/// A request to send.
///
/// The machine itself writes the fields that frame the body and manage the connection:
/// Content-Length, Transfer-Encoding, Connection and Keep-Alive. A request with an Upgrade field
/// asks to switch protocols, and the machine adds the `Connection: Upgrade` that belongs to it.
/// Host is the caller's to give.
///
/// ```
/// use tidewire_http::{FieldName, FieldValue, Request};
///
/// let request = Request::new("GET", "/events?after=now")?
///     .field(FieldName::HOST, FieldValue::from_static("a.example"));
/// assert_eq!(request.method(), "GET");
/// # Ok::<(), tidewire_http::InvalidField>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    target: String,
    fields: Vec<(FieldName, FieldValue)>,
}

/// A response to send.
///
/// The machine itself writes the fields that frame the body and manage the connection:
/// Content-Length, Transfer-Encoding, Connection and Keep-Alive. An Upgrade field belongs to a
/// response that switches protocols, or to a 426. Date is the caller's to give.
///
/// ```
/// use tidewire_http::{FieldName, FieldValue, Response};
///
/// let response = Response::new(429).field(FieldName::RETRY_AFTER, FieldValue::from(5));
/// assert_eq!(response.get(&FieldName::RETRY_AFTER).map(FieldValue::as_str), Some("5"));
/// ```
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    fields: Vec<(FieldName, FieldValue)>,
}

/// Which body follows a head.
///
/// A clone is cheap and shares the bytes: whoever may have to give a command again keeps one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// This one, whole. It is not copied unless it is short.
    Full(Bytes),
    /// One of this many bytes, which will be sent in pieces.
    Sized(u64),
    /// One of unknown length, which will be sent in pieces: chunked, or to an HTTP/1.0 client up to
    /// the end of the connection.
    Stream,
}

impl Request {
    /// A request without fields.
    ///
    /// # Errors
    ///
    /// `method` is no token, or CONNECT, which opens a tunnel; or `target` is neither a path with
    /// or without query, nor an `http` or `https` URI without userinfo, nor the `*` of OPTIONS. A
    /// fragment is no part of it.
    pub fn new(method: &str, target: &str) -> Result<Self, InvalidField> {
        let is_method = is_token(method.as_bytes()) && method != "CONNECT";
        if !is_method || Target::parse(method.as_bytes(), target.as_bytes()).is_none() {
            return Err(InvalidField);
        }
        Ok(Self { method: method.to_owned(), target: target.to_owned(), fields: Vec::new() })
    }

    /// Adds a field line.
    #[must_use]
    pub fn field(mut self, name: FieldName, value: FieldValue) -> Self {
        self.fields.push((name, value));
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The target.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The fields that the caller added, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&FieldName, &FieldValue)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// The value of the first field of this name.
    #[must_use]
    pub fn get(&self, name: &FieldName) -> Option<&FieldValue> {
        self.fields().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    pub(crate) fn list(&self) -> &[(FieldName, FieldValue)] {
        &self.fields
    }
}

impl Response {
    /// A response without fields. Its reason phrase is the registered one.
    ///
    /// Which statuses may be sent depends on the command that sends it.
    #[must_use]
    pub const fn new(status: u16) -> Self {
        Self { status, fields: Vec::new() }
    }

    /// Adds a field line.
    #[must_use]
    pub fn field(mut self, name: FieldName, value: FieldValue) -> Self {
        self.fields.push((name, value));
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The fields that the caller added, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&FieldName, &FieldValue)> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// The value of the first field of this name.
    #[must_use]
    pub fn get(&self, name: &FieldName) -> Option<&FieldValue> {
        self.fields().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    pub(crate) fn list(&self) -> &[(FieldName, FieldValue)] {
        &self.fields
    }
}

impl Body {
    /// How many bytes of it leave together with the head.
    pub(crate) fn len_at_once(&self) -> usize {
        match self {
            Self::Full(bytes) => bytes.len(),
            Self::Empty | Self::Sized(_) | Self::Stream => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_line_cannot_be_broken_out_of() {
        for (method, target) in [
            ("", "/"),
            ("G T", "/"),
            ("GET\r\n", "/"),
            ("CONNECT", "a:80"),
            ("GET", ""),
            ("GET", "/a b"),
            ("GET", "/\r\nHost: evil"),
            ("GET", "/#f"),
            ("GET", "p"),
            ("GET", "*"),
            ("GET", "/\u{e9}"),
        ] {
            assert!(Request::new(method, target).is_err(), "{method:?} {target:?}");
        }
    }
}
