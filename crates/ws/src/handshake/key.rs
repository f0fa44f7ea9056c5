//! The key with which a client asks and the server proves that it understood. Where they stand in a
//! head is not known here.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use tidewire_core::Entropy;
use tidewire_http::FieldValue;

/// A handshake's key: 16 random bytes in base64. RFC 6455 §4.1.
///
/// It is no secret. It keeps caches and confused servers from answering by accident.
///
/// ```
/// use tidewire_ws::handshake::Key;
///
/// let key = Key::parse(b"dGhlIHNhbXBsZSBub25jZQ==").expect("the RFC's own");
/// assert_eq!(key.accept().as_str(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; KEY_LEN]);

impl Key {
    /// A fresh key. Each handshake needs its own.
    #[must_use]
    pub fn new(entropy: &mut Entropy) -> Self {
        let mut text = [0; KEY_LEN];
        encode(entropy.bytes::<NONCE_LEN>(), &mut text);
        Self(text)
    }

    /// The key in a received field, if it is the base64 of 16 bytes, in its one canonical form.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = <[u8; KEY_LEN]>::try_from(value).ok()?;
        // The decoder wants room for the padding's bytes, too.
        let mut nonce = [0; KEY_LEN / 4 * 3];
        let len = STANDARD.decode_slice(text, &mut nonce).ok()?;
        (len == NONCE_LEN).then_some(Self(text))
    }

    /// The key as it is sent.
    #[must_use]
    pub fn to_value(&self) -> FieldValue {
        value(&self.0)
    }

    /// The proof that a server understood this key, as it is sent. RFC 6455 §4.2.2.
    #[must_use]
    pub fn accept(&self) -> FieldValue {
        let mut text = [0; ACCEPT_LEN];
        encode(Sha1::new().chain_update(self.0).chain_update(GUID).finalize(), &mut text);
        value(&text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0.escape_ascii())
    }
}

/// Writes base64 that fills `text`.
fn encode(bytes: impl AsRef<[u8]>, text: &mut [u8]) {
    let len = STANDARD.encode_slice(bytes, text);
    debug_assert!(len.is_ok(), "three bytes take four characters");
}

fn value(text: &[u8]) -> FieldValue {
    FieldValue::new(text).expect("base64 is visible ASCII")
}

const NONCE_LEN: usize = 16;
const KEY_LEN: usize = 24;
const ACCEPT_LEN: usize = 28;

/// What every server appends to the key. RFC 6455 §1.3.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_base64_of_sixteen_fresh_bytes() {
        let mut entropy = Entropy::new(|bytes| bytes.fill(0xFB));
        let key = Key::new(&mut entropy);
        assert_eq!(key.to_value().as_str(), "+/v7+/v7+/v7+/v7+/v7+w==");
        assert_eq!(Key::parse(b"+/v7+/v7+/v7+/v7+/v7+w=="), Some(key));
    }

    #[test]
    fn only_canonical_base64_of_sixteen_bytes_is_a_key() {
        for bad in [
            &b""[..],
            b"dGhlIHNhbXBsZSBub25jZQ=",
            b"dGhlIHNhbXBsZSBub25jZQ",
            b"dGhlIHNhbXBsZSBub25jZQ===",
            b"dGhlIHNhbXBsZSBub25jZR==",
            b"dGhlIHNhbXBsZSBub25jZUE=",
            b"dGhlIHNhbXBsZSBub25jZUFB",
            b"dGhlIHNhbXBsZSBub25j\r\n==",
            b"!!!!!!!!!!!!!!!!!!!!!!==",
            b"dGhlIHNhbXBsZSBub25_-Q==",
        ] {
            assert_eq!(Key::parse(bad), None, "{}", bad.escape_ascii());
        }
    }
}
