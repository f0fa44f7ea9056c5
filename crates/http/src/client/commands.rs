//! What the caller may tell a client to do. Which states allow it, and what follows from it, stands
//! with the [states](super).

use bytes::Bytes;
use tidewire_core::{Instant, Outbox};

use super::{Asked, Client, Sending};
use crate::authority::is_authority;
use crate::target::Target;
use crate::write::{BodyWriter, Declared, DeclaredBody, check_room, is_reserved, write_request};
use crate::{Body, FieldName, FieldValue, Request, SendError};

impl Client {
    /// Sends a request: writes the head and, unless it is to follow in pieces, the body.
    ///
    /// A request with an Upgrade field asks to switch protocols; the machine adds
    /// `Connection: Upgrade`. From `now` on the response is waited for.
    ///
    /// # Errors
    ///
    /// The last exchange is not over or the connection is, the request has no good Host field, or
    /// another than its absolute target names, or a field that is the machine's to write, or the
    /// outbox is too full. Nothing is written and the state is as before.
    pub fn request(
        &mut self,
        request: &Request,
        body: Body,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<(), SendError> {
        if !self.is_idle() {
            return Err(SendError::NotOpen);
        }
        if request.fields().any(|(name, _)| is_reserved(name)) {
            return Err(SendError::ReservedField);
        }
        if !has_good_host(request) {
            return Err(SendError::MissingField { name: "Host" });
        }
        check_room(body.len_at_once(), outbox, self.config.max_outbox_bytes)?;

        let upgrade = request.get(&FieldName::UPGRADE).is_some();
        let connection = upgrade.then_some("Upgrade");
        let begins_at = outbox.pushed();
        write_request(
            request,
            &Declared { body: declare(request.method(), &body), connection },
            outbox,
        );
        let sending = match body {
            Body::Empty => Sending::Done,
            Body::Full(bytes) => {
                outbox.push_shared(bytes);
                Sending::Done
            }
            Body::Sized(left) => Sending::Body(BodyWriter::Sized { left }),
            Body::Stream => Sending::Body(BodyWriter::Chunked),
        };
        let to_head = request.method() == "HEAD";
        self.on_request(Asked { to_head, upgrade }, sending, begins_at, now);
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

    /// Ends a body that was sent in pieces.
    ///
    /// # Errors
    ///
    /// No such body is under way, or less of it was sent than announced. Nothing is written and the
    /// state is as before.
    pub fn finish(&mut self, outbox: &mut Outbox) -> Result<(), SendError> {
        self.finish_with(&[], outbox)
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
    ) -> Result<(), SendError> {
        self.writer()?.finish(trailers, outbox)?;
        self.on_finish();
        Ok(())
    }
}

/// Whether Host stands there once, well formed, and as an absolute target has it. RFC 9112 §3.2.
fn has_good_host(request: &Request) -> bool {
    let mut hosts = request.fields().filter(|(name, _)| **name == FieldName::HOST);
    let (Some((_, host)), None) = (hosts.next(), hosts.next()) else { return false };
    let host = host.as_str().as_bytes();
    let target = Target::parse(request.method().as_bytes(), request.target().as_bytes());
    let authority = target.and_then(|target| target.authority);
    is_authority(host) && authority.is_none_or(|authority| authority == host)
}

/// How a request declares its body. A method that has one by its nature says so also when it is
/// empty. RFC 9110 §8.6.
fn declare(method: &str, body: &Body) -> DeclaredBody {
    match body {
        Body::Empty if matches!(method, "POST" | "PUT" | "PATCH") => DeclaredBody::Length(0),
        Body::Empty => DeclaredBody::Nothing,
        Body::Full(bytes) => DeclaredBody::Length(bytes.len() as u64),
        Body::Sized(len) => DeclaredBody::Length(*len),
        Body::Stream => DeclaredBody::Chunked,
    }
}
