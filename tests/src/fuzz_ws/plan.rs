//! What the first bytes of the data ask for. What is done with the rest is the bodies' business.

use std::sync::{Arc, Mutex};

use tidewire::ws::handshake::deflate::{Agreement, Window, WindowBits};
use tidewire::ws::{Config, Delivery, deflate};

use crate::dice::Dice;
use crate::ends::{Role, WebSocket};

/// Three bytes that choose how a connection is set up.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    switches: u8,
    /// The window of the server in the low digit, of the client in the high one.
    windows: u8,
    seed: u8,
}

impl Plan {
    /// Messages are delivered in parts.
    pub const PARTS: u8 = 1;
    /// Lengths may be longer than they need.
    pub const LONG_LENGTHS: u8 = 1 << 1;
    /// Limits that a few hundred bytes can pass.
    pub const SMALL: u8 = 1 << 2;
    /// Compression was agreed on.
    pub const DEFLATE: u8 = 1 << 3;
    /// The server's messages refer to earlier ones.
    pub const SERVER_TAKEOVER: u8 = 1 << 4;
    /// The client's messages refer to earlier ones.
    pub const CLIENT_TAKEOVER: u8 = 1 << 5;
    /// Compressors are lent from a pool.
    pub const POOLED: u8 = 1 << 6;
    /// The application and the clock do something, too; or, where they must not, the stream ends.
    pub const ACTIVE: u8 = 1 << 7;
    /// Both windows are the largest.
    pub const LARGE_WINDOWS: u8 = 0x77;

    /// Takes the plan off the front of the data.
    #[must_use]
    pub fn read(data: &[u8]) -> Option<(Self, &[u8])> {
        let (&[switches, windows, seed], rest) = data.split_first_chunk()?;
        Some((Self { switches, windows, seed }, rest))
    }

    /// Whether a switch is on.
    #[must_use]
    pub const fn has(self, switch: u8) -> bool {
        self.switches & switch != 0
    }

    /// Whether both windows are the largest.
    #[must_use]
    pub const fn has_large_windows(self) -> bool {
        self.windows & Self::LARGE_WINDOWS == Self::LARGE_WINDOWS
    }

    /// Dice that fall as the plan says.
    #[must_use]
    pub fn dice(self) -> Dice {
        Dice::new(self.seed.into())
    }

    /// The limits of a connection.
    #[must_use]
    pub fn config(self) -> Config {
        let mut config = Config::default();
        config.max_message_bytes = 64 * 1024;
        config.max_frame_bytes = 32 * 1024;
        if self.has(Self::SMALL) {
            config.max_frame_bytes = 300;
            config.max_message_bytes = 500;
            config.max_empty_fragments = u32::from(self.seed % 4);
            config.max_control_frames_per_second = 20;
        }
        if self.has(Self::PARTS) {
            config.delivery = Delivery::Parts;
        }
        config.accept_long_lengths = self.has(Self::LONG_LENGTHS);
        config
    }

    /// What was agreed on, and how hard to work for it.
    #[must_use]
    pub fn deflate(self) -> Option<(Agreement, deflate::Config)> {
        let window = |digit: u8, takeover| Window {
            bits: WindowBits::new(8 + digit % 8).expect("8 to 15"),
            context_takeover: self.has(takeover),
        };
        let agreement = Agreement {
            server: window(self.windows, Self::SERVER_TAKEOVER),
            client: window(self.windows >> 4, Self::CLIENT_TAKEOVER),
        };
        let mut config = deflate::Config::default();
        config.level = if self.windows & 8 == 0 { 1 } else { 9 };
        config.min_message_bytes = if self.windows & 0x80 == 0 { 0 } else { 20 };
        self.has(Self::DEFLATE).then_some((agreement, config))
    }

    /// One side of the connection, with a pool of its own if there is to be one.
    #[must_use]
    pub fn socket(self, role: Role, config: Config) -> WebSocket {
        let pool = || Arc::new(Mutex::new(deflate::Pool::new(2)));
        let pool = self.has(Self::POOLED).then(pool);
        WebSocket { deflate: self.deflate(), pool, ..WebSocket::new(role, config) }
    }
}
