//! What a direction was agreed to be, and how hard to work for it. Agreeing is the handshake's part.

/// How hard a [`Deflater`](super::Deflater) works, and for what. A level out of range counts as the nearest one
/// in it.
///
/// ```
/// let mut config = tidewire_ws::deflate::Config::default();
/// config.level = 6;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// How long to search for repetition, from 1, the fastest, to 9. Default 1. Over a context that
    /// is taken over, a short JSON message comes out as small as at 6, in a tenth of the time. A
    /// message of some KiB comes out a quarter smaller at 2 and above, and takes about three times
    /// as long.
    pub level: u8,
    /// How many symbols to gather before they are written out, as a power of two: 2^(6 + n), with n
    /// from 1 to 9. Default 5, which is 2048 symbols and 14 KiB. Each step more doubles that and
    /// gains nothing for messages below it.
    pub memory_level: u8,
    /// How long a message of a [`Connection`](crate::Connection) must be to be compressed, in bytes;
    /// those that are begun in fragments always are. Default 128. Over a context that is taken over
    /// less would still pay; where none is, 1024 is a better choice, for a short message alone
    /// hardly shrinks.
    pub min_message_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { level: 1, memory_level: 5, min_message_bytes: 128 }
    }
}

/// Whether a message may refer back to the messages before it. RFC 7692 §7.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// It may. Messages that resemble each other come out much smaller.
    Takeover,
    /// It may not: `server_no_context_takeover` or `client_no_context_takeover` was agreed on.
    NoTakeover,
}
