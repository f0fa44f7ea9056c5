//! From bytes to messages and control frames. What they mean for the connection is not known here.

use core::mem;
use core::time::Duration;

use bytes::BytesMut;
use tidewire_core::{Inbox, Instant};

use crate::frame::Expect;
use crate::utf8::Utf8;
use crate::{Config, Error, FrameHeader, Opcode, mask};

/// The receiving half: where in which frame of which message we are.
///
/// A frame that is a message of its own is unmasked and checked where it lies, as its bytes arrive,
/// and stays in the inbox. A fragment moves to `buffer` as it arrives.
#[derive(Debug)]
pub(crate) struct Receiver {
    /// Whether frames come masked: a server receives.
    masked: bool,
    /// The frame whose header was eaten, if its payload is not complete.
    frame: Option<Frame>,
    /// The fragmented message under way.
    message: Option<Fragments>,
    /// The fragments so far. Between messages it is empty and keeps no more than `KEPT_BYTES`.
    buffer: BytesMut,
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
    Message(Kind, usize),
    Assembled(Kind, BytesMut),
}

impl Received {
    pub(crate) fn len_in_inbox(&self) -> usize {
        match *self {
            Self::Close(len) | Self::Ping(len) | Self::Pong(len) | Self::Message(_, len) => len,
            Self::Assembled(..) => 0,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    /// For a fragment, `mask` and `len` belong to what has not arrived yet.
    header: FrameHeader,
    /// How many bytes at the front of the inbox are unmasked and checked.
    ready: usize,
}

#[derive(Debug)]
struct Fragments {
    kind: Kind,
    empty: u32,
}

/// A leaky bucket for pings and pongs: each fills its share, and time drains it.
#[derive(Debug)]
struct Controls {
    /// The time that it takes to run dry.
    level: Duration,
    /// When the last one came.
    seen: Instant,
}

impl Receiver {
    pub(crate) fn new(masked: bool, now: Instant) -> Self {
        Self {
            masked,
            frame: None,
            message: None,
            buffer: BytesMut::new(),
            utf8: Utf8::new(),
            controls: Controls { level: Duration::ZERO, seen: now },
        }
    }

    /// The check of the message that was received last, if that was a text.
    pub(crate) fn utf8(&self) -> Utf8 {
        self.utf8
    }

    /// Gives back the memory for fragments, if no message is under way.
    pub(crate) fn release(&mut self) {
        if self.message.is_none() {
            self.buffer = BytesMut::new();
        }
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
                    Some(header) => Frame { header, ready: 0 },
                    None => return Ok(None),
                },
            };
            let FrameHeader { fin, opcode, .. } = frame.header;
            let received = match (opcode, messages) {
                (Opcode::Close, _) => self.in_place(frame, inbox)?.map(Received::Close),
                (Opcode::Ping, _) => self.in_place(frame, inbox)?.map(Received::Ping),
                (Opcode::Pong, _) => self.in_place(frame, inbox)?.map(Received::Pong),
                (_, Messages::Discard) => self.discard(frame, inbox),
                (Opcode::Text, _) if fin => {
                    self.in_place(frame, inbox)?.map(|len| Received::Message(Kind::Text, len))
                }
                (Opcode::Binary, _) if fin => {
                    self.in_place(frame, inbox)?.map(|len| Received::Message(Kind::Binary, len))
                }
                (Opcode::Continuation | Opcode::Text | Opcode::Binary, Messages::Deliver) => {
                    self.append(frame, inbox)?
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
    ) -> Result<Option<FrameHeader>, Error> {
        let expect = Expect { masked: self.masked, inside_message: self.message.is_some() };
        let Some((header, size)) = FrameHeader::decode(inbox.as_slice(), expect)? else {
            return Ok(None);
        };
        match header.opcode {
            Opcode::Text => self.begin(Kind::Text, header.fin),
            Opcode::Binary => self.begin(Kind::Binary, header.fin),
            Opcode::Continuation | Opcode::Close | Opcode::Ping | Opcode::Pong => {}
        }
        if messages == Messages::Deliver {
            self.admit(&header, config, now)?;
        }
        inbox.eat(size);
        Ok(Some(header))
    }

    fn begin(&mut self, kind: Kind, fin: bool) {
        if !fin {
            self.message = Some(Fragments { kind, empty: 0 });
        }
    }

    /// Holds a frame against the limits before any of its payload is taken.
    fn admit(&mut self, header: &FrameHeader, config: &Config, now: Instant) -> Result<(), Error> {
        match header.opcode {
            Opcode::Ping | Opcode::Pong => return self.controls.admit(config, now),
            Opcode::Close => return Ok(()),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => {}
        }
        if header.len > config.max_frame_bytes as u64 {
            return Err(Error::FrameTooBig { limit_bytes: config.max_frame_bytes });
        }
        // Fragments that were admitted add up to no more than the limit.
        if header.len > (config.max_message_bytes - self.buffer.len()) as u64 {
            return Err(Error::MessageTooBig { limit_bytes: config.max_message_bytes });
        }
        match &mut self.message {
            Some(message) if header.len == 0 => {
                message.empty += 1;
                if message.empty > config.max_empty_fragments {
                    return Err(Error::EmptyFragments { limit: config.max_empty_fragments });
                }
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    /// Decodes what has come of a payload that stays in the inbox; returns its length once it is
    /// complete.
    fn in_place(&mut self, frame: Frame, inbox: &mut Inbox) -> Result<Option<usize>, Error> {
        // The header was held against the limits, so its length fits.
        let len = frame.header.len as usize;
        let available = inbox.as_mut_slice();
        let end = len.min(available.len());
        let fresh = &mut available[frame.ready..end];
        if let Some(key) = frame.header.mask {
            mask::apply(fresh, mask::rotate(key, frame.ready));
        }
        if frame.header.opcode == Opcode::Text {
            self.utf8.push(fresh)?;
        }
        if end == len {
            return Ok(Some(len));
        }
        self.frame = Some(Frame { ready: end, ..frame });
        inbox.demand(len);
        Ok(None)
    }

    /// Moves what has come of a fragment to the buffer; returns the message once it is complete.
    fn append(&mut self, frame: Frame, inbox: &mut Inbox) -> Result<Option<Received>, Error> {
        let Some(Fragments { kind, .. }) = self.message else { return Ok(None) };
        let Frame { mut header, .. } = frame;
        let available = inbox.as_mut_slice();
        let len = header.len.min(available.len() as u64) as usize;
        let fresh = &mut available[..len];
        if let Some(key) = &mut header.mask {
            mask::apply(fresh, *key);
            *key = mask::rotate(*key, len);
        }
        if kind == Kind::Text {
            self.utf8.push(fresh)?;
        }
        self.buffer.extend_from_slice(fresh);
        inbox.eat(len);
        header.len -= len as u64;
        if header.len > 0 {
            self.frame = Some(Frame { header, ready: 0 });
        } else if header.fin {
            self.message = None;
            return Ok(Some(Received::Assembled(kind, self.hand_over())));
        }
        Ok(None)
    }

    /// Empties the buffer. The memory of a large one leaves with the message, so that a
    /// connection at rest does not hold it.
    fn hand_over(&mut self) -> BytesMut {
        if self.buffer.capacity() > KEPT_BYTES {
            mem::take(&mut self.buffer)
        } else {
            self.buffer.split()
        }
    }

    /// Eats what has come of a message that nobody wants; returns nothing.
    fn discard(&mut self, frame: Frame, inbox: &mut Inbox) -> Option<Received> {
        self.buffer = BytesMut::new();
        let Frame { mut header, .. } = frame;
        let len = header.len.min(inbox.len() as u64) as usize;
        inbox.eat(len);
        header.len -= len as u64;
        if header.len > 0 {
            self.frame = Some(Frame { header, ready: 0 });
        } else if header.fin {
            self.message = None;
        }
        None
    }
}

impl Controls {
    fn admit(&mut self, config: &Config, now: Instant) -> Result<(), Error> {
        let limit = config.max_control_frames_per_second;
        let one = FULL.checked_div(limit).ok_or(Error::ControlFlood { limit })?;
        // A clock that ran backwards says nothing of the pace.
        let has_leapt = now < self.seen;
        let rested = if has_leapt { FULL } else { now.saturating_duration_since(self.seen) };
        let level = self.level.saturating_sub(rested) + one;
        if level > FULL {
            return Err(Error::ControlFlood { limit });
        }
        *self = Self { level, seen: now };
        Ok(())
    }
}

/// The time in which a full bucket runs dry.
const FULL: Duration = Duration::from_secs(1);

/// As much memory as the usual message in fragments needs again and again.
const KEPT_BYTES: usize = 16 * 1024;
