//! A little model of one stream of HTTP/2 or HTTP/3: DATA, its end, its reset, and the credit to
//! send. Frames of HTTP are values here, as their bytes mean nothing to a WebSocket.

use bytes::Buf;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_ws::{Config, Connection};

/// What travels on the stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Frame {
    Data(Vec<u8>),
    /// DATA without payload that bears END_STREAM; in HTTP/3 the FIN.
    EndStream,
    /// RST_STREAM; in HTTP/3 H3_REQUEST_CANCELLED.
    Reset,
}

/// A connection at one end of a stream.
pub(crate) struct End {
    pub(crate) connection: Connection,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    pub(crate) told: Vec<String>,
    has_ended: bool,
    /// How many bytes the peer may send.
    pub(crate) credit: usize,
}

/// How a sender cuts its bytes into DATA.
pub(crate) type Cut = fn(&[u8]) -> Vec<Frame>;

pub(crate) fn whole(bytes: &[u8]) -> Vec<Frame> {
    vec![Frame::Data(bytes.to_vec())]
}

pub(crate) fn threes(bytes: &[u8]) -> Vec<Frame> {
    bytes.chunks(3).map(|piece| Frame::Data(piece.to_vec())).collect()
}

/// One byte a frame, and frames without any between them.
pub(crate) fn ones(bytes: &[u8]) -> Vec<Frame> {
    bytes.iter().flat_map(|&byte| [Frame::Data(vec![]), Frame::Data(vec![byte])]).collect()
}

impl End {
    /// The initial window of HTTP/2. RFC 9113 §6.9.2.
    pub(crate) const WINDOW: usize = 65_535;

    pub(crate) fn server() -> Self {
        Self::new(Connection::server(Config::default(), Instant::ORIGIN))
    }

    pub(crate) fn client() -> Self {
        let entropy = Entropy::new(|bytes| bytes.fill(0x5A));
        Self::new(Connection::client(Config::default(), entropy, Instant::ORIGIN))
    }

    fn new(connection: Connection) -> Self {
        let (inbox, outbox, told) = (Inbox::new(), Outbox::new(), Vec::new());
        Self { connection, inbox, outbox, told, has_ended: false, credit: Self::WINDOW }
    }

    /// What this end sends now, as far as it has credit at `peer`.
    pub(crate) fn frames(&mut self, peer: &mut Self, cut: Cut) -> Vec<Frame> {
        let len = self.outbox.len().min(peer.credit);
        peer.credit -= len;
        let mut frames = Vec::new();
        if len > 0 {
            frames = cut(&self.outbox.copy_to_bytes(len));
        }
        if self.outbox.is_finished() && !self.has_ended {
            self.has_ended = true;
            frames.push(Frame::EndStream);
        }
        frames
    }

    /// Takes a frame off the stream, but does not look at it.
    pub(crate) fn receive(&mut self, frame: Frame) {
        match frame {
            Frame::Data(bytes) => self.inbox.push(&bytes),
            Frame::EndStream | Frame::Reset => self.inbox.end(),
        }
    }

    /// Tells what there is, and returns the credit for what left the inbox.
    pub(crate) fn run(&mut self) {
        let before = self.inbox.len();
        loop {
            match self.connection.next_event(&mut self.inbox, &mut self.outbox, Instant::ORIGIN) {
                Ok(Some(event)) => self.told.push(format!("{event:?}")),
                Ok(None) => break,
                Err(error) => self.told.push(format!("{error:?}")),
            }
        }
        self.credit += before - self.inbox.len();
    }
}

/// Lets both ends talk until nothing moves.
pub(crate) fn talk(one: &mut End, other: &mut End, cut: Cut) {
    loop {
        let there = one.frames(other, cut);
        let back = other.frames(one, cut);
        if there.is_empty() && back.is_empty() {
            return;
        }
        deliver(other, there);
        deliver(one, back);
    }
}

/// Delivers each frame by itself.
pub(crate) fn deliver(end: &mut End, frames: impl IntoIterator<Item = Frame>) {
    for frame in frames {
        end.receive(frame);
        end.run();
    }
}
