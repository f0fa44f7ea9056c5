//! From messages to frames in the outbox. Whether they may be sent now is the sending half's
//! business.

use alloc::boxed::Box;
use alloc::string::String;

use bytes::Bytes;
use tidewire_core::{Entropy, Outbox};

use crate::{FrameHeader, Opcode, Text, mask};

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
    pub(crate) fn write(&mut self, opcode: Opcode, fin: bool, payload: &[u8], outbox: &mut Outbox) {
        let mask = self.0.as_mut().map(|keys| keys.next());
        let len = payload.len() as u64;
        let header = FrameHeader { fin, compressed: false, opcode, mask, len };
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
            return self.write(message.opcode, true, message.payload(), outbox);
        }
        if message.head_len == 0 {
            let header = header(message.opcode, message.frame.len());
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

/// The header of a server's frame that is a whole message.
fn header(opcode: Opcode, len: usize) -> FrameHeader {
    FrameHeader { fin: true, compressed: false, opcode, mask: None, len: len as u64 }
}

/// A message to be sent over many connections, or without a copy.
///
/// It is in shared memory: a clone costs a counter, and a long one waits in many outboxes at once. A
/// client has to mask, so it copies.
///
/// ```
/// # use tidewire_core::{Instant, Outbox};
/// # use tidewire_ws::{Config, Connection, Prepared};
/// let news = Prepared::text("tide is in");
/// for _ in 0..3 {
///     let mut outbox = Outbox::new();
///     let mut connection = Connection::server(Config::default(), Instant::ORIGIN);
///     connection.send_prepared(&news, &mut outbox)?;
///     assert_eq!(bytes::Buf::chunk(&outbox), b"\x81\x0atide is in");
/// }
/// # Ok::<(), tidewire_ws::SendError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Prepared {
    opcode: Opcode,
    frame: Bytes,
    /// The length of the header in `frame`; zero if there is none.
    head_len: usize,
}

impl Prepared {
    /// Copies a text message, as a whole frame: the best for many connections.
    /// [`From<String>`](#impl-From<String>-for-Prepared) does not copy.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::copy(Opcode::Text, text.as_bytes())
    }

    /// Copies a binary message, as a whole frame: the best for many connections.
    /// [`From<Bytes>`](#impl-From<Bytes>-for-Prepared) does not copy.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self::copy(Opcode::Binary, bytes)
    }

    /// The message itself.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.frame[self.head_len..]
    }

    fn copy(opcode: Opcode, payload: &[u8]) -> Self {
        let mut buffer = [0; FrameHeader::MAX_LEN];
        let head = header(opcode, payload.len()).encode(&mut buffer);
        Self { opcode, frame: [head, payload].concat().into(), head_len: head.len() }
    }
}

/// A text message.
impl From<String> for Prepared {
    fn from(text: String) -> Self {
        Self { opcode: Opcode::Text, frame: text.into(), head_len: 0 }
    }
}

/// A text message, as it was received.
impl From<Text<'_>> for Prepared {
    fn from(text: Text<'_>) -> Self {
        Self { opcode: Opcode::Text, frame: text.into_bytes(), head_len: 0 }
    }
}

/// A binary message.
impl From<Bytes> for Prepared {
    fn from(frame: Bytes) -> Self {
        Self { opcode: Opcode::Binary, frame, head_len: 0 }
    }
}
