//! Tokens, and lists of them, as the handshake's fields hold them. Which ones are meant is not known
//! here.

use core::fmt;

use tidewire_http::FieldValue;

/// The name of a subprotocol: a token, compared with regard to case. RFC 6455 §1.9.
///
/// ```
/// use tidewire_ws::handshake::Subprotocol;
///
/// assert_eq!(Subprotocol::new("chat.v2").map(|name| name.as_str() == "chat.v2"), Some(true));
/// assert_eq!(Subprotocol::new("chat, v2"), None);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Subprotocol(FieldValue);

impl Subprotocol {
    /// The subprotocol of this name, if it is a token.
    #[must_use]
    pub fn new(name: impl AsRef<[u8]>) -> Option<Self> {
        let name = name.as_ref();
        if is_token(name) { FieldValue::new(name).ok().map(Self) } else { None }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn to_value(&self) -> FieldValue {
        self.0.clone()
    }
}

impl fmt::Debug for Subprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The members of a comma-separated list, without the blanks around them.
pub(super) fn members(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(trim)
}

/// Without the blanks at both ends.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    let is_inner = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let start = bytes.iter().position(is_inner).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(is_inner).map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// Whether this is a `token`. RFC 9110 §5.6.2.
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}
