//! From bytes to messages and control frames. What they mean for the connection is not known here.

mod assembly;

use alloc::boxed::Box;

use bytes::BytesMut;
use tidewire_core::{Inbox, Instant};

use crate::compression::Inflating;
use crate::controls::Controls;
use crate::frame::{Expect, Head};
use crate::utf8::{self, Utf8};
use crate::{Config, Delivery, Error, Opcode, mask};

/// Where in which frame of which message we are.
///
/// A frame that is a message of its own is unmasked and checked where it lies, as its bytes arrive,
/// and stays in the inbox. A fragment moves to `buffer` as it arrives. A part is delivered from
/// where it lies; what came of a character that goes on in the next frame waits in `buffer`. A
/// compressed message is inflated to `buffer`.
#[derive(Debug)]
pub(crate) struct Receiver {
    /// Whether frames come masked: a server receives.
    masked: bool,
    /// The messages below this length go by [`receive_whole`](Self::receive_whole).
    whole_below: usize,
    /// The frame whose header was eaten, if its payload is not complete.
    frame: Option<Frame>,
    /// The message under way, unless it is one frame that is delivered whole.
    message: Option<Message>,
    /// Between messages it is empty, and not large.
    buffer: BytesMut,
    /// If compressed messages were agreed on.
    inflating: Option<Box<Inflating>>,
    /// The check of the text message under way. Each one that passed ended with a whole character,
    /// so the next can begin where it stopped.
    utf8: Utf8,
    controls: Controls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Binary,
}

/// What to do with messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    Deliver,
    /// Drop them, whatever their length and content.
    Discard,
}

/// What was received. A length counts the payload's bytes, which lie at the front of the inbox.
#[derive(Debug)]
pub(crate) enum Received {
    Close(usize),
    Ping(usize),
    Pong(usize),
    Lies(Kind, Scope, usize),
    Owned(Kind, Scope, BytesMut),
}

/// How much of a message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Whole,
    Part { is_last: bool },
}

