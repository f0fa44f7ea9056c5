//! What can go wrong, by whose fault. Which close code a fault has stands beside it.

use core::time::Duration;

use thiserror::Error as ThisError;

use crate::{CloseCode, Opcode};

/// How the peer broke the protocol or passed a limit of [`Config`](crate::Config).
///
/// The connection is over. Unless a Close frame had left before, one with
/// [`close_code`](Self::close_code) is now in the outbox, which is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// A reserved bit is set, and no extension gives it a meaning. RFC 6455 §5.2.
    #[error("peer set reserved bits {bits:#05b}")]
    ReservedBits {
        /// RSV1, RSV2 and RSV3, from the highest bit to the lowest.
        bits: u8,
    },
    /// The opcode is not one of the RFC's. RFC 6455 §5.2.
    #[error("peer sent a frame with the unknown opcode {opcode:#x}")]
    UnknownOpcode {
        /// The four bits.
        opcode: u8,
    },
    /// A control frame came in fragments. RFC 6455 §5.5.
    #[error("peer sent a fragmented {opcode:?} frame")]
    FragmentedControl {
        /// Which one.
        opcode: Opcode,
    },
    /// A control frame is longer than 125 bytes. RFC 6455 §5.5.
    #[error("peer sent a {opcode:?} frame of more than 125 bytes")]
    LongControl {
        /// Which one.
        opcode: Opcode,
    },
    /// A continuation came while no message was under way. RFC 6455 §5.4.
    #[error("peer continued a message that it had not begun")]
    NothingToContinue,
    /// A new message began inside a fragmented one. RFC 6455 §5.4.
    #[error("peer sent a {opcode:?} frame inside a fragmented message")]
    UnfinishedMessage {
        /// The kind of the new message.
        opcode: Opcode,
    },
    /// A client sent a frame without a mask. RFC 6455 §5.1.
    #[error("client sent an unmasked frame")]
    Unmasked,
    /// A server sent a masked frame. RFC 6455 §5.1.
    #[error("server sent a masked frame")]
    Masked,
    /// A length was written in more bytes than it needs. RFC 6455 §5.2.
    #[error("peer wrote the length {len} in too many bytes")]
    LengthNotMinimal {
        /// The length.
        len: u64,
    },
    /// A length has its top bit set. RFC 6455 §5.2.
    #[error("peer claimed a frame of {len} bytes")]
    LengthOutOfRange {
        /// The length.
        len: u64,
    },
    /// A frame is longer than [`Config::max_frame_bytes`](crate::Config::max_frame_bytes).
    #[error("peer sent a frame of more than {limit_bytes} bytes")]
    FrameTooBig {
        /// The limit.
        limit_bytes: usize,
    },
    /// A message is longer than [`Config::max_message_bytes`](crate::Config::max_message_bytes).
    #[error("peer sent a message of more than {limit_bytes} bytes")]
    MessageTooBig {
        /// The limit.
        limit_bytes: usize,
    },
    /// A message has more empty fragments than
    /// [`Config::max_empty_fragments`](crate::Config::max_empty_fragments).
    #[error("peer sent more than {limit} empty fragments of one message")]
    EmptyFragments {
        /// The limit.
        limit: u32,
    },
    /// Pings and pongs came faster than
    /// [`Config::max_control_frames_per_second`](crate::Config::max_control_frames_per_second).
    #[error("peer sent pings and pongs faster than {limit} a second")]
    ControlFlood {
        /// The limit.
        limit: u32,
    },
    /// A text, or the reason of a Close frame, is not UTF-8. RFC 6455 §8.1.
    #[error("peer sent text that is not UTF-8")]
    InvalidUtf8,
    /// A compressed message cannot be inflated. RFC 7692 §7.2.2.
    #[error("peer sent a compressed message that cannot be inflated")]
    InvalidDeflate,
    /// A Close frame has one byte, which is half a code. RFC 6455 §5.5.1.
    #[error("peer sent a Close frame of one byte")]
    CutCloseCode,
    /// A Close frame has a code that must not stand there. RFC 6455 §7.4.
    #[error("peer sent the close code {code}")]
    InvalidCloseCode {
        /// The code.
        code: u16,
    },
    /// Nothing came for [`Config::pong_timeout`](crate::Config::pong_timeout) after a ping.
    #[error("peer gave no sign of life for {waited:?} after a ping")]
    PongTimeout {
        /// The time-out.
        waited: Duration,
    },
}

impl Error {
    /// The code that the peer is told. RFC 6455 §7.4.1.
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::ReservedBits { .. }
            | Self::UnknownOpcode { .. }
            | Self::FragmentedControl { .. }
            | Self::LongControl { .. }
            | Self::NothingToContinue
            | Self::UnfinishedMessage { .. }
            | Self::Unmasked
            | Self::Masked
            | Self::LengthNotMinimal { .. }
            | Self::LengthOutOfRange { .. }
            | Self::CutCloseCode
            | Self::InvalidCloseCode { .. } => CloseCode::PROTOCOL_ERROR,
            Self::InvalidUtf8 | Self::InvalidDeflate => CloseCode::INVALID_PAYLOAD,
            Self::EmptyFragments { .. } | Self::ControlFlood { .. } => CloseCode::POLICY_VIOLATION,
            Self::FrameTooBig { .. } | Self::MessageTooBig { .. } => CloseCode::MESSAGE_TOO_BIG,
            Self::PongTimeout { .. } => CloseCode::TIMEOUT,
        }
    }
}

#[cfg(feature = "deflate")]
impl From<crate::deflate::Error> for Error {
    fn from(error: crate::deflate::Error) -> Self {
        use crate::deflate::Error as Inflate;
        match error {
            Inflate::Corrupt | Inflate::Truncated => Self::InvalidDeflate,
            Inflate::MessageTooBig { limit_bytes } => Self::MessageTooBig { limit_bytes },
        }
    }
}

/// Why a command was refused. Nothing was written, and the state is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum SendError {
    /// The connection is closing or closed. Send nothing more.
    #[error("the connection is not open")]
    NotOpen,
    /// The outbox has no room left under
    /// [`Config::max_outbox_bytes`](crate::Config::max_outbox_bytes). Write some of it first.
    #[error("the outbox would hold more than {limit_bytes} bytes")]
    OutboxFull {
        /// The limit.
        limit_bytes: usize,
    },
    /// A message that was begun in fragments must be finished before another one.
    #[error("a fragmented message is under way")]
    MessageUnderWay,
    /// No message of this kind was begun, so there is nothing to continue or to finish.
    #[error("no such fragmented message is under way")]
    NoMessage,
    /// A ping or a pong carries at most 125 bytes. RFC 6455 §5.5.
    #[error("a control frame carries at most 125 bytes")]
    PayloadTooLong,
    /// The reason of a Close is at most 123 bytes long. RFC 6455 §5.5.
    #[error("a close reason is at most 123 bytes long")]
    ReasonTooLong,
}
