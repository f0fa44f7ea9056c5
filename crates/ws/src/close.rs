//! Why a connection closes: codes, and the payload of a Close frame. When it closes is the
//! connection's business.

use alloc::boxed::Box;
use core::fmt;

use crate::{Error, FrameHeader};

/// A status code that may stand in a Close frame. RFC 6455 §7.4 and the IANA registry.
///
/// Those are 1000–1003 and 1007–1014, which the registry defines, 3000–3999, which libraries and
/// frameworks register, and 4000–4999, which are the application's own. The registry's 1005, 1006
/// and 1015 tell of something that was *not* on the wire, so they are no values of this type:
/// [`Closed::code`] is `None` there.
///
/// ```
/// use tidewire_ws::CloseCode;
///
/// assert_eq!(CloseCode::new(1001), Some(CloseCode::GOING_AWAY));
/// assert_eq!(CloseCode::new(4404).map(CloseCode::get), Some(4404));
/// assert_eq!(CloseCode::new(1006), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// 1001: the server goes down, or the user leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: the peer sent a kind of data that cannot be taken, such as binary.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1007: a message was not what its type says, such as a text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: the peer broke a rule that has no code of its own.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message is too big.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1010: the server did not agree to an extension that the client needs.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// 1011: something unexpected keeps the sender from going on.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012: the server restarts; come back after a random wait.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// 1013: the server is overloaded; come back later.
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// 1014: the server is a gateway, and whoever stands behind it failed.
    pub const BAD_GATEWAY: Self = Self(1014);
    /// 3000: the endpoint asks for credentials, as HTTP does with 401.
    pub const UNAUTHORIZED: Self = Self(3000);
    /// 3003: the credentials do not suffice, as HTTP says with 403.
    pub const FORBIDDEN: Self = Self(3003);
    /// 3008: the peer took too long, as HTTP says with 408.
    pub const TIMEOUT: Self = Self(3008);

    /// The code with this number, if it may stand in a Close frame.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One of the two ends of the connection, seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// This end.
    Local,
    /// The other end.
    Peer,
}

/// How the connection ended. RFC 6455 §7.1.5–§7.1.6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The code in the peer's Close frame. `None` if there was none in it, which other APIs call
    /// 1005, or if no Close frame came at all (then `clean` is false), which they call 1006.
    pub code: Option<CloseCode>,
    /// The reason in the peer's Close frame; at most 123 bytes, often empty.
    pub reason: Box<str>,
    /// Whether both Close frames went through. If not, messages may have been lost.
    pub clean: bool,
    /// Who wanted it first.
    pub by: Side,
}

impl Closed {
    /// The peer is gone, and no Close frame came from it.
    pub(crate) fn abnormal(by: Side) -> Self {
        Self { code: None, reason: Box::default(), clean: false, by }
    }
}

/// Reads the payload of a Close frame. RFC 6455 §5.5.1.
pub(crate) fn decode(payload: &[u8]) -> Result<(Option<CloseCode>, &str), Error> {
    match payload {
        [] => Ok((None, "")),
        [_] => Err(Error::CutCloseCode),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let known = CloseCode::new(code).ok_or(Error::InvalidCloseCode { code })?;
            let reason = core::str::from_utf8(reason).map_err(|_| Error::InvalidUtf8)?;
            Ok((Some(known), reason))
        }
    }
}

/// Writes the payload of a Close frame and returns the part of `buffer` that it fills. `reason` is
/// at most [`MAX_REASON_LEN`] bytes long.
pub(crate) fn encode<'b>(
    code: CloseCode,
    reason: &str,
    buffer: &'b mut [u8; FrameHeader::MAX_CONTROL_LEN],
) -> &'b [u8] {
    let len = reason.len().min(MAX_REASON_LEN);
    buffer[..2].copy_from_slice(&code.0.to_be_bytes());
    buffer[2..2 + len].copy_from_slice(&reason.as_bytes()[..len]);
    &buffer[..2 + len]
}

/// The longest reason that fits behind the code, in bytes.
pub(crate) const MAX_REASON_LEN: usize = FrameHeader::MAX_CONTROL_LEN - 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// Miri looks at a sample.
    const STEP: usize = if cfg!(miri) { 499 } else { 1 };

    #[test]
    fn exactly_the_codes_for_the_wire_are_taken_of_all() {
        for code in (0..=u16::MAX).step_by(STEP) {
            let expected =
                matches!(code, 1000..=1003 | 1007..=1014) || (3000..5000).contains(&code);
            assert_eq!(CloseCode::new(code).is_some(), expected, "{code}");
            match decode(&code.to_be_bytes()) {
                Ok((Some(known), "")) => assert!(expected && known.get() == code, "{code}"),
                other => assert_eq!(other, Err(Error::InvalidCloseCode { code })),
            }
        }
    }

    #[test]
    fn a_payload_that_was_written_is_read() {
        let reason = "r".repeat(MAX_REASON_LEN);
        for reason in ["", "à bientôt", &reason] {
            let mut buffer = [0; 125];
            let payload = encode(CloseCode::GOING_AWAY, reason, &mut buffer);
            assert_eq!(decode(payload), Ok((Some(CloseCode::GOING_AWAY), reason)));
        }
    }
}
