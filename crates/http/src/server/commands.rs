//! What the caller may tell a server to do. Which states allow it, and what follows from it, stands
//! with the [states](super).

use bytes::Bytes;
use tidewire_core::{Instant, Outbox};

use super::Server;
use super::state::{Answering, Upgrade};
use crate::after::After;
use crate::write::{BodyWriter, Declared, DeclaredBody, check_room, is_reserved, write_response};
use crate::{Body, Chunk, FieldName, FieldValue, Response, SendError, Version};

impl Server {
    /// Answers the request: writes the head and, unless it is to follow in pieces, the body.
    ///
    /// It may be given as soon as the request began. If the body has not been read to its end by
    /// then, the connection ends with the response. A response to HEAD, and one of status 204, 205
    /// or 304, declares the body but has none, and is finished at once: see
    /// [`is_sending`](Self::is_sending). `now` starts the wait for the next request.
    ///
    /// A status from 400 on that answers a wish to switch protocols ends the connection: the client
    /// may have sent the other protocol's bytes ahead, which must never be read as requests.
    ///
    /// # Errors
    ///
    /// No response is due, its status is not a final one, it has a field that is the machine's to
    /// write, it is a 426 without Upgrade, or the outbox is too full. Nothing is written and the
    /// state is as before.
    pub fn respond(
        &mut self,
        response: &Response,
        body: Body,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        let exchange = self.due()?;
        let status = response.status();
        if !(200..=599).contains(&status) {
            return Err(SendError::WrongStatus { status });
        }
        // RFC 9110 §15.5.22: a 426 names the protocol to upgrade to.
        let upgrade = check_fields(response, status == 426)?;
        if status == 426 && !upgrade {
            return Err(SendError::MissingField { name: "Upgrade" });
        }
        check_room(body.len_at_once(), outbox, self.config.max_outbox_bytes)?;

        let is_refusal = status >= 400 && exchange.upgrade != Upgrade::Unasked;
        let is_last = is_refusal || self.requests_left == 0 || !exchange.reading.is_complete();
        let after = if is_last { After::End } else { exchange.after };
        let chunks = exchange.version >= Version::Http11;
        let connection = match (after, upgrade) {
            (After::End, true) => Some("close, Upgrade"),
            (After::End, false) => Some("close"),
            (After::Idle, true) => Some("Upgrade"),
            (After::Idle, false) => None,
        };
        let declared = Declared { body: declare(status, &body, chunks), connection };
        write_response(response, &declared, outbox);
        let answering = match body {
            _ if exchange.to_head || matches!(status, 204 | 205 | 304) => Answering::Done,
            Body::Empty => Answering::Done,
            Body::Full(bytes) => {
                outbox.push_shared(bytes);
                Answering::Done
            }
            Body::Sized(left) => Answering::Body(BodyWriter::Sized { left }),
            Body::Stream if chunks => Answering::Body(BodyWriter::Chunked),
            Body::Stream => Answering::Body(BodyWriter::UntilEnd),
        };
        self.on_answer(answering, after, outbox, now);
        Ok(())
    }

    /// Sends the next piece of a body that was announced as [`Body::Sized`] or [`Body::Stream`].
    ///
    /// # Errors
    ///
    /// No such body is under way, the piece is longer than what is left of it, or the outbox is too
    /// full. Nothing is written and the state is as before.
    pub fn send_body(&mut self, piece: Bytes, outbox: &mut Outbox) -> Result<(), SendError> {
        let limit_bytes = self.config.max_outbox_bytes;
        let writer = self.writer()?;
        check_room(piece.len(), outbox, limit_bytes)?;
        writer.send(piece, outbox)
    }

    /// Sends the next piece of a body as [`send_body`](Self::send_body) does, but framed before, maybe
    /// for many connections. If the body is chunked, the piece leaves as one run of bytes.
    ///
    /// # Errors
    ///
    /// As for [`send_body`](Self::send_body).
    pub fn send_chunk(&mut self, chunk: &Chunk, outbox: &mut Outbox) -> Result<(), SendError> {
        let limit_bytes = self.config.max_outbox_bytes;
        let writer = self.writer()?;
        check_room(chunk.as_body().len(), outbox, limit_bytes)?;
        writer.send_chunk(chunk, outbox)
    }

