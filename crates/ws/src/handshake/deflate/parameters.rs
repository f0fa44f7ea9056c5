//! The parameters of one offer or response: how they are read and written, and whether the latter
//! keeps to the former. What a server allows stands with its policy.

use core::fmt;

use super::{Agreement, Window, WindowBits};
use crate::handshake::extension::Extension;

/// What a client offers. RFC 7692 §7.1.
///
/// The default asks for nothing and takes any limit for its own window: `permessage-deflate;
/// client_max_window_bits`. Servers that know the extension at all accept that. Who asks for more
/// offers this behind it, as the second choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameters {
    /// Whether the server must compress each message by itself, so that the client needs no window
    /// between messages. Default false. RFC 7692 §7.1.1.1.
    pub server_no_context_takeover: bool,
    /// Whether the client compresses each message by itself. Default false. RFC 7692 §7.1.1.2.
    pub client_no_context_takeover: bool,
    /// The largest window that the server may compress with. Default `None`, which asks for no
    /// limit: many servers know none and would decline the offer. RFC 7692 §7.1.2.1.
    pub server_max_window_bits: Option<WindowBits>,
    /// The largest window that the client compresses with; the server may ask for a smaller one.
    /// Default 15 bits, which is sent as a parameter without a value. With `None` the client takes
    /// no limit. RFC 7692 §7.1.2.2.
    pub client_max_window_bits: Option<WindowBits>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { client_max_window_bits: Some(WindowBits::MAX), ..Self::NONE }
    }
}

impl Parameters {
    /// The name alone.
    const NONE: Self = Self {
        server_no_context_takeover: false,
        client_no_context_takeover: false,
        server_max_window_bits: None,
        client_max_window_bits: None,
    };

    /// What an offer asks; `None` if it breaks a rule. RFC 7692 §7.1: a server declines it.
    pub(super) fn read_offer(offer: Extension<'_>) -> Option<Self> {
        Self::read(offer, Some(WindowBits::MAX))
    }

    /// What a response says; `None` if it breaks a rule. RFC 7692 §7.1: a client fails.
    pub(super) fn read_response(response: Extension<'_>) -> Option<Self> {
        Self::read(response, None)
    }

    /// `bare` is what `client_max_window_bits` means without a value.
    fn read(extension: Extension<'_>, bare: Option<WindowBits>) -> Option<Self> {
        let mut read = Self::NONE;
        for (name, value) in extension.parameters() {
            let is_first = match (name, value) {
                (b"server_no_context_takeover", None) => {
                    !core::mem::replace(&mut read.server_no_context_takeover, true)
                }
                (b"client_no_context_takeover", None) => {
                    !core::mem::replace(&mut read.client_no_context_takeover, true)
                }
                (b"server_max_window_bits", Some(value)) => {
                    read.server_max_window_bits.replace(read_bits(value)?).is_none()
                }
                (b"client_max_window_bits", value) => {
                    let bits = value.map_or(bare, read_bits)?;
                    read.client_max_window_bits.replace(bits).is_none()
                }
                _ => return None,
            };
            if !is_first {
                return None;
            }
        }
        Some(read)
    }

    /// What a response means.
    pub(super) fn agreement(self) -> Agreement {
        Agreement {
            server: Window {
                bits: self.server_max_window_bits.unwrap_or(WindowBits::MAX),
                context_takeover: !self.server_no_context_takeover,
            },
            client: Window {
                bits: self.client_max_window_bits.unwrap_or(WindowBits::MAX),
                context_takeover: !self.client_no_context_takeover,
            },
        }
    }

    /// What a response to this offer means; `None` if it is none to this one. RFC 7692 §7.1.
    pub(super) fn confirm(self, response: Self) -> Option<Agreement> {
        let keeps_context = self.server_no_context_takeover && !response.server_no_context_takeover;
        let server_is_too_large = self
            .server_max_window_bits
            .is_some_and(|asked| response.server_max_window_bits.is_none_or(|bits| bits > asked));
        let client_is_too_large = response
            .client_max_window_bits
            .is_some_and(|bits| self.client_max_window_bits.is_none_or(|own| bits > own));
        if keeps_context || server_is_too_large || client_is_too_large {
            return None;
        }
        // What the client said about itself binds it, even where the server does not repeat it.
        let own = Self {
            client_no_context_takeover: self.client_no_context_takeover
                || response.client_no_context_takeover,
            client_max_window_bits: response.client_max_window_bits.or(self.client_max_window_bits),
            ..response
        };
        Some(own.agreement())
    }
}

impl fmt::Display for Parameters {
    /// An offer or response as it is sent. A response never limits the client to 15 bits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("permessage-deflate")?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={}", bits.get())?;
        }
        match self.client_max_window_bits {
            None => Ok(()),
            Some(WindowBits::MAX) => f.write_str("; client_max_window_bits"),
            Some(bits) => write!(f, "; client_max_window_bits={}", bits.get()),
        }
    }
}

/// The bits in a token or in quotes: decimal, without a leading zero. RFC 7692 §7.1.2.
fn read_bits(value: &[u8]) -> Option<WindowBits> {
    let mut bits = 0_u8;
    for &byte in value.iter().filter(|&&byte| !matches!(byte, b'"' | b'\\')) {
        let digit = byte.checked_sub(b'0').filter(|&digit| digit < 10)?;
        if bits == 0 && digit == 0 {
            return None;
        }
        bits = bits.checked_mul(10)?.checked_add(digit)?;
    }
    WindowBits::new(bits)
}
