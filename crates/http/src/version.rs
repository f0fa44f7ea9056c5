//! The two versions that are spoken. What a version changes is decided where it matters.

use crate::Error;

/// The version that a peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// HTTP/1.0: no transfer codings, no interim responses, and here one request a connection.
    Http10,
    /// HTTP/1.1, and any higher minor version: it must be readable as 1.1. RFC 9110 §2.5.
    Http11,
}

impl Version {
    /// Reads an `HTTP-version`. RFC 9112 §2.3.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        match bytes {
            b"HTTP/1.0" => Ok(Self::Http10),
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => Ok(Self::Http11),
            [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', b'0'..=b'9'] => {
                Err(Error::UnsupportedVersion { major: *major - b'0' })
            }
            _ => Err(Error::BadStartLine),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_minor_version_reads_as_the_highest_known() {
        assert_eq!(Version::parse(b"HTTP/1.0"), Ok(Version::Http10));
        assert_eq!(Version::parse(b"HTTP/1.1"), Ok(Version::Http11));
        assert_eq!(Version::parse(b"HTTP/1.9"), Ok(Version::Http11));
    }

    #[test]
    fn another_major_version_is_told_from_a_malformed_one() {
        assert_eq!(Version::parse(b"HTTP/2.0"), Err(Error::UnsupportedVersion { major: 2 }));
        assert_eq!(Version::parse(b"HTTP/0.9"), Err(Error::UnsupportedVersion { major: 0 }));
        for bad in ["HTTP/1", "HTTP/1.", "HTTP/1.10", "http/1.1", "HTTP/1.1 ", "HTTP/x.1", ""] {
            assert_eq!(Version::parse(bad.as_bytes()), Err(Error::BadStartLine), "{bad}");
        }
    }
}
