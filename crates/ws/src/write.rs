//! From messages to frames in the outbox. Whether they may be sent now is the sending half's
//! business.

use alloc::boxed::Box;

use tidewire_core::{Entropy, Outbox};

use crate::{FrameHeader, Opcode, Prepared, mask};

/// Writes frames as one end of the connection. A client masks what it sends. RFC 6455 §5.3.
#[derive(Debug)]
pub(crate) struct Writer(Option<Box<Keys>>);

impl Writer {
    pub(crate) fn server() -> Self {
        Self(None)
    }

    pub(crate) fn client(entropy: Entropy) -> Self {
        Self(Some(Box::new(Keys { entropy, drawn: [0; KEYS_BYTES], used: KEYS_BYTES })))
    }

    /// Writes one frame.
    #[inline]
    pub(crate) fn write(&mut self, first: FirstByte, payload: &[u8], outbox: &mut Outbox) {
        let FirstByte { fin, compressed, opcode } = first;
        let mask = self.0.as_mut().map(|keys| keys.next());
        let len = payload.len() as u64;
        let header = FrameHeader { fin, compressed, opcode, mask, len };
        let mut buffer = [0; FrameHeader::MAX_LEN];
        let head = header.encode(&mut buffer);
        match mask {
            None => {
                outbox.push_framed(head, payload);
            }
            Some(key) => write_masked(head, payload, key, outbox),
        }
    }

    /// Writes a message that was prepared before.
    #[inline]
    pub(crate) fn write_prepared(&mut self, message: &Prepared, outbox: &mut Outbox) {
        if self.0.is_some() {
            return self.write(message.first, message.payload(), outbox);
        }
        if message.head_len == 0 {
            let header = message.first.header(message.frame.len());
            outbox.push(header.encode(&mut [0; FrameHeader::MAX_LEN]));
        }
        outbox.push_shared(message.frame.clone());
    }

    /// The length in bytes of a frame with so many bytes of payload.
    #[inline]
    pub(crate) fn frame_len(&self, payload_len: usize) -> usize {
        let key_len = if self.0.is_some() { 4 } else { 0 };
        FrameHeader::len_without_key(payload_len as u64) + key_len + payload_len
    }
}

/// A copy that is masked while it is still in the nearest cache.
#[inline]
fn write_masked(head: &[u8], payload: &[u8], key: [u8; 4], outbox: &mut Outbox) {
    let (first, rest) = payload.split_at(payload.len().min(mask::BLOCK_BYTES));
    mask::apply(outbox.push_framed(head, first), key);
    for block in rest.chunks(mask::BLOCK_BYTES) {
        mask::apply(outbox.push_mut(block), key);
    }
}

/// Mask keys, drawn from the caller's source several at a time.
#[derive(Debug)]
struct Keys {
    entropy: Entropy,
    drawn: [u8; KEYS_BYTES],
    used: usize,
}

/// One block of the usual generators.
const KEYS_BYTES: usize = 64;

impl Keys {
    #[inline]
    fn next(&mut self) -> [u8; 4] {
        if let Some(key) = self.drawn.get(self.used..).and_then(<[u8]>::first_chunk) {
            self.used += key.len();
            return *key;
        }
        self.drawn = self.entropy.bytes();
        self.used = 4;
        let [a, b, c, d, ..] = self.drawn;
        [a, b, c, d]
    }
}

/// What the first byte of a frame says. RFC 6455 §5.2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstByte {
    pub(crate) fin: bool,
    pub(crate) compressed: bool,
    pub(crate) opcode: Opcode,
}

impl FirstByte {
    /// That of a frame which is a control frame or a whole message.
    #[inline]
    pub(crate) const fn whole(opcode: Opcode) -> Self {
        Self { fin: true, compressed: false, opcode }
    }

    /// The header of a server's frame.
    pub(crate) const fn header(self, len: usize) -> FrameHeader {
        let Self { fin, compressed, opcode } = self;
        FrameHeader { fin, compressed, opcode, mask: None, len: len as u64 }
    }
}
