//! One direction of sending: from a message to the payload of frames. Frames are not known here.

use alloc::boxed::Box;

use bytes::BytesMut;

use super::engine::{Compressor, Settings, TAIL};
use super::{Codecs, Config, Context};

/// Deflates the messages of one direction, in order.
///
/// ```
/// use bytes::BytesMut;
/// use tidewire_ws::deflate::{Codecs, Config, Context, Deflater};
///
/// let mut codecs = Codecs::own();
/// let mut deflater = Deflater::new(15, Context::Takeover, Config::default()).unwrap();
/// let mut payload = BytesMut::new();
/// deflater.finish(b"Hello", &mut payload, &mut codecs);
/// assert_eq!(payload[..], *b"\xF2\x48\xCD\xC9\xC9\x07\x00");
/// payload.clear();
/// deflater.finish(b"Hello", &mut payload, &mut codecs);
/// assert!(payload.len() < "Hello".len(), "it refers back to the first");
/// ```
///
/// Between two messages it owns a compressor only if the context is taken over. Messages may also
/// be sent as they are, without it; it need not know. But what was deflated here has to be sent,
/// unless [`forget`](Self::forget) is called before the next message.
#[derive(Debug)]
pub struct Deflater {
    settings: Settings,
    context: Context,
    /// There is one while a message is under way, and afterwards if the context is taken over.
    compressor: Option<Box<Compressor>>,
}

impl Deflater {
    /// A direction in which nothing was sent, and in which we may refer back 2^`window_bits` bytes.
    ///
    /// `None` if that is less than 2^9: zlib cannot do it, and all messages have to be sent as they
    /// are. More than 15 bits count as 15.
    #[must_use]
    pub fn new(window_bits: u8, context: Context, config: Config) -> Option<Self> {
        let settings = Settings::new(window_bits, config)?;
        Some(Self { settings, context, compressor: None })
    }

    /// Appends the payload of a message's fragment that is not the last. The peer can inflate it at
    /// once, to the last byte. It may be empty.
    pub fn push(&mut self, bytes: &[u8], into: &mut BytesMut, codecs: &mut Codecs) {
        let settings = self.settings;
        let compressor = self.compressor.get_or_insert_with(|| codecs.take_compressor(settings));
        compressor.deflate(bytes, into);
    }

    /// Appends the payload of a message's last fragment, which may be the whole message. It is
    /// never empty.
    ///
    /// It can be longer than the message: at level 1 by an eighth, at higher ones by a hundredth, if
    /// there is nothing to compress. Without takeover the compressor is given back to `codecs`.
    pub fn finish(&mut self, bytes: &[u8], into: &mut BytesMut, codecs: &mut Codecs) {
        let start = into.len();
        self.push(bytes, into, codecs);
        if into.len() > start {
            debug_assert!(into.ends_with(&TAIL), "each flush ends with it");
            into.truncate(into.len() - TAIL.len());
        } else {
            // The header of the block that the tail ends. RFC 7692 §7.2.3.6.
            into.extend_from_slice(&[0]);
        }
        match self.context {
            Context::Takeover => {}
            Context::NoTakeover => self.release(codecs),
        }
    }

    /// Forgets what was sent, between two messages: what follows refers back to nothing, and the
    /// peer need not know. Whoever drops what was deflated here, or sends what was deflated
    /// elsewhere, has to call it.
    pub fn forget(&mut self) {
        if let Some(compressor) = &mut self.compressor {
            compressor.forget();
        }
    }

    /// Gives the compressor back to `codecs`, and forgets what was sent, at any time.
    ///
    /// The peer need not know: what follows refers back to nothing. So a connection that has been
    /// quiet can save the memory; and one that sends a message which was deflated elsewhere, for
    /// many connections at once, or drops one which was deflated here, has to call it.
    pub fn release(&mut self, codecs: &mut Codecs) {
        if let Some(compressor) = self.compressor.take() {
            codecs.give_compressor(compressor);
        }
    }
}
