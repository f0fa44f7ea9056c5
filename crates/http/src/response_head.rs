//! The head of a received response. Which body follows it, [`crate::framing`] tells.

use core::fmt;

use bytes::BytesMut;

use crate::config::ClientConfig;
use crate::scan::{Scan, unfold};
use crate::span::Span;
use crate::{Error, Fields, Version};

/// The head of a received response: one buffer and a small index into it.
///
/// The buffer is a part of the inbox that the head came through, whose memory lives as long as the
/// head does: let go of it before a long wait.
///
/// ```
/// use tidewire_http::ResponseHead;
///
/// let head = ResponseHead::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
/// assert_eq!((head.status(), head.reason()), (200, &b"OK"[..]));
/// # Ok::<(), tidewire_http::Error>(())
/// ```
#[derive(Clone)]
pub struct ResponseHead {
    fields: Fields,
    version: Version,
    status: u16,
    reason: Span,
}

impl ResponseHead {
    /// Reads one whole head by the rules and default limits of a client.
    ///
    /// # Errors
    ///
    /// `bytes` is no valid head, more than one head, or less: [`Error::Incomplete`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        match Scan::head().find_end(bytes, &ClientConfig::default().limits())? {
            Some(end) if end == bytes.len() => Self::read(BytesMut::from(bytes)),
            Some(_) => Err(Error::BadField),
            None => Err(Error::Incomplete),
        }
    }

    /// Reads a head whose end was found.
    pub(crate) fn read(mut head: BytesMut) -> Result<Self, Error> {
        let line_end = memchr::memchr(b'\r', &head).unwrap_or(head.len());
        let (version, status, reason) = parse_line(&head[..line_end])?;
        let reason = Span::of(&head, reason);
        unfold(&mut head, line_end + 2);
        let fields = Fields::parse(head.freeze(), line_end + 2)?;
        Ok(Self { fields, version, status, reason })
    }

    /// The status, from 100 to 599.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase. It may be empty and means nothing. RFC 9112 §4.
    #[must_use]
    pub fn reason(&self) -> &[u8] {
        self.reason.bytes(self.fields.bytes())
    }

    /// The version that the server speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The field lines.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }
}

impl fmt::Debug for ResponseHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseHead")
            .field("version", &self.version())
            .field("status", &self.status())
            .field("fields", &self.fields)
            .finish()
    }
}

/// Reads a status line. RFC 9112 §4.
fn parse_line(line: &[u8]) -> Result<(Version, u16, &[u8]), Error> {
    let (version, rest) = line.split_at_checked(8).ok_or(Error::BadStartLine)?;
    let version = Version::parse(version)?;
    match rest {
        [b' ', b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ', reason @ ..] => {
            let add_digit = |status, digit: &u8| status * 10 + u16::from(digit - b'0');
            Ok((version, rest[1..4].iter().fold(0, add_digit), reason))
        }
        _ => Err(Error::BadStartLine),
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn parse(line: &str) -> Result<ResponseHead, Error> {
        ResponseHead::parse(format!("{line}\r\n\r\n").as_bytes())
    }

    #[test]
    fn status_lines_tell_version_status_and_reason() {
        let head = parse("HTTP/1.0 599 so \u{e9} it goes").unwrap();
        assert_eq!((head.version(), head.status()), (Version::Http10, 599));
        assert_eq!(head.reason(), "so \u{e9} it goes".as_bytes());
        assert_eq!(parse("HTTP/1.1 100 ").unwrap().reason(), b"");
    }

    #[test]
    fn malformed_lines_are_refused() {
        for line in [
            "HTTP/1.1 2000 OK",
            "HTTP/1.1 099 X",
            "HTTP/1.1 600 X",
            "HTTP/1.1 2OO OK",
            "HTTP/1.1 200",
            "HTTP/1.1  200 OK",
            "HTTP/1.1",
            "ICY 200 OK",
        ] {
            assert_eq!(parse(line).err(), Some(Error::BadStartLine), "{line:?}");
        }
        assert_eq!(parse("HTTP/2.0 200 OK").err(), Some(Error::UnsupportedVersion { major: 2 }));
    }

    #[test]
    fn a_folded_field_reads_as_one_line() {
        let head =
            ResponseHead::parse(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\tc\r\nY: d\r\n\r\n").unwrap();
        assert_eq!(head.fields().get("x"), Some(&b"a   b   c"[..]));
        assert_eq!(head.fields().get("y"), Some(&b"d"[..]));
        let leading = ResponseHead::parse(b"HTTP/1.1 200 OK\r\n X: a\r\n\r\n");
        assert_eq!(leading.err(), Some(Error::BadField));
    }
}
