//! The sending half: what it may send, and what it owes. Its commands have their own file; what the
//! receiving half makes of them is not known here.

mod commands;
mod direct;

pub(crate) use direct::Direct;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::num::NonZeroUsize;
use core::time::Duration;

use tidewire_core::{Entropy, Instant, Outbox};

use crate::close;
use crate::compression::Deflating;
use crate::receive::Kind;
use crate::reply::{Answer, Pong, Reply};
use crate::write::{FirstByte, Writer};
use crate::{CloseCode, Config, FrameHeader, Opcode, SendError};

/// The sending half of a connection.
///
/// Its commands are those of a whole [`Connection`](crate::Connection), which tells more about each.
/// It also writes what the [`Receiving`](crate::Receiving) half owes the peer, once it is
/// [handed](Self::apply) that.
#[derive(Debug)]
pub struct Sending {
    config: Arc<Config>,
    writer: Writer,
    /// Whether our Close has yet to be written.
    is_open: bool,
    /// The message that we have begun to send in fragments.
    message: Option<Begun>,
    /// If compressed messages were agreed on.
    deflating: Option<Box<Deflating>>,
    /// The length of the frame that was refused last for want of room, until there is some.
    refused: Option<NonZeroUsize>,
    /// The pong for the latest ping that found no room: there is one such slot, so a flood of pings
    /// to whoever cannot write costs no more. RFC 6455 §5.5.3.
    owed: Option<Box<Owed>>,
}

#[derive(Clone, Copy, Debug)]
struct Begun {
    kind: Kind,
    compressed: bool,
}

#[derive(Debug)]
struct Owed {
    pong: Pong,
    /// When to look for room again: bytes leave the outbox without anybody telling us.
    retry_at: Instant,
}

impl Sending {
    pub(crate) fn server(config: Arc<Config>) -> Self {
        Self::new(config, Writer::server())
    }

    pub(crate) fn client(config: Arc<Config>, entropy: Entropy) -> Self {
        Self::new(config, Writer::client(entropy))
    }

    fn new(config: Arc<Config>, writer: Writer) -> Self {
        Self {
            config,
            writer,
            is_open: true,
            message: None,
            deflating: None,
            refused: None,
            owed: None,
        }
    }

    /// Sends compressed messages from now on.
    #[cfg(feature = "deflate")]
    pub(crate) fn deflate(&mut self, deflating: Option<Deflating>) {
        self.deflating = deflating.map(Box::new);
    }

    /// Whether messages can be sent: no Close was.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// The limits and periods that the connection keeps.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Writes what the other half owes the peer.
    pub fn apply(&mut self, reply: &Reply, outbox: &mut Outbox, now: Instant) {
        let mut direct = Direct { sending: self, outbox, now };
        if let Some(pong) = &reply.pong {
            direct.pong(pong.payload());
        }
        if reply.ping {
            direct.ping();
        }
        if let Some(code) = reply.close {
            direct.close(code);
        }
        if reply.end {
            direct.end();
        }
    }

    /// Call it when bytes have left, and at the [`deadline`](Self::deadline): writes the pong that
    /// waits for room, and returns whether a command that was refused may be tried again. That is
    /// what a [`Connection`](crate::Connection) tells as [`Event::Drained`](crate::Event::Drained).
    #[must_use]
    #[inline]
    pub fn on_written(&mut self, outbox: &mut Outbox, now: Instant) -> bool {
        if let Some(mut owed) = self.owed.take() {
            if self.has_room(owed.pong.payload().len(), outbox) {
                let first = FirstByte::whole(Opcode::Pong);
                self.writer.write(first, owed.pong.payload(), outbox);
            } else {
                owed.retry_at = now + RETRY_AFTER;
                self.owed = Some(owed);
            }
        }
        let Some(frame_len) = self.refused else { return false };
        let low = self.config.low_outbox_bytes.min(self.config.max_outbox_bytes / 2);
        let has_drained = self.is_open && outbox.len() <= low && self.fits(frame_len.get(), outbox);
        if has_drained {
            self.refused = None;
        }
        has_drained
    }

