//! The commands. What they write, and whether they may, is decided in the file above.

use tidewire_core::Outbox;

use super::Sending;
use crate::receive::Kind;
use crate::{CloseCode, Opcode, Prepared, SendError, close};

impl Sending {
    /// Sends a text message in one frame.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::MessageUnderWay`].
    #[inline]
    pub fn send_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_message(Opcode::Text, text.as_bytes(), outbox)
    }

    /// Sends a binary message in one frame.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::MessageUnderWay`].
    #[inline]
    pub fn send_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_message(Opcode::Binary, bytes, outbox)
    }

    /// Sends a message that was prepared before. A server copies nothing of a long one.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::MessageUnderWay`].
    #[inline]
    pub fn send_prepared(
        &mut self,
        message: &Prepared,
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_sending(None)?;
        self.check_room(message.payload().len(), outbox)?;
        let compressed = self.deflating.as_mut().and_then(|deflating| deflating.prepared(message));
        self.writer.write_prepared(compressed.unwrap_or(message), outbox);
        Ok(())
    }

    /// Begins a text message whose length is not known yet, with its first fragment.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::MessageUnderWay`].
    pub fn begin_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.begin(Kind::Text, Opcode::Text, text.as_bytes(), outbox)
    }

    /// Begins a binary message whose length is not known yet, with its first fragment.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::MessageUnderWay`].
    pub fn begin_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.begin(Kind::Binary, Opcode::Binary, bytes, outbox)
    }

    /// Sends one more fragment of the text message under way.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::NoMessage`].
    pub fn continue_text(&mut self, text: &str, outbox: &mut Outbox) -> Result<(), SendError> {
        self.check_sending(Some(Kind::Text))?;
        self.go_on(false, text.as_bytes(), outbox)
    }

    /// Sends one more fragment of the binary message under way.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::NoMessage`].
    pub fn continue_binary(&mut self, bytes: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.check_sending(Some(Kind::Binary))?;
        self.go_on(false, bytes, outbox)
    }

    /// Ends the message under way, with an empty last fragment.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::NoMessage`].
    pub fn finish(&mut self, outbox: &mut Outbox) -> Result<(), SendError> {
        self.check_open()?;
        self.go_on(true, &[], outbox)?;
        self.message = None;
        Ok(())
    }

    /// Sends a ping. Tell the other half when, so that it waits for the answer:
    /// [`Receiving::on_ping_sent`](crate::Receiving::on_ping_sent).
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::PayloadTooLong`] if `payload`
    /// has more than 125 bytes.
    pub fn ping(&mut self, payload: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_control(Opcode::Ping, payload, outbox)
    }

    /// Sends a pong that nobody asked for. RFC 6455 §5.5.3.
    ///
    /// # Errors
    ///
    /// As a [`Connection`](crate::Connection#sending), or [`SendError::PayloadTooLong`] if `payload`
    /// has more than 125 bytes.
    pub fn pong(&mut self, payload: &[u8], outbox: &mut Outbox) -> Result<(), SendError> {
        self.send_control(Opcode::Pong, payload, outbox)
    }

    /// Writes a Close frame. Tell the other half, which waits for the peer's:
    /// [`Receiving::on_close_sent`](crate::Receiving::on_close_sent).
    ///
    /// # Errors
    ///
    /// [`SendError::NotOpen`], or [`SendError::ReasonTooLong`] if `reason` has more than 123 bytes.
    pub fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        self.check_open()?;
        if reason.len() > close::MAX_REASON_LEN {
            return Err(SendError::ReasonTooLong);
        }
        self.write_close(Some(code), reason, outbox);
        Ok(())
    }
}
