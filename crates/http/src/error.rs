//! What can go wrong: the peer's deeds, and the caller's own. Who notices which, is told elsewhere.

/// How the peer broke the protocol or passed a limit. The connection is over.
///
/// What a server read it has answered with [`status`](Self::status) and `Connection: close`, unless
/// a response was already under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request line is longer than allowed. RFC 9112 §3.
    #[error("peer sent a request line of more than {limit_bytes} bytes")]
    LineTooLong {
        /// The longest line taken.
        limit_bytes: usize,
    },
    /// The head or the trailer section is longer than allowed. RFC 6585 §5.
    #[error("peer sent a head of more than {limit_bytes} bytes")]
    HeadTooLarge {
        /// The longest head taken.
        limit_bytes: usize,
    },
    /// The head or the trailer section has more field lines than allowed. RFC 6585 §5.
    #[error("peer sent more than {limit} field lines")]
    TooManyFields {
        /// The most lines taken.
        limit: usize,
    },
    /// A CR or LF stands alone. RFC 9112 §2.2.
    #[error("peer sent a CR or LF that does not end a line")]
    BadLineEnd,
    /// A control character other than HTAB stands in a line. RFC 9110 §5.5.
    #[error("peer sent a control character")]
    BadCharacter,
    /// The first line is no request line or status line. RFC 9112 §3, §4.
    #[error("peer sent a malformed first line")]
    BadStartLine,
    /// The message is of a major version other than 1. RFC 9110 §15.6.6.
    #[error("peer speaks HTTP/{major}")]
    UnsupportedVersion {
        /// The major version.
        major: u8,
    },
    /// The method is none that the server implements. RFC 9110 §9.1.
    #[error("peer sent a method that is not implemented")]
    UnknownMethod,
    /// The target is of no form that its method allows. RFC 9112 §3.2.
    #[error("peer sent a malformed request target")]
    BadTarget,
    /// A field line is malformed or folded. RFC 9112 §5.
    #[error("peer sent a malformed field line")]
    BadField,
    /// The Host field is missing, doubled or malformed. RFC 9112 §3.2.
    #[error("peer sent no valid Host field")]
    BadHost,
    /// The Content-Length is doubled or no number. RFC 9112 §6.3.
    #[error("peer sent a malformed Content-Length")]
    BadLength,
    /// Transfer-Encoding is malformed, stands beside Content-Length or in HTTP/1.0, or does not end
    /// in `chunked` where it must. RFC 9112 §6.1.
    #[error("peer sent a faulty Transfer-Encoding")]
    BadCoding,
    /// A transfer coding other than `chunked` is applied. RFC 9112 §6.1.
    #[error("peer sent a transfer coding that is not implemented")]
    UnknownCoding,
    /// An expectation other than `100-continue`. RFC 9110 §10.1.1.
    #[error("peer expects what is not implemented")]
    UnknownExpectation,
    /// The chunked framing is broken, or its extensions are longer than allowed. RFC 9112 §7.1.
    #[error("peer sent a malformed chunk")]
    BadChunk,
    /// The trailer section is malformed, or has a field that frames, routes or authenticates.
    /// RFC 9110 §6.5.1, RFC 9112 §7.1.2.
    #[error("peer sent a malformed trailer section or a field that none may have")]
    BadTrailer,
    /// The body is longer than allowed. RFC 9110 §15.5.14.
    #[error("peer sent a body of more than {limit_bytes} bytes")]
    BodyTooLarge {
        /// The longest body taken.
        limit_bytes: u64,
    },
    /// The peer's stream ended inside a message. RFC 9112 §8.
    #[error("peer ended its stream inside a message")]
    Incomplete,
    /// A server ended its stream before the first byte of its response, as happens on a kept
    /// connection. An idempotent request may be sent again over a new one. RFC 9112 §9.3.1.
    #[error("peer ended its stream without a response")]
    NoResponse,
    /// The head did not arrive in time. RFC 9110 §15.5.9.
    #[error("peer did not send a whole head in time")]
    HeadTimeout,
    /// The body did not arrive in time. RFC 9110 §15.5.9.
    #[error("peer did not send a whole body in time")]
    BodyTimeout,
    /// A server sent more interim responses than allowed.
    #[error("peer sent more than {limit} interim responses")]
    TooManyInterim {
        /// The most interim responses taken before a final one.
        limit: u32,
    },
    /// A server switched protocols though it was not asked to. RFC 9110 §15.2.2.
    #[error("peer switched protocols without being asked")]
    UnaskedUpgrade,
    /// A server sent bytes that belong to no request. RFC 9112 §6.3.
    #[error("peer sent bytes that belong to no request")]
    UnaskedBytes,
}