    /// When to call [`on_written`](Self::on_written) even if no bytes are known to have left.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.owed.as_ref().map(|owed| owed.retry_at)
    }

    #[inline]
    fn send_message(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_sending(None)?;
        let compressed = self.deflating.as_ref().is_some_and(|it| it.takes(payload.len()));
        let first = FirstByte { compressed, ..FirstByte::whole(opcode) };
        self.write(first, compressed, payload, outbox)
    }

    fn begin(
        &mut self,
        kind: Kind,
        opcode: Opcode,
        payload: &[u8],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_sending(None)?;
        let compressed = self.deflating.is_some();
        self.write(FirstByte { fin: false, compressed, opcode }, compressed, payload, outbox)?;
        self.message = Some(Begun { kind, compressed });
        Ok(())
    }

    fn go_on(&mut self, fin: bool, payload: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        let Begun { compressed, .. } = self.message.ok_or(SendError::NoMessage)?;
        // RFC 7692 §6: the first frame says for all whether they are compressed.
        let first = FirstByte { fin, ..FirstByte::whole(Opcode::Continuation) };
        self.write(first, compressed, payload, outbox)
    }

    fn send_control(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_open()?;
        if payload.len() > FrameHeader::MAX_CONTROL_LEN {
            return Err(SendError::PayloadTooLong);
        }
        self.write(FirstByte::whole(opcode), false, payload, outbox)
    }

    #[inline]
    fn write(
        &mut self,
        first: FirstByte,
        compressed: bool,
        payload: &[u8],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_room(payload.len(), outbox)?;
        match &mut self.deflating {
            Some(deflating) if compressed => {
                match deflating.compress(payload, first) {
                    Some(shorter) => self.writer.write(first, shorter, outbox),
                    // It may leave as it is if no fragment did.
                    None => {
                        let first = FirstByte { compressed: false, ..first };
                        self.writer.write(first, payload, outbox);
                    }
                }
                deflating.on_written();
            }
            Some(_) | None => self.writer.write(first, payload, outbox),
        }
        Ok(())
    }

    /// Writes the pong, or remembers it in place of an earlier one. Our Close is the last thing that
    /// we send.
    fn answer(&mut self, payload: &[u8], outbox: &mut Outbox, now: Instant) {
        if !self.is_open {
        } else if self.has_room(payload.len(), outbox) {
            self.owed = None;
            self.writer.write(FirstByte::whole(Opcode::Pong), payload, outbox);
        } else {
            let owed = Owed { pong: Pong::new(payload), retry_at: now + RETRY_AFTER };
            match &mut self.owed {
                Some(earlier) => **earlier = owed,
                None => self.owed = Some(Box::new(owed)),
            }
        }
    }

    fn write_close(&mut self, code: Option<CloseCode>, reason: &str, outbox: &mut Outbox) {
        let mut buffer = [0; FrameHeader::MAX_CONTROL_LEN];
        let payload = code.map_or(&[][..], |code| close::encode(code, reason, &mut buffer));
        self.writer.write(FirstByte::whole(Opcode::Close), payload, outbox);
        self.end();
    }

    /// Nothing follows.
    fn end(&mut self) {
        self.is_open = false;
        self.owed = None;
        if let Some(deflating) = &mut self.deflating {
            deflating.release();
        }
    }

    #[inline]
    fn check_open(&self) -> Result<(), SendError> {
        if self.is_open { Ok(()) } else { Err(SendError::NotOpen) }
    }

    /// Fails unless the connection is open and `expected` is what we are in the midst of sending.
    #[inline]
    fn check_sending(&self, expected: Option<Kind>) -> Result<(), SendError> {
        self.check_open()?;
        match expected {
            _ if self.message.map(|begun| begun.kind) == expected => Ok(()),
            None => Err(SendError::MessageUnderWay),
            Some(_) => Err(SendError::NoMessage),
        }
    }

    #[inline]
    fn check_room(&mut self, payload_len: usize, outbox: &Outbox) -> Result<(), SendError> {
        let frame_len = self.writer.frame_len(payload_len);
        if self.fits(frame_len, outbox) {
            Ok(())
        } else {
            self.refused = NonZeroUsize::new(frame_len);
            Err(SendError::OutboxFull { limit_bytes: self.config.max_outbox_bytes })
        }
    }

    /// Whether a frame with so many bytes of payload may join what waits in the outbox.
    #[inline]
    fn has_room(&self, payload_len: usize, outbox: &Outbox) -> bool {
        self.fits(self.writer.frame_len(payload_len), outbox)
    }

    #[inline]
    fn fits(&self, frame_len: usize, outbox: &Outbox) -> bool {
        let waiting = outbox.len().saturating_add(frame_len);
        outbox.is_empty() || waiting <= self.config.max_outbox_bytes
    }
}

/// Well under the time in which a peer expects its pong.
const RETRY_AFTER: Duration = Duration::from_secs(1);
