//! The names that client and server choose among. Which ones are meant is not known here.

use core::fmt;

use tidewire_http::{FieldValue, is_token};

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
