//! What the receiving half owes the peer. Writing it is the sending half's business.

use crate::keepalive::Written;
use crate::{CloseCode, FrameHeader};

/// Takes what the receiving half owes the peer: at once, or until the other half comes for it.
pub(crate) trait Answer {
    /// A pong with this payload of at most 125 bytes; the latest stands for all.
    fn pong(&mut self, payload: &[u8]);
    /// A ping of the keepalive.
    fn ping(&mut self);
    /// A Close, unless one was sent before.
    fn close(&mut self, code: Option<CloseCode>);
    /// Nothing follows.
    fn end(&mut self);
    /// How far the outbox is, if it is in sight.
    fn written(&self) -> Option<Written>;
}

/// What a [`Receiving`](crate::Receiving) half owes the peer, on its way to the
/// [`Sending`](crate::Sending) half, by whatever channel the caller likes.
///
/// It holds at most one pong, one ping and one Close, whatever the peer does, so it never grows. A
/// later pong takes the place of an earlier one. RFC 6455 §5.5.3.
#[derive(Debug, Default)]
pub struct Reply {
    pub(crate) pong: Option<Pong>,
    pub(crate) ping: bool,
    pub(crate) close: Option<Option<CloseCode>>,
    pub(crate) end: bool,
}

impl Reply {
    /// Whether nothing is owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pong.is_none() && !self.ping && self.close.is_none() && !self.end
    }

    /// Moves what is owed out of the slots and leaves them empty.
    #[must_use]
    pub fn take(&mut self) -> Self {
        core::mem::take(self)
    }
}

impl Answer for Reply {
    fn pong(&mut self, payload: &[u8]) {
        self.pong = Some(Pong::new(payload));
    }

    fn ping(&mut self) {
        self.ping = true;
    }

    fn close(&mut self, code: Option<CloseCode>) {
        self.close.get_or_insert(code);
    }

    fn end(&mut self) {
        self.end = true;
    }

    fn written(&self) -> Option<Written> {
        None
    }
}

/// The payload of a pong that has yet to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pong {
    payload: [u8; FrameHeader::MAX_CONTROL_LEN],
    len: u8,
}

impl Pong {
    /// Remembers the first 125 bytes of `payload`; a ping has no more.
    pub(crate) fn new(payload: &[u8]) -> Self {
        let mut copy = [0; FrameHeader::MAX_CONTROL_LEN];
        let len = payload.len().min(copy.len());
        copy[..len].copy_from_slice(&payload[..len]);
        Self { payload: copy, len: len as u8 }
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload[..usize::from(self.len)]
    }
}