impl Error {
    /// The status that answers the error. What only a server can do wrong is 502, as a gateway
    /// would tell its own client.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadLineEnd
            | Self::BadCharacter
            | Self::BadStartLine
            | Self::BadTarget
            | Self::BadField
            | Self::BadHost
            | Self::BadLength
            | Self::BadCoding
            | Self::BadChunk
            | Self::BadTrailer
            | Self::Incomplete => 400,
            Self::HeadTimeout | Self::BodyTimeout => 408,
            Self::BodyTooLarge { .. } => 413,
            Self::LineTooLong { .. } => 414,
            Self::UnknownExpectation => 417,
            Self::HeadTooLarge { .. } | Self::TooManyFields { .. } => 431,
            Self::UnknownMethod | Self::UnknownCoding => 501,
            Self::NoResponse
            | Self::TooManyInterim { .. }
            | Self::UnaskedUpgrade
            | Self::UnaskedBytes => 502,
            Self::UnsupportedVersion { .. } => 505,
        }
    }
}

/// How a command was misused. Nothing was written and the state is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The state of the exchange does not allow the command: no request waits for a response, no
    /// body is under way, or the connection is over.
    #[error("the exchange is not at the point where this can be sent")]
    NotOpen,
    /// The outbox holds too much to take the bytes. Write it, then give the command again.
    #[error("the outbox would hold more than {limit_bytes} bytes")]
    OutboxFull {
        /// The most bytes that may wait in the outbox.
        limit_bytes: usize,
    },
    /// The command sends no response of this status: see each command.
    #[error("a response of status {status} cannot be sent with this command")]
    WrongStatus {
        /// The status of the response.
        status: u16,
    },
    /// The message has a field that the machine alone writes, or a trailer that may not be one.
    #[error("the message has a field that is not the caller's to send")]
    ReservedField,
    /// The message lacks a field that it must have, or has it twice or malformed: Host in a request,
    /// where it must be what an absolute target names (RFC 9112 §3.2), Upgrade in a 101 or 426 (RFC 9110 §15.2.2, §15.5.22).
    #[error("the message has not exactly one good {name} field")]
    MissingField {
        /// The name of the field.
        name: &'static str,
    },
    /// The piece is longer than what is left of the announced body, or the body was finished early.
    #[error("{left_bytes} bytes of the announced body are left to send")]
    WrongLength {
        /// How many bytes are left to send.
        left_bytes: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::Error::*;

    #[test]
    fn each_error_has_the_status_that_answers_it() {
        for (status, errors) in [
            (400, &[BadLineEnd, BadStartLine, BadTarget, BadField, BadHost, BadLength][..]),
            (400, &[BadCharacter, BadCoding, BadChunk, BadTrailer, Incomplete]),
            (408, &[HeadTimeout, BodyTimeout]),
            (413, &[BodyTooLarge { limit_bytes: 1 }]),
            (414, &[LineTooLong { limit_bytes: 1 }]),
            (417, &[UnknownExpectation]),
            (431, &[HeadTooLarge { limit_bytes: 1 }, TooManyFields { limit: 1 }]),
            (501, &[UnknownMethod, UnknownCoding]),
            (502, &[NoResponse, TooManyInterim { limit: 1 }, UnaskedUpgrade, UnaskedBytes]),
            (505, &[UnsupportedVersion { major: 2 }]),
        ] {
            for error in errors {
                assert_eq!(error.status(), status, "{error}");
            }
        }
    }
}
