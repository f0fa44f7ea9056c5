//! Messages that take more than a look at one frame: in fragments, in parts, compressed. Frames are
//! read in the file above.

use core::mem;

use bytes::BytesMut;
use tidewire_core::Inbox;

use super::{Frame, Kind, Message, Received, Receiver, Scope};
use crate::{Config, Delivery, Error, mask};

impl Receiver {
    /// Goes on with a message in fragments or in parts.
    #[cold]
    pub(super) fn more(
        &mut self,
        frame: Frame,
        inbox: &mut Inbox,
        config: &Config,
    ) -> Result<Option<Received>, Error> {
        let is_compressed = self.message.as_ref().is_some_and(|message| message.compressed);
        match config.delivery {
            _ if is_compressed => self.inflated(frame, inbox, config),
            Delivery::Messages => self.append(frame, inbox),
            Delivery::Parts => self.part(frame, inbox),
        }
    }

    /// Inflates what has come of a frame to the buffer; returns the message once it is complete, or
    /// the part.
    fn inflated(
        &mut self,
        frame: Frame,
        inbox: &mut Inbox,
        config: &Config,
    ) -> Result<Option<Received>, Error> {
        let (Some(Message { kind, .. }), Some(inflating)) = (&self.message, &mut self.inflating)
        else {
            return Ok(None);
        };
        let kind = *kind;
        let len = frame.head.len.min(inbox.len() as u64) as usize;
        let payload = &mut inbox.as_mut_slice()[..len];
        if self.masked {
            mask::apply(payload, frame.head.key);
        }
        let before = self.buffer.len();
        let mut pushed = inflating.push(payload, config, &mut self.buffer);
        let is_last = frame.head.fin && len as u64 == frame.head.len;
        if is_last && pushed.is_ok() {
            pushed = inflating.finish();
        }
        // Whatever the cut, the first fault is told: the text came before what could not be inflated.
        if kind == Kind::Text {
            self.utf8.push(&self.buffer[before..])?;
        }
        pushed?;
        inbox.eat(len);
        self.advance(frame, len);
        self.message_end(is_last)?;
        let (scope, cut) = match config.delivery {
            Delivery::Messages if is_last => (Scope::Whole, 0),
            Delivery::Messages => return Ok(None),
            Delivery::Parts if kind == Kind::Text => (Scope::Part { is_last }, self.utf8.cut_len()),
            Delivery::Parts => (Scope::Part { is_last }, 0),
        };
        let len = self.buffer.len() - cut;
        if len == 0 && !is_last {
            return Ok(None);
        }
        let told = if cut == 0 { self.hand_over() } else { self.buffer.split_to(len) };
        Ok(Some(Received::Owned(kind, scope, told)))
    }

    /// Moves what has come of a fragment to the buffer; returns the message once it is complete.
    fn append(&mut self, frame: Frame, inbox: &mut Inbox) -> Result<Option<Received>, Error> {
        let len = self.decode(frame, frame.head.len as usize, inbox)?;
        self.buffer.extend_from_slice(&inbox.as_slice()[..len]);
        inbox.eat(len);
        let is_last = self.advance(frame, len);
        let Some(kind) = self.message_end(is_last)? else { return Ok(None) };
        Ok(Some(Received::Owned(kind, Scope::Whole, self.hand_over())))
    }

    /// Delivers what has come of a frame up to the last whole character.
    fn part(&mut self, frame: Frame, inbox: &mut Inbox) -> Result<Option<Received>, Error> {
        let Some(Message { kind, .. }) = self.message else { return Ok(None) };
        if !self.buffer.is_empty() {
            return self.cut_character(frame, inbox);
        }
        let came = self.decode(frame, frame.head.len as usize, inbox)?;
        let cut = if kind == Kind::Text { self.utf8.cut_len() } else { 0 };
        let (len, is_whole) = (came - cut, came as u64 == frame.head.len);
        if len == 0 && !is_whole {
            self.frame = Some(Frame { ready: came, ..frame });
            return Ok(None);
        }
        if is_whole && cut > 0 {
            // The rest of the character comes in the next frame, if one may come.
            if frame.head.fin {
                self.utf8.finish()?;
            }
            if len == 0 {
                self.buffer.extend_from_slice(&inbox.as_slice()[..cut]);
                inbox.eat(cut);
                return Ok(None);
            }
        }
        let is_last = self.advance(frame, len);
        if let Some(frame) = &mut self.frame {
            frame.ready = cut;
        }
        self.message_end(is_last)?;
        let is_told = len > 0 || is_last;
        Ok(is_told.then_some(Received::Lies(kind, Scope::Part { is_last }, len)))
    }

    /// Goes on with a character whose start came in an earlier frame.
    fn cut_character(
        &mut self,
        frame: Frame,
        inbox: &mut Inbox,
    ) -> Result<Option<Received>, Error> {
        let len = (frame.head.len as usize).min(self.utf8.missing_len());
        let came = self.decode(frame, len, inbox)?;
        self.buffer.extend_from_slice(&inbox.as_slice()[..came]);
        inbox.eat(came);
        let is_last = self.advance(frame, came);
        self.message_end(is_last)?;
        if self.utf8.missing_len() > 0 {
            return Ok(None);
        }
        Ok(Some(Received::Owned(Kind::Text, Scope::Part { is_last }, self.buffer.split())))
    }

    /// If the message ends here, forgets it and returns its kind.
    fn message_end(&mut self, is_last: bool) -> Result<Option<Kind>, Error> {
        if !is_last {
            return Ok(None);
        }
        let kind = self.message.take().map(|message| message.kind);
        if kind == Some(Kind::Text) {
            self.utf8.finish()?;
        }
        Ok(kind)
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
}

/// As much memory as the usual message in fragments needs again and again.
const KEPT_BYTES: usize = 16 * 1024;