    /// Ends a body that was sent in pieces. `now` starts the wait for the next request.
    ///
    /// # Errors
    ///
    /// No such body is under way, or less of it was sent than announced. Nothing is written and the
    /// state is as before.
    pub fn finish(&mut self, outbox: &mut Outbox, now: Instant) -> Result<(), SendError> {
        self.finish_with(&[], outbox, now)
    }

    /// Ends a body that was sent in pieces, with trailers if it is chunked; else they are dropped.
    ///
    /// # Errors
    ///
    /// As for [`finish`](Self::finish), or a trailer is one that frames, routes or authenticates.
    /// Nothing is written and the state is as before.
    pub fn finish_with(
        &mut self,
        trailers: &[(FieldName, FieldValue)],
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        self.writer()?.finish(trailers, outbox)?;
        self.on_finish(outbox, now);
        Ok(())
    }

    /// Sends a response of status 1xx ahead of the final one, such as 100 or 103. RFC 9110 §15.2.
    ///
    /// # Errors
    ///
    /// No response is due, the client speaks HTTP/1.0, the status is 101 or a final one, the
    /// response has a field that is the machine's to write, or the outbox is too full. Nothing is
    /// written and the state is as before.
    pub fn interim(&mut self, response: &Response, outbox: &mut Outbox) -> Result<(), SendError> {
        let exchange = self.due()?;
        let status = response.status();
        if exchange.version < Version::Http11 {
            return Err(SendError::NotOpen);
        }
        if !matches!(status, 100 | 102..=199) {
            return Err(SendError::WrongStatus { status });
        }
        check_fields(response, false)?;
        check_room(0, outbox, self.config.max_outbox_bytes)?;
        let declared = Declared { body: DeclaredBody::Nothing, connection: None };
        write_response(response, &declared, outbox);
        if status == 100 {
            self.on_continue();
        }
        Ok(())
    }

    /// Sends a 101 and leaves the connection to another protocol:
    /// [`next_event`](tidewire_core::Protocol::next_event) then returns `None` for ever and touches
    /// nothing. Bytes behind the request stay in the inbox.
    ///
    /// The machine adds `Connection: Upgrade`. RFC 9110 §7.8.
    ///
    /// # Errors
    ///
    /// No response is due, the request did not ask for an upgrade, its body was not read to the
    /// end, the status is not 101, or the response lacks an Upgrade field or has one that is the
    /// machine's to write. Nothing is written and the state is as before.
    pub fn upgrade(&mut self, response: &Response, outbox: &mut Outbox) -> Result<(), SendError> {
        let exchange = self.due()?;
        let status = response.status();
        if exchange.upgrade != Upgrade::Asked || !exchange.reading.is_complete() {
            return Err(SendError::NotOpen);
        }
        if status != 101 {
            return Err(SendError::WrongStatus { status });
        }
        if !check_fields(response, true)? {
            return Err(SendError::MissingField { name: "Upgrade" });
        }
        let declared = Declared { body: DeclaredBody::Nothing, connection: Some("Upgrade") };
        write_response(response, &declared, outbox);
        self.on_upgrade();
        Ok(())
    }
}

/// Checks that no field of `response` is the machine's to write; returns whether there is an
/// Upgrade.
fn check_fields(response: &Response, upgrade_is_allowed: bool) -> Result<bool, SendError> {
    let upgrade = response.get(&FieldName::UPGRADE).is_some();
    if response.fields().any(|(name, _)| is_reserved(name)) || (upgrade && !upgrade_is_allowed) {
        return Err(SendError::ReservedField);
    }
    Ok(upgrade)
}

/// How a response declares its body, also where it must not have one. RFC 9110 §8.6, RFC 9112 §6.1.
fn declare(status: u16, body: &Body, chunks: bool) -> DeclaredBody {
    match (status, body) {
        (204, _) | (304, Body::Empty) => DeclaredBody::Nothing,
        (205, _) | (_, Body::Empty) => DeclaredBody::Length(0),
        (_, Body::Full(bytes)) => DeclaredBody::Length(bytes.len() as u64),
        (_, Body::Sized(len)) => DeclaredBody::Length(*len),
        (_, Body::Stream) if chunks => DeclaredBody::Chunked,
        (_, Body::Stream) => DeclaredBody::Nothing,
    }
}
