//! A pong that waits for room in the outbox. When there is room, the connection decides.

use core::time::Duration;

use tidewire_core::Instant;

use crate::FrameHeader;

/// The payload of the latest ping that found no room for its pong.
///
/// There is one such slot, so a flood of pings to whoever cannot write costs no memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwedPong {
    payload: [u8; FrameHeader::MAX_CONTROL_LEN],
    len: usize,
    retry_at: Instant,
}

impl OwedPong {
    /// Remembers the first 125 bytes of `payload`; a ping has no more.
    pub(crate) fn new(payload: &[u8], now: Instant) -> Self {
        let mut copy = [0; FrameHeader::MAX_CONTROL_LEN];
        let len = payload.len().min(copy.len());
        copy[..len].copy_from_slice(&payload[..len]);
        Self { payload: copy, len, retry_at: now + RETRY_AFTER }
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload[..self.len]
    }

    /// When to look for room again: bytes leave the outbox without anybody telling us.
    pub(crate) fn retry_at(&self) -> Instant {
        self.retry_at
    }
}

/// Well under the time in which a peer expects its pong.
const RETRY_AFTER: Duration = Duration::from_secs(1);
