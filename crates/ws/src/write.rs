//! From messages to frames in the outbox. Whether they may be sent now is the connection's business.

use bytes::{BufMut, Bytes, BytesMut};
use tidewire_core::{Entropy, Outbox};

use crate::{FrameHeader, Opcode, mask};

/// Which end of the connection we are. A client masks what it sends. RFC 6455 §5.3.
#[derive(Debug)]
pub(crate) enum Role {
    Server,
    Client(Entropy),
}

impl Role {
    /// Writes one frame.
    pub(crate) fn write(&mut self, opcode: Opcode, fin: bool, payload: &[u8], outbox: &mut Outbox) {
        let mask = match self {
            Self::Server => None,
            Self::Client(entropy) => Some(entropy.bytes()),
        };
        let header = FrameHeader { fin, opcode, mask, len: payload.len() as u64 };
        outbox.push(header.encode(&mut [0; FrameHeader::MAX_LEN]));
        let payload = outbox.push_mut(payload);
        if let Some(key) = mask {
            mask::apply(payload, key);
        }
    }

    /// Writes a message that was encoded before.
    pub(crate) fn write_prepared(&mut self, message: &Prepared, outbox: &mut Outbox) {
        match self {
            Self::Server => outbox.push_shared(message.frame.clone()),
            Self::Client(_) => self.write(message.opcode, true, message.payload(), outbox),
        }
    }

    /// The length in bytes of a frame with so many bytes of payload.
    pub(crate) fn frame_len(&self, payload_len: usize) -> usize {
        let mask = match self {
            Self::Server => None,
            Self::Client(_) => Some([0; 4]),
        };
        let len = payload_len as u64;
        let header = FrameHeader { fin: true, opcode: Opcode::Binary, mask, len };
        header.encode(&mut [0; FrameHeader::MAX_LEN]).len().saturating_add(payload_len)
    }
}

/// A message that was encoded once, to be sent over many connections.
///
/// It is the whole frame as a server sends it, in shared memory: a clone costs a counter, and a
/// long one waits in many outboxes without a copy. A client has to mask, so it copies.
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
    frame: Bytes,
    opcode: Opcode,
    payload_len: usize,
}

impl Prepared {
    /// Encodes a text message.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::new(Opcode::Text, text.as_bytes())
    }

    /// Encodes a binary message.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self::new(Opcode::Binary, bytes)
    }

    /// The message itself.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.frame[self.frame.len() - self.payload_len..]
    }

    fn new(opcode: Opcode, payload: &[u8]) -> Self {
        let header = FrameHeader { fin: true, opcode, mask: None, len: payload.len() as u64 };
        let mut buffer = [0; FrameHeader::MAX_LEN];
        let head = header.encode(&mut buffer);
        let mut frame = BytesMut::with_capacity(head.len() + payload.len());
        frame.put_slice(head);
        frame.put_slice(payload);
        Self { frame: frame.freeze(), opcode, payload_len: payload.len() }
    }
}
