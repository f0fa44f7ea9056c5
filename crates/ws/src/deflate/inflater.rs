//! One direction of receiving: from the payload of frames to a message. Frames are not known here.

use alloc::boxed::Box;
use core::mem;

use bytes::BytesMut;

use super::engine::Decompressor;
use super::window::Window;
use super::{Codecs, Context, Error};

/// Inflates the compressed messages of one direction, in order.
///
/// ```
/// use bytes::BytesMut;
/// use tidewire_ws::deflate::{Codecs, Context, Inflater};
///
/// let mut codecs = Codecs::own();
/// let mut inflater = Inflater::new(15, Context::Takeover);
/// let mut message = BytesMut::new();
/// for part in [&b"\xF2\x48\xCD"[..], b"\xC9\xC9\x07\x00"] {
///     inflater.push(part, 1024, &mut message, &mut codecs)?;
/// }
/// inflater.finish(&mut codecs)?;
/// assert_eq!(message, "Hello");
/// # Ok::<(), tidewire_ws::deflate::Error>(())
/// ```
///
/// ```text
///            push            finish
/// at rest ─────────► message ──────► at rest     an error, too, ends the message
/// ```
///
/// At rest it owns nothing if the context is not taken over; if it is, no more than the window where
/// [`Codecs`] are lent, and window and decompressor where they are its own. Any cutting of a message
/// inflates to the same bytes. Messages that are not compressed do not concern it, and neither do
/// control frames. Whether a text is UTF-8 is for its reader to check.
#[derive(Debug)]
pub struct Inflater {
    /// What the peer may refer back to, if the context is taken over. While there is a
    /// decompressor, that has it.
    window: Option<Window>,
    /// There is one while a message is under way, and it may stay afterwards.
    decompressor: Option<Box<Decompressor>>,
    /// What the message under way came to so far.
    inflated_bytes: usize,
}

impl Inflater {
    /// A direction at rest, in which the peer may refer back 2^`window_bits` bytes. The RFC knows 8
    /// to 15 of them; other values count as the nearest. A peer that refers back further is not
    /// always found out.
    #[must_use]
    pub fn new(window_bits: u8, context: Context) -> Self {
        let window = match context {
            Context::Takeover => Some(Window::new(window_bits)),
            Context::NoTakeover => None,
        };
        Self { window, decompressor: None, inflated_bytes: 0 }
    }

    /// Takes some of a message's payload, unmasked, and appends to `into` all it inflates to.
    ///
    /// The first call begins a message, and borrows a decompressor from `codecs`. The message may
    /// come to `max_bytes` in all, however much of it was taken out of `into` meanwhile. At most
    /// twice as much memory is reserved as there are bytes.
    ///
    /// # Errors
    ///
    /// The bytes cannot be inflated, or the message is longer than `max_bytes`. What came out before
    /// was appended, and no byte past that. The decompressor was given back.
    pub fn push(
        &mut self,
        bytes: &[u8],
        max_bytes: usize,
        into: &mut BytesMut,
        codecs: &mut Codecs,
    ) -> Result<(), Error> {
        let inflated = self.inflate(bytes, max_bytes, into, codecs);
        if inflated.is_err() {
            self.release(codecs);
        }
        inflated
    }

    /// Ends the message: all of its payload was pushed.
    ///
    /// A message without any payload is taken as an empty one, though its sender should have
    /// written one byte. RFC 7692 §7.2.3.6.
    ///
    /// # Errors
    ///
    /// The payload stops in the middle of something.
    pub fn finish(&mut self, codecs: &mut Codecs) -> Result<(), Error> {
        let may_end = self.decompressor(codecs).end();
        self.inflated_bytes = 0;
        if !may_end || self.window.is_none() || codecs.is_lent() {
            self.release(codecs);
        }
        if may_end { Ok(()) } else { Err(Error::Truncated) }
    }

    /// Gives the decompressor back to `codecs`, and drops the message under way, if there is one.
    /// The context stays.
    ///
    /// Call it when the connection is over: to drop an inflater frees the decompressor, which is
    /// then lost to the pool. A connection that has been quiet can save memory with it.
    pub fn release(&mut self, codecs: &mut Codecs) {
        self.inflated_bytes = 0;
        if let Some(mut decompressor) = self.decompressor.take() {
            if let Some(window) = &mut self.window {
                mem::swap(window, &mut decompressor.window);
            }
            codecs.give_decompressor(decompressor);
        }
    }

    fn inflate(
        &mut self,
        mut bytes: &[u8],
        max_bytes: usize,
        into: &mut BytesMut,
        codecs: &mut Codecs,
    ) -> Result<(), Error> {
        let mut left = max_bytes.saturating_sub(self.inflated_bytes);
        let decompressor = self.decompressor(codecs);
        while !bytes.is_empty() || decompressor.is_full() {
            // One byte more than may come tells whether it does.
            let fresh = decompressor.inflate(&mut bytes, left.saturating_add(1))?;
            let len = fresh.len();
            into.extend_from_slice(&fresh[..len.min(left)]);
            left = left.checked_sub(len).ok_or(Error::MessageTooBig { limit_bytes: max_bytes })?;
        }
        self.inflated_bytes = max_bytes - left;
        Ok(())
    }

    /// The decompressor of the message under way, or of a new one.
    fn decompressor(&mut self, codecs: &mut Codecs) -> &mut Decompressor {
        self.decompressor.get_or_insert_with(|| {
            let mut decompressor = codecs.take_decompressor();
            match &mut self.window {
                Some(window) => mem::swap(window, &mut decompressor.window),
                None => decompressor.window.clear(),
            }
            decompressor.begin();
            decompressor
        })
    }
}
