//! The setting with which a server says that it takes an extended CONNECT. How settings travel is
//! not known here.

use thiserror::Error as ThisError;

/// The setting's identifier, in HTTP/2 (RFC 8441 §3) as in HTTP/3 (RFC 9220 §5).
pub const SETTINGS_ENABLE_CONNECT_PROTOCOL: u16 = 0x08;

/// Whether a server takes an extended CONNECT. One for each HTTP connection. RFC 8441 §3.
///
/// A client asks for no WebSocket before this is [`On`](Self::On): a server that does not know the
/// setting would take the request for malformed.
///
/// ```text
///  Off ── 1 ──▶ On
/// ```
///
/// ```
/// use tidewire_ws::handshake::connect::ExtendedConnect;
///
/// let mut extended_connect = ExtendedConnect::default();
/// extended_connect.on_setting(1)?;
/// assert_eq!(extended_connect, ExtendedConnect::On);
/// assert!(extended_connect.on_setting(0).is_err());
/// # Ok::<(), tidewire_ws::handshake::connect::InvalidSetting>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExtendedConnect {
    /// The server has not said so.
    #[default]
    Off,
    /// The server has said so, for good.
    On,
}

/// The setting is neither 0 nor 1, or was taken back. RFC 8441 §3.
///
/// The connection is to be ended: in HTTP/2 with PROTOCOL_ERROR, in HTTP/3 with H3_SETTINGS_ERROR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[error("server sent a setting for extended CONNECT that may not be sent")]
pub struct InvalidSetting;

impl ExtendedConnect {
    /// Takes the setting's value, each time that it comes.
    ///
    /// # Errors
    ///
    /// It is neither 0 nor 1, or 0 after 1. Nothing is changed.
    pub fn on_setting(&mut self, value: u64) -> Result<(), InvalidSetting> {
        match (*self, value) {
            (Self::Off, 0) => Ok(()),
            (Self::Off | Self::On, 1) => {
                *self = Self::On;
                Ok(())
            }
            (Self::On, 0) | (Self::Off | Self::On, 2..) => Err(InvalidSetting),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_takes_extended_connect_cannot_take_that_back() {
        for (values, expected) in [
            (&[][..], Ok(ExtendedConnect::Off)),
            (&[0, 0], Ok(ExtendedConnect::Off)),
            (&[0, 1, 1], Ok(ExtendedConnect::On)),
            (&[1, 0], Err(InvalidSetting)),
            (&[2], Err(InvalidSetting)),
            (&[u64::MAX], Err(InvalidSetting)),
            (&[1, 2], Err(InvalidSetting)),
        ] {
            let mut setting = ExtendedConnect::default();
            let outcome = values.iter().try_for_each(|&value| setting.on_setting(value));
            assert_eq!(outcome.map(|()| setting), expected, "{values:?}");
        }
    }
}
