//! What a server allows, and how it answers an offer. The offer's text is read elsewhere.

use super::{Parameters, WindowBits};

/// What a server allows the offers of its clients. By default, all that it can keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The largest window that the server compresses with; a client may ask for a smaller one.
    /// Default 15 bits, 32 KiB. A smaller one saves memory and costs size.
    pub server_max_window_bits: WindowBits,
    /// The largest window that the server decompresses with. Default 15 bits, 32 KiB. If it is
    /// smaller, the offers of clients that do not take such a limit are declined.
    pub client_max_window_bits: WindowBits,
    /// Whether the server compresses each message by itself, also unasked. Default false. It then
    /// needs no compressor between messages, which are the most of what compression costs in
    /// memory.
    pub server_no_context_takeover: bool,
    /// Whether the client must compress each message by itself. Default false. The server then
    /// needs no window between messages.
    pub client_no_context_takeover: bool,
    /// Whether an offer is taken that leaves the server a window of 8 bits only. Default false, as
    /// the common compressors cannot write with that: such a server sends uncompressed.
    pub allow_eight_bit_server_window: bool,
}

impl Policy {
    /// The response to an offer, or `None` if it is declined. RFC 7692 §7.1.
    pub(super) fn answer(self, offer: Parameters) -> Option<Parameters> {
        let asked = offer.server_max_window_bits;
        let server =
            asked.map_or(self.server_max_window_bits, |bits| bits.min(self.server_max_window_bits));
        if server == WindowBits::MIN && !self.allow_eight_bit_server_window {
            return None;
        }
        // RFC 7692 §7.1.2.2: only a client that said so takes a limit.
        let client = match offer.client_max_window_bits {
            Some(bits) => bits.min(self.client_max_window_bits),
            None if self.client_max_window_bits == WindowBits::MAX => WindowBits::MAX,
            None => return None,
        };
        let limit = |bits: WindowBits| (bits < WindowBits::MAX).then_some(bits);
        Some(Parameters {
            server_no_context_takeover: offer.server_no_context_takeover
                || self.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover
                || self.client_no_context_takeover,
            // RFC 7692 §7.1.2.1: what was asked must be confirmed.
            server_max_window_bits: asked.map_or_else(|| limit(server), |_| Some(server)),
            client_max_window_bits: limit(client),
        })
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            server_max_window_bits: WindowBits::MAX,
            client_max_window_bits: WindowBits::MAX,
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            allow_eight_bit_server_window: false,
        }
    }
}
