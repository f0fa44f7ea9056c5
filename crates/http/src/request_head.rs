//! The head of a received request. Which body follows it, [`crate::framing`] tells.

use core::fmt;

use bytes::Bytes;

use crate::authority::is_authority;
use crate::config::ServerConfig;
use crate::scan::Scan;
use crate::span::Span;
use crate::syntax::{is_token, text};
use crate::target::Target;
use crate::{Error, Fields, Version};

/// The head of a received request: one buffer and a small index into it.
///
/// The buffer is a part of the inbox that the head came through, whose memory lives as long as the
/// head does: let go of it before a long wait.
///
/// It was checked whole: the method is a token, the target of a form that the method allows, the
/// Host field there once (in HTTP/1.0 it may be missing) and well formed.
///
/// ```
/// use tidewire_http::RequestHead;
///
/// let head = RequestHead::parse(b"GET http://b.example/p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n")?;
/// assert_eq!((head.method(), head.path(), head.query()), ("GET", "/p", Some("q=1")));
/// assert_eq!(head.host(), "b.example");
/// # Ok::<(), tidewire_http::Error>(())
/// ```
#[derive(Clone)]
pub struct RequestHead {
    fields: Fields,
    version: Version,
    method: Span,
    target: Span,
    /// Path and query. Empty if the target is an absolute form without both.
    origin: Span,
    host: Span,
}

impl RequestHead {
    /// Reads one whole head by the rules and default limits of a server.
    ///
    /// # Errors
    ///
    /// `bytes` is no valid head, more than one head, or less: [`Error::Incomplete`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        match Scan::head().find_end(bytes, &ServerConfig::default().limits())? {
            Some(end) if end == bytes.len() => Self::read(Bytes::copy_from_slice(bytes)),
            Some(_) => Err(Error::BadField),
            None => Err(Error::Incomplete),
        }
    }

    /// Reads a head whose end was found.
    pub(crate) fn read(head: Bytes) -> Result<Self, Error> {
        let line_end = memchr::memchr(b'\r', &head).unwrap_or(head.len());
        let (method, target, version) = parse_line(&head[..line_end])?;
        // A tunnel has no place here, so nobody reads the target of one.
        if method == b"CONNECT" {
            return Err(Error::UnknownMethod);
        }
        let Target { authority, origin } = Target::parse(method, target).ok_or(Error::BadTarget)?;
        let span = |part| Span::of(&head, part);
        let (method, target, origin) = (span(method), span(target), span(origin));
        let authority = authority.map(span);

        let fields = Fields::parse(head, line_end + 2)?;
        let mut hosts = fields.get_all("Host");
        let host = match (hosts.next(), hosts.next(), version) {
            (Some(host), None, _) if is_authority(host) => Span::of(fields.bytes(), host),
            (None, None, Version::Http10) => Span::default(),
            (Some(_) | None, _, _) => return Err(Error::BadHost),
        };
        drop(hosts);
        // RFC 9112 §3.2.2: the authority of an absolute-form target replaces the Host field.
        let host = authority.unwrap_or(host);
        Ok(Self { fields, version, method, target, origin, host })
    }

    /// The method, case-sensitive: `GET`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.text(self.method)
    }

    /// The target as it was sent: visible ASCII without `#`.
    #[must_use]
    pub fn target(&self) -> &str {
        self.text(self.target)
    }

    /// The path of the target, still percent-encoded: it begins with `/`, or is `*`.
    #[must_use]
    pub fn path(&self) -> &str {
        let origin = self.text(self.origin);
        match origin.split_once('?').map_or(origin, |(path, _)| path) {
            // RFC 9112 §3.2.4: without a path and a query, the server as a whole is meant.
            "" if origin.is_empty() && self.method() == "OPTIONS" => "*",
            "" => "/",
            path => path,
        }
    }

    /// The query of the target, behind the first `?`, still percent-encoded.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.text(self.origin).split_once('?').map(|(_, query)| query)
    }

    /// The version that the client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The field lines.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The host and port that the client means, without regard to the path: the authority of an
    /// absolute target, else the Host field. Empty if HTTP/1.0 came without both. RFC 9112 §3.2.2.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text(self.host)
    }

    fn text(&self, span: Span) -> &str {
        text(span.bytes(self.fields.bytes()))
    }
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method())
            .field("target", &self.target())
            .field("version", &self.version())
            .field("fields", &self.fields)
            .finish()
    }
}

/// Reads a request line. RFC 9112 §3.
fn parse_line(line: &[u8]) -> Result<(&[u8], &[u8], Version), Error> {
    let mut parts = line.split(|&byte| byte == b' ');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(method), Some(target), Some(version), None) if is_token(method) => {
            Ok((method, target, Version::parse(version)?))
        }
        _ => Err(Error::BadStartLine),
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn parse(line: &str) -> Result<RequestHead, Error> {
        RequestHead::parse(format!("{line}\r\nHost: a:80\r\n\r\n").as_bytes())
    }

    #[test]
    fn each_form_of_target_tells_path_query_and_host() {
        for (target, path, query, host) in [
            ("/", "/", None, "a:80"),
            ("/p/q?", "/p/q", Some(""), "a:80"),
            ("//x?a?b", "//x", Some("a?b"), "a:80"),
            ("http://b/p?q", "/p", Some("q"), "b"),
            ("HTTPS://B:1", "/", None, "B:1"),
            ("http://[::1]?q", "/", Some("q"), "[::1]"),
        ] {
            let head = parse(&format!("GET {target} HTTP/1.1")).unwrap();
            assert_eq!((head.target(), head.path(), head.query()), (target, path, query));
            assert_eq!(head.host(), host, "{target}");
        }
        let head = parse("OPTIONS * HTTP/1.1").unwrap();
        assert_eq!((head.method(), head.path(), head.query()), ("OPTIONS", "*", None));
    }

    #[test]
    fn options_of_an_absolute_target_without_path_and_query_mean_the_server() {
        for (target, path) in [("http://b", "*"), ("http://b?", "/"), ("http://b/", "/")] {
            let head = parse(&format!("OPTIONS {target} HTTP/1.1")).unwrap();
            assert_eq!(head.path(), path, "{target}");
        }
    }

    #[test]
    fn malformed_lines_are_refused() {
        for line in [
            "GET / HTTP/1.1 ",
            "GET /",
            "GET\t/ HTTP/1.1",
            " / HTTP/1.1",
            "G@T / HTTP/1.1",
            "GET / HTTP/1.1x",
            "GET / / HTTP/1.1",
        ] {
            assert_eq!(parse(line).err(), Some(Error::BadStartLine), "{line:?}");
        }
        assert_eq!(parse("CONNECT a:80 HTTP/1.1").err(), Some(Error::UnknownMethod));
    }

    #[test]
    fn only_http_1_0_may_lack_a_host() {
        assert_eq!(RequestHead::parse(b"GET / HTTP/1.0\r\n\r\n").unwrap().host(), "");
        assert_eq!(RequestHead::parse(b"GET / HTTP/1.1\r\n\r\n").err(), Some(Error::BadHost));
        let twice = b"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n";
        assert_eq!(RequestHead::parse(twice).err(), Some(Error::BadHost));
    }

    #[test]
    fn a_head_is_neither_more_nor_less_than_one() {
        assert_eq!(RequestHead::parse(b"GET / HTTP/1.0\r\n").err(), Some(Error::Incomplete));
        assert_eq!(RequestHead::parse(b"GET / HTTP/1.0\r\n\r\nx").err(), Some(Error::BadField));
    }
}
