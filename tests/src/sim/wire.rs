//! A connection as the network has it: bytes under way in both directions. When they arrive, and what goes
//! wrong on the way, is decided elsewhere.

use std::time::Duration;

use bytes::Buf;
use tidewire_core::{Inbox, Instant, Outbox};

use super::queue::{Host, Side};

/// A wire between a client and the server.
#[derive(Debug)]
pub(super) struct Wire {
    /// Whose wire it is.
    pub(super) client: Host,
    pub(super) up: Pipe,
    pub(super) down: Pipe,
    /// How long a byte is under way at most.
    pub(super) delay: Duration,
    /// Whether bytes arrive in pieces.
    pub(super) chops: bool,
    /// The wire swallows what is put into it.
    pub(super) stalls: bool,
    pub(super) has_client: bool,
    pub(super) has_server: bool,
}

/// One direction of a wire.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    bytes: Vec<u8>,
    /// How many of them have arrived.
    arrived: usize,
    /// Behind the bytes comes the end.
    ends: bool,
    has_ended: bool,
    /// An arrival is due.
    pub(super) is_due: bool,
}

impl Wire {
    pub(super) fn new(client: Host, delay: Duration, chops: bool) -> Self {
        let (up, down) = Default::default();
        Self { client, up, down, delay, chops, stalls: false, has_client: true, has_server: true }
    }

    /// The direction towards this side.
    pub(super) fn towards(&mut self, side: Side) -> &mut Pipe {
        match side {
            Side::Client => &mut self.down,
            Side::Server => &mut self.up,
        }
    }

    /// Whether this side has not left.
    pub(super) fn has(&self, side: Side) -> bool {
        match side {
            Side::Client => self.has_client,
            Side::Server => self.has_server,
        }
    }

    /// What is under way is lost.
    pub(super) fn empty(&mut self) {
        (self.up, self.down) = Default::default();
    }

    /// When what is put into a direction now arrives, if no arrival is due already.
    pub(super) fn next_arrival(&mut self, side: Side, now: Instant) -> Option<Instant> {
        let (stalls, delay) = (self.stalls, self.delay);
        let pipe = self.towards(side);
        if pipe.is_due || stalls || !pipe.has_more() {
            return None;
        }
        pipe.is_due = true;
        Some(now + delay)
    }
}

impl Pipe {
    /// Takes what there is room for. Whether it was anything.
    pub(super) fn take(&mut self, outbox: &mut Outbox, window: usize) -> bool {
        let before = self.bytes.len();
        while outbox.has_remaining() && self.len() < window {
            let chunk = outbox.chunk();
            let len = chunk.len().min(window - self.len());
            self.bytes.extend_from_slice(&chunk[..len]);
            outbox.advance(len);
        }
        let ends = outbox.is_finished() && !self.ends;
        self.ends |= ends;
        ends || self.bytes.len() > before
    }

    /// Lets at most `max` bytes arrive, and behind the last one the end. Returns the bytes.
    pub(super) fn give(&mut self, inbox: &mut Inbox, max: usize) -> &[u8] {
        let from = self.arrived;
        self.arrived += max.min(self.len()).min(inbox.room());
        if self.len() == 0 && self.ends && !self.has_ended {
            self.has_ended = true;
            inbox.push(&self.bytes[from..self.arrived]);
            inbox.end();
        } else {
            inbox.push(&self.bytes[from..self.arrived]);
        }
        &self.bytes[from..self.arrived]
    }

    /// Makes room where bytes have arrived.
    pub(super) fn settle(&mut self) {
        if self.len() == 0 {
            self.bytes.clear();
            self.arrived = 0;
        } else if self.arrived > 4096 {
            self.bytes.drain(..self.arrived);
            self.arrived = 0;
        }
    }

    /// Bytes under way.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - self.arrived
    }

    /// Whether bytes or the end are under way.
    pub(super) fn has_more(&self) -> bool {
        self.len() > 0 || (self.ends && !self.has_ended)
    }
}
