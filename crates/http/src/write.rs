//! Turns what is to be sent into bytes. Whether it may be sent now, the machines decide.

use core::fmt;

use bytes::Bytes;
use tidewire_core::Outbox;

use crate::body::is_refused_trailer;
use crate::reason::reason;
use crate::{Chunk, FieldName, FieldValue, Request, Response, SendError};

/// What a head says about its message's body and about the connection.
pub(crate) struct Declared {
    pub(crate) body: DeclaredBody,
    pub(crate) connection: Option<&'static str>,
}

/// The field that frames a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeclaredBody {
    /// No field.
    Nothing,
    /// Content-Length.
    Length(u64),
    /// Transfer-Encoding.
    Chunked,
}

/// A body under way to the peer.
#[derive(Debug)]
pub(crate) enum BodyWriter {
    Sized { left: u64 },
    Chunked,
    UntilEnd,
}

pub(crate) fn write_request(request: &Request, declared: &Declared, outbox: &mut Outbox) {
    for part in [request.method(), " ", request.target(), " HTTP/1.1\r\n"] {
        outbox.push(part.as_bytes());
    }
    write_fields(request.list(), outbox);
    write_declared(declared, outbox);
}

pub(crate) fn write_response(response: &Response, declared: &Declared, outbox: &mut Outbox) {
    let status = response.status();
    write_text(format_args!("HTTP/1.1 {status} {}\r\n", reason(status)), outbox);
    write_fields(response.list(), outbox);
    write_declared(declared, outbox);
}

/// Whether the machine alone writes the field.
pub(crate) fn is_reserved(name: &FieldName) -> bool {
    ["Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding"]
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(name.as_str()))
}

/// Checks that the outbox takes a piece of `len` bytes. An empty one takes any.
pub(crate) fn check_room(len: usize, outbox: &Outbox, limit_bytes: usize) -> Result<(), SendError> {
    if outbox.is_empty() || outbox.len().saturating_add(len) <= limit_bytes {
        Ok(())
    } else {
        Err(SendError::OutboxFull { limit_bytes })
    }
}

impl BodyWriter {
    /// Appends a piece of the body.
    pub(crate) fn send(&mut self, piece: Bytes, outbox: &mut Outbox) -> Result<(), SendError> {
        match self {
            Self::Sized { left } => {
                let after = left.checked_sub(piece.len() as u64);
                *left = after.ok_or(SendError::WrongLength { left_bytes: *left })?;
                outbox.push_shared(piece);
            }
            // An empty chunk would be the last one.
            Self::Chunked if piece.is_empty() => {}
            Self::Chunked => {
                write_text(format_args!("{:x}\r\n", piece.len()), outbox);
                outbox.push_shared(piece);
                outbox.push(b"\r\n");
            }
            Self::UntilEnd => outbox.push_shared(piece),
        }
        Ok(())
    }

    /// Appends a piece of the body that was framed before.
    pub(crate) fn send_chunk(
        &mut self,
        chunk: &Chunk,
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        match self {
            Self::Chunked => {
                outbox.push_shared(chunk.as_chunk().clone());
                Ok(())
            }
            Self::Sized { .. } | Self::UntilEnd => self.send(chunk.as_body().clone(), outbox),
        }
    }

    /// Ends the body. Trailers that its framing cannot carry are dropped. RFC 9110 §6.5.1.
    pub(crate) fn finish(
        &self,
        trailers: &[(FieldName, FieldValue)],
        outbox: &mut Outbox,
    ) -> Result<(), SendError> {
        if trailers.iter().any(|(name, _)| is_refused_trailer(name.as_str())) {
            return Err(SendError::ReservedField);
        }
        match self {
            Self::Sized { left: 0 } | Self::UntilEnd => {}
            Self::Sized { left } => return Err(SendError::WrongLength { left_bytes: *left }),
            Self::Chunked => {
                outbox.push(b"0\r\n");
                write_fields(trailers, outbox);
                outbox.push(b"\r\n");
            }
        }
        Ok(())
    }
}

fn write_fields(fields: &[(FieldName, FieldValue)], outbox: &mut Outbox) {
    for (name, value) in fields {
        write_field(name.as_str(), value.as_str(), outbox);
    }
}

fn write_field(name: &str, value: &str, outbox: &mut Outbox) {
    for part in [name, ": ", value, "\r\n"] {
        outbox.push(part.as_bytes());
    }
}

/// Writes the machine's own fields, and the empty line that ends a head.
fn write_declared(declared: &Declared, outbox: &mut Outbox) {
    match declared.body {
        DeclaredBody::Nothing => {}
        DeclaredBody::Length(len) => write_text(format_args!("Content-Length: {len}\r\n"), outbox),
        DeclaredBody::Chunked => write_field("Transfer-Encoding", "chunked", outbox),
    }
    if let Some(options) = declared.connection {
        write_field("Connection", options, outbox);
    }
    outbox.push(b"\r\n");
}

fn write_text(text: fmt::Arguments<'_>, outbox: &mut Outbox) {
    struct Text<'o>(&'o mut Outbox);

    impl fmt::Write for Text<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.push(text.as_bytes());
            Ok(())
        }
    }

    let written = fmt::write(&mut Text(outbox), text);
    debug_assert_eq!(written, Ok(()), "an outbox takes everything");
}
