//! A message that was made ready before, for many connections. Frames are written in `write`.

#[cfg(feature = "deflate")]
use alloc::boxed::Box;
use alloc::string::String;

use bytes::Bytes;
#[cfg(feature = "deflate")]
use bytes::BytesMut;

#[cfg(feature = "deflate")]
use crate::deflate::{Codecs, Config, Context, Deflater};
#[cfg(feature = "deflate")]
use crate::handshake::deflate::{Window, WindowBits};
use crate::write::FirstByte;
use crate::{FrameHeader, Opcode, Text};

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
    pub(crate) first: FirstByte,
    pub(crate) frame: Bytes,
    /// The length of the header in `frame`; zero if there is none.
    pub(crate) head_len: usize,
    /// The same, compressed.
    #[cfg(feature = "deflate")]
    deflated: Option<(WindowBits, Box<Self>)>,
}

impl Prepared {
    /// Copies a text message, as a whole frame: the best for many connections.
    /// [`From<String>`](#impl-From<String>-for-Prepared) does not copy.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::copy(FirstByte::whole(Opcode::Text), text.as_bytes())
    }

    /// Copies a binary message, as a whole frame: the best for many connections.
    /// [`From<Bytes>`](#impl-From<Bytes>-for-Prepared) does not copy.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self::copy(FirstByte::whole(Opcode::Binary), bytes)
    }

    /// The message itself.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.frame[self.head_len..]
    }

    /// Compresses the message besides, with a window of 2^`bits` bytes: once for all connections
    /// that agreed on that or on more. To the others it goes as it is, and to all if it is shorter
    /// than [`Config::min_message_bytes`] or would not become shorter. A connection with a context
    /// forgets that when it sends such a message, so mix the two only if few messages are prepared.
    ///
    /// ```
    /// use tidewire_ws::deflate::{Codecs, Config};
    /// use tidewire_ws::{Prepared, handshake::deflate::WindowBits};
    ///
    /// let news = Prepared::text(&"tide is in ".repeat(100));
    /// let news = news.deflated(WindowBits::MAX, Config::default(), &mut Codecs::own());
    /// ```
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn deflated(self, bits: WindowBits, config: Config, codecs: &mut Codecs) -> Self {
        let Some(mut deflater) = Deflater::new(bits.get(), Context::NoTakeover, config) else {
            return self;
        };
        let mut payload = BytesMut::new();
        deflater.finish(self.payload(), &mut payload, codecs);
        let is_worth_it = self.payload().len() >= config.min_message_bytes;
        if !is_worth_it || payload.len() >= self.payload().len() {
            return self;
        }
        let deflated = Self::copy(FirstByte { compressed: true, ..self.first }, &payload);
        Self { deflated: Some((bits, Box::new(deflated))), ..self }
    }

    /// The compressed message, if there is one that such a window can read.
    #[cfg(feature = "deflate")]
    pub(crate) fn in_window(&self, window: Window) -> Option<&Self> {
        let (bits, deflated) = self.deflated.as_ref()?;
        (*bits <= window.bits).then_some(deflated)
    }

    fn copy(first: FirstByte, payload: &[u8]) -> Self {
        let mut buffer = [0; FrameHeader::MAX_LEN];
        let head = first.header(payload.len()).encode(&mut buffer);
        Self::new(first, [head, payload].concat().into(), head.len())
    }

    const fn new(first: FirstByte, frame: Bytes, head_len: usize) -> Self {
        Self {
            first,
            frame,
            head_len,
            #[cfg(feature = "deflate")]
            deflated: None,
        }
    }
}

/// A text message.
impl From<String> for Prepared {
    fn from(text: String) -> Self {
        Self::new(FirstByte::whole(Opcode::Text), text.into(), 0)
    }
}

/// A text message, as it was received.
impl From<Text<'_>> for Prepared {
    fn from(text: Text<'_>) -> Self {
        Self::new(FirstByte::whole(Opcode::Text), text.into_bytes(), 0)
    }
}

/// A binary message.
impl From<Bytes> for Prepared {
    fn from(frame: Bytes) -> Self {
        Self::new(FirstByte::whole(Opcode::Binary), frame, 0)
    }
}
