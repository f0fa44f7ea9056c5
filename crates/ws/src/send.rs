//! The commands that send messages, pings and pongs. Closing is a transition of the connection.

use tidewire_core::{Instant, Outbox};

use crate::receive::Kind;
use crate::{Connection, FrameHeader, Opcode, Prepared, SendError};

/// # Sending
///
/// A command writes to the outbox at once. It fails with [`SendError::NotOpen`] once the connection
/// is closing, and with [`SendError::OutboxFull`] while
/// [`Config::max_outbox_bytes`](crate::Config::max_outbox_bytes) stands in the way; then nothing is
/// written and the state is as before.
impl Connection {
    /// Sends a text message in one frame.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn send_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_message(Opcode::Text, true, text.as_bytes(), outbox)
    }

    /// Sends a binary message in one frame.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn send_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_message(Opcode::Binary, true, bytes, outbox)
    }

    /// Sends a message that was encoded before. A server copies nothing of a long one.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn send_prepared(
        &mut self,
        message: &Prepared,
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_sending(None)?;
        self.check_room(message.payload().len(), outbox)?;
        self.role.write_prepared(message, outbox);
        Ok(())
    }

    /// Begins a text message whose length is not known yet, with its first fragment.
    ///
    /// [`continue_text`](Self::continue_text) and [`finish`](Self::finish) follow; pings, pongs and
    /// a Close may come between. RFC 6455 §5.4.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn begin_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_message(Opcode::Text, false, text.as_bytes(), outbox)?;
        self.sending = Some(Kind::Text);
        Ok(())
    }

    /// Begins a binary message whose length is not known yet, with its first fragment.
    ///
    /// [`continue_binary`](Self::continue_binary) and [`finish`](Self::finish) follow; pings, pongs
    /// and a Close may come between. RFC 6455 §5.4.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::MessageUnderWay`].
    pub fn begin_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_message(Opcode::Binary, false, bytes, outbox)?;
        self.sending = Some(Kind::Binary);
        Ok(())
    }

    /// Sends one more fragment of the text message under way.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::NoMessage`].
    pub fn continue_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.check_sending(Some(Kind::Text))?;
        self.write(Opcode::Continuation, false, text.as_bytes(), outbox)
    }

    /// Sends one more fragment of the binary message under way.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::NoMessage`].
    pub fn continue_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.check_sending(Some(Kind::Binary))?;
        self.write(Opcode::Continuation, false, bytes, outbox)
    }

    /// Ends the message under way, with an empty last fragment.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::NoMessage`].
    pub fn finish(&mut self, outbox: &mut Outbox) -> Result<(), SendError> {
        self.check_open()?;
        if self.sending.is_none() {
            return Err(SendError::NoMessage);
        }
        self.write(Opcode::Continuation, true, &[], outbox)?;
        self.sending = None;
        Ok(())
    }

    /// Sends a ping. If no byte comes within
    /// [`Config::pong_timeout`](crate::Config::pong_timeout) after it left, the connection ends.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::PayloadTooLong`] if `payload` has more than 125 bytes.
    pub fn ping(
        &mut self,
        payload: &[u8],
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        self.send_control(Opcode::Ping, payload, outbox)?;
        self.keepalive.on_ping(&self.config, outbox, now);
        Ok(())
    }

    /// Sends a pong that nobody asked for: a sign of life. Pings are answered without it.
    /// RFC 6455 §5.5.3.
    ///
    /// # Errors
    ///
    /// As [above](#sending), or [`SendError::PayloadTooLong`] if `payload` has more than 125 bytes.
    pub fn pong(&mut self, payload: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_control(Opcode::Pong, payload, outbox)
    }

    fn send_message(
        &mut self,
        opcode: Opcode,
        fin: bool,
        payload: &[u8],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_sending(None)?;
        self.write(opcode, fin, payload, outbox)
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
        self.write(opcode, true, payload, outbox)
    }

    fn write(
        &mut self,
        opcode: Opcode,
        fin: bool,
        payload: &[u8],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_room(payload.len(), outbox)?;
        self.role.write(opcode, fin, payload, outbox);
        Ok(())
    }

    fn check_open(&self) -> Result<(), SendError> {
        if self.is_open() { Ok(()) } else { Err(SendError::NotOpen) }
    }

    /// Fails unless the connection is open and `expected` is what we are in the midst of sending.
    fn check_sending(&self, expected: Option<Kind>) -> Result<(), SendError> {
        self.check_open()?;
        match expected {
            _ if self.sending == expected => Ok(()),
            None => Err(SendError::MessageUnderWay),
            Some(_) => Err(SendError::NoMessage),
        }
    }

    fn check_room(&self, payload_len: usize, outbox: &Outbox) -> Result<(), SendError> {
        if self.has_room(payload_len, outbox) {
            Ok(())
        } else {
            Err(SendError::OutboxFull { limit_bytes: self.config.max_outbox_bytes })
        }
    }

    /// Whether a frame with so many bytes of payload may join what waits in the outbox.
    pub(crate) fn has_room(&self, payload_len: usize, outbox: &Outbox) -> bool {
        let waiting = outbox.len().saturating_add(self.role.frame_len(payload_len));
        outbox.is_empty() || waiting <= self.config.max_outbox_bytes
    }
}
