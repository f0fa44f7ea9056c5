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
        let header = first.header(payload.len());
        match &mut self.0 {
            None => {
                let (head, size) = header.to_words();
                outbox.push_with(size + payload.len(), |room| {
                    write_head(head, size, room).copy_from_slice(payload);
                });
            }
            Some(keys) => {
                let key = keys.next();
                let (head, size) = FrameHeader { mask: Some(key), ..header }.to_words();
                outbox.push_with(size + payload.len(), |room| {
                    mask::copy(write_head(head, size, room), payload, key);
                });
            }
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

/// Writes a header, and maybe some zeros behind it; returns the room for the payload.
#[inline]
fn write_head(head: [[u8; 8]; 2], size: usize, room: &mut [u8]) -> &mut [u8] {
    match room.as_chunks_mut().0 {
        [low, high, ..] => [*low, *high] = head,
        _ => room[..size].copy_from_slice(&head.as_flattened()[..size]),
    }
    &mut room[size..]
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
