//! What can be wrong with a compressed message. Which close code a fault has stands beside it.

use thiserror::Error as ThisError;

use crate::CloseCode;

/// Why a message cannot be inflated. The message is lost, and with it whatever context it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no DEFLATE data, or refer back further than there is anything. RFC 1951.
    #[error("peer sent a message that cannot be inflated")]
    Corrupt,
    /// The message ended within a block of DEFLATE data. RFC 7692 §7.2.2.
    #[error("peer sent a compressed message without its end")]
    Truncated,
    /// The message is longer than it may be.
    #[error("peer sent a message that inflates to more than {limit_bytes} bytes")]
    MessageTooBig {
        /// The limit.
        limit_bytes: usize,
    },
}

impl Error {
    /// The code to close the connection with.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Corrupt | Self::Truncated => CloseCode::INVALID_PAYLOAD,
            Self::MessageTooBig { .. } => CloseCode::MESSAGE_TOO_BIG,
        }
    }
}