impl Received {
    #[inline]
    pub(crate) fn len_in_inbox(&self) -> usize {
        match *self {
            Self::Close(len) | Self::Ping(len) | Self::Pong(len) | Self::Lies(.., len) => len,
            Self::Owned(..) => 0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    /// Unless the payload stays in the inbox until it is complete, `key` and `len` belong to what
    /// is still there or has not arrived.
    head: Head,
    /// How many bytes at the front of the inbox are unmasked and checked.
    ready: usize,
}

#[derive(Debug)]
struct Message {
    kind: Kind,
    compressed: bool,
    /// How many of its fragments were empty.
    empty: u32,
    /// The length of the fragments that were admitted.
    len: usize,
}

impl Receiver {
    pub(crate) fn new(masked: bool, config: &Config, now: Instant) -> Self {
        let limit = config.max_frame_bytes.min(config.max_message_bytes);
        let whole_below = match config.delivery {
            Delivery::Messages => limit.saturating_add(1),
            Delivery::Parts => 0,
        };
        Self {
            masked,
            whole_below,
            frame: None,
            message: None,
            buffer: BytesMut::new(),
            inflating: None,
            utf8: Utf8::new(),
            controls: Controls::new(now),
        }
    }

    /// Takes compressed messages from now on.
    #[cfg(feature = "deflate")]
    pub(crate) fn inflate(&mut self, inflating: Inflating) {
        self.inflating = Some(Box::new(inflating));
    }

    /// Gives back the memory for messages, if none is under way.
    pub(crate) fn release(&mut self) {
        if self.message.is_none() {
            self.end();
        }
    }

    /// Gives back the memory for messages: none will come.
    pub(crate) fn end(&mut self) {
        self.buffer = BytesMut::new();
        if let Some(inflating) = &mut self.inflating {
            inflating.release();
        }
    }

    /// Returns the message at the front of the inbox if it lies there whole, in one frame: nearly all
    /// do, so this is the short way for them. `None` leaves all as it was, to
    /// [`receive`](Self::receive).
    #[inline]
    pub(crate) fn receive_whole(
        &mut self,
        inbox: &mut Inbox,
        config: &Config,
    ) -> Result<Option<(Kind, usize)>, Error> {
        if self.frame.is_some() || self.message.is_some() {
            return Ok(None);
        }
        let Some(head) = Head::decode(inbox.as_slice(), self.expect(config))? else {
            return Ok(None);
        };
        let kind = match head.opcode {
            Opcode::Text if head.fin && !head.compressed => Kind::Text,
            Opcode::Binary if head.fin && !head.compressed => Kind::Binary,
            _ => return Ok(None),
        };
        let came = inbox.len() - head.size;
        if head.len >= self.whole_below as u64 || head.len > came as u64 {
            return Ok(None);
        }
        inbox.eat(head.size);
        let len = head.len as usize;
        let payload = &mut inbox.as_mut_slice()[..len];
        match (self.masked, kind) {
            (true, Kind::Text) if len > mask::BLOCK_BYTES => {
                self.decode(Frame { head, ready: 0 }, len, inbox)?;
                self.utf8.finish()?;
            }
            (true, Kind::Text) => {
                if !mask::apply_ascii(payload, head.key) {
                    utf8::check_any(payload)?;
                }
            }
            (true, Kind::Binary) => mask::apply(payload, head.key),
            (false, Kind::Text) => utf8::check(payload)?,
            (false, Kind::Binary) => {}
        }
        Ok(Some((kind, len)))
    }

    /// Returns what comes next, or `None` until more bytes are in the inbox.
    pub(crate) fn receive(
        &mut self,
        messages: Messages,
        inbox: &mut Inbox,
        config: &Config,
        now: Instant,
    ) -> Result<Option<Received>, Error> {
        loop {
            let frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.next_frame(messages, inbox, config, now)? {
                    Some(head) => Frame { head, ready: 0 },
                    None => return Ok(None),
                },
            };
            let received = match (frame.head.opcode, messages) {
                (Opcode::Close, _) => self.in_place(frame, inbox)?.map(Received::Close),
                (Opcode::Ping, _) => self.in_place(frame, inbox)?.map(Received::Ping),
                (Opcode::Pong, _) => self.in_place(frame, inbox)?.map(Received::Pong),
                (_, Messages::Discard) => self.discard(frame, inbox),
                (_, Messages::Deliver) if self.message.is_some() => {
                    self.more(frame, inbox, config)?
                }
                (Opcode::Text, _) => self.whole(Kind::Text, frame, inbox)?,
                (Opcode::Binary | Opcode::Continuation, _) => {
                    self.whole(Kind::Binary, frame, inbox)?
                }
            };
            if received.is_some() || self.frame.is_some() {
                return Ok(received);
            }
        }
    }

    /// Eats the next header and judges it, in the order of its bytes and then by size.
    fn next_frame(
        &mut self,
        messages: Messages,
        inbox: &mut Inbox,
        config: &Config,
        now: Instant,
    ) -> Result<Option<Head>, Error> {
        let Some(head) = Head::decode(inbox.as_slice(), self.expect(config))? else {
            return Ok(None);
        };
        let is_simple = head.fin && !head.compressed && config.delivery == Delivery::Messages;
        match head.opcode {
            Opcode::Text if !is_simple => self.begin(Kind::Text, head.compressed),
            Opcode::Binary if !is_simple => self.begin(Kind::Binary, head.compressed),
            _ => {}
        }
        if messages == Messages::Deliver {
            self.admit(&head, config, now)?;
        }
        inbox.eat(head.size);
        Ok(Some(head))
    }

    #[inline]
    fn expect(&self, config: &Config) -> Expect {
        Expect {
            masked: self.masked,
            inside_message: self.message.is_some(),
            deflate: self.inflating.is_some(),
            long_lengths: config.accept_long_lengths,
        }
    }

    fn begin(&mut self, kind: Kind, compressed: bool) {
        self.message = Some(Message { kind, compressed, empty: 0, len: 0 });
    }

    /// Holds a frame against the limits before any of its payload is taken.
    fn admit(&mut self, head: &Head, config: &Config, now: Instant) -> Result<(), Error> {
        match head.opcode {
            Opcode::Ping | Opcode::Pong => return self.controls.admit(config, now),
            Opcode::Close => return Ok(()),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {}
        }
        let (before, is_compressed) =
            self.message.as_ref().map_or((0, false), |message| (message.len, message.compressed));
        let on_wire = |limit: usize| if is_compressed { with_noise(limit) } else { limit };
        if head.len > on_wire(config.max_frame_bytes) as u64 {
            return Err(Error::FrameTooBig { limit_bytes: config.max_frame_bytes });
        }
        // Fragments that were admitted add up to no more than the limit.
        if head.len > (on_wire(config.max_message_bytes) - before) as u64 {
            return Err(Error::MessageTooBig { limit_bytes: config.max_message_bytes });
        }
        if let Some(message) = &mut self.message {
            message.len += head.len as usize;
            let is_fragment = !head.fin || head.opcode == Opcode::Continuation;
            message.empty = message.empty.saturating_add(u32::from(head.len == 0 && is_fragment));
            if message.empty > config.max_empty_fragments {
                return Err(Error::EmptyFragments { limit: config.max_empty_fragments });
            }
        }
        Ok(())
    }

    /// Decodes what has come of a payload that stays in the inbox; returns its length once it is
    /// complete.
    #[inline]
    fn in_place(&mut self, frame: Frame, inbox: &mut Inbox) -> Result<Option<usize>, Error> {
        // The header was held against the limits, so its length fits.
        let len = frame.head.len as usize;
        let end = self.decode(frame, len, inbox)?;
        if end == len {
            return Ok(Some(len));
        }
        self.frame = Some(Frame { ready: end, ..frame });
        inbox.demand(len);
        Ok(None)
    }

    /// The message that is this frame.
    #[inline]
    fn whole(
        &mut self,
        kind: Kind,
        frame: Frame,
        inbox: &mut Inbox,
    ) -> Result<Option<Received>, Error> {
        let Some(len) = self.in_place(frame, inbox)? else { return Ok(None) };
        if kind == Kind::Text {
            self.utf8.finish()?;
        }
        Ok(Some(Received::Lies(kind, Scope::Whole, len)))
    }

    /// Unmasks and checks what has come of the frame's first `len` bytes; returns how many came.
    #[inline]
    fn decode(&mut self, frame: Frame, len: usize, inbox: &mut Inbox) -> Result<usize, Error> {
        let is_text = match frame.head.opcode {
            Opcode::Text => true,
            Opcode::Continuation => {
                self.message.as_ref().is_some_and(|message| message.kind == Kind::Text)
            }
            _ => false,
        };
        let available = inbox.as_mut_slice();
        let end = len.min(available.len());
        let fresh = &mut available[frame.ready..end];
        let key = mask::rotate(frame.head.key, frame.ready);
        match (self.masked, is_text) {
            (true, true) => {
                for block in fresh.chunks_mut(mask::BLOCK_BYTES) {
                    let is_ascii = mask::apply_ascii(block, key);
                    self.utf8.push_known(block, is_ascii)?;
                }
            }
            (true, false) => mask::apply(fresh, key),
            (false, true) => self.utf8.push(fresh)?,
            (false, false) => {}
        }
        Ok(end)
    }

    /// Takes `len` bytes off what is left of the frame; returns whether the message ends with them.
    fn advance(&mut self, frame: Frame, len: usize) -> bool {
        let Frame { mut head, .. } = frame;
        head.len -= len as u64;
        head.key = mask::rotate(head.key, len);
        if head.len > 0 {
            self.frame = Some(Frame { head, ready: 0 });
        }
        head.len == 0 && head.fin
    }

    /// Eats what has come of a message that nobody wants; returns nothing.
    #[cold]
    fn discard(&mut self, frame: Frame, inbox: &mut Inbox) -> Option<Received> {
        self.buffer = BytesMut::new();
        let len = frame.head.len.min(inbox.len() as u64) as usize;
        inbox.eat(len);
        if self.advance(frame, len) {
            self.message = None;
        }
        None
    }
}

/// The most that so many bytes come to where a compressor finds nothing in them.
const fn with_noise(len: usize) -> usize {
    len.saturating_add(len / 8 + 1024)
}
