//! How either direction is compressed, once it is agreed. How that was agreed is not known here.

/// The size of an LZ77 window, as the power of two of its bytes: 8 to 15. RFC 7692 §7.1.2.
///
/// The common compressors cannot write with a window of 8 bits, although every decompressor reads
/// it: who may send only with that sends uncompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 8 bits: 256 bytes.
    pub const MIN: Self = Self(8);
    /// 15 bits: 32 KiB, the size where nothing else is agreed.
    pub const MAX: Self = Self(15);

    /// This many bits, if they are 8 to 15.
    ///
    /// ```
    /// use tidewire_ws::handshake::deflate::WindowBits;
    ///
    /// assert_eq!(WindowBits::new(15), Some(WindowBits::MAX));
    /// assert_eq!(WindowBits::new(7), None);
    /// ```
    #[must_use]
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            8..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    /// The number of bits.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// How the messages of one direction are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The window that the sender keeps to, and that suffices to read what it sends.
    pub bits: WindowBits,
    /// Whether a message may refer to those before it. If not, the window is emptied for each.
    pub context_takeover: bool,
}

/// What client and server agreed on about permessage-deflate. RFC 7692 §7.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// How the server compresses and the client decompresses.
    pub server: Window,
    /// How the client compresses and the server decompresses.
    pub client: Window,
}
