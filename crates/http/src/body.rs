//! Reads the body of a message from the inbox. Which one follows a head, [`crate::framing`] tells.

use bytes::BytesMut;
use tidewire_core::Inbox;

use crate::chunk::ChunkLine;
use crate::framing::Framing;
use crate::limits::{Folds, Limits};
use crate::scan::{Scan, unfold};
use crate::{Error, Fields};

/// A partly read body. It holds no byte of it: what is there is to be lent at once.
#[derive(Debug)]
pub(crate) struct BodyReader {
    state: State,
    /// How many more bytes the body may have.
    left_bytes: u64,
    /// How many more bytes its chunk extensions may have.
    left_extension_bytes: usize,
}

/// ```text
/// Length ──────────────► Done        UntilEnd ──────────────► Done
/// ChunkLine ─► ChunkData ─► ChunkCr ─► ChunkLf ─► ChunkLine …
///     └─ size 0 ─► Trailers ─► Done
/// ```
#[derive(Debug)]
enum State {
    Length { left: u64 },
    ChunkLine(ChunkLine),
    ChunkData { left: u64 },
    ChunkCr,
    ChunkLf,
    Trailers(Scan),
    UntilEnd,
    Done,
}

/// What a body is made of. `End` is the last part.
pub(crate) enum Part {
    /// So many bytes at the front of the inbox, which the caller takes from there.
    Data(usize),
    Trailers(Fields),
    End,
}

impl BodyReader {
    /// The body that `framing` announces. One that is longer than allowed fails here if it says so.
    pub(crate) fn new(framing: Framing, limits: &Limits) -> Result<Self, Error> {
        let state = match framing {
            Framing::Length(length) if length > limits.body_bytes => {
                return Err(too_large(limits));
            }
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => State::ChunkLine(ChunkLine::new()),
            Framing::UntilEnd => State::UntilEnd,
        };
        let left_extension_bytes = limits.chunk_extension_bytes;
        Ok(Self { state, left_bytes: limits.body_bytes, left_extension_bytes })
    }

    /// Whether all of the body has been read, though its end may not have been told.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.state, State::Length { left: 0 } | State::Done)
    }

    /// Returns the next part, or `None` until more bytes arrive. `End` comes again and again.
    pub(crate) fn next(
        &mut self,
        inbox: &mut Inbox,
        limits: &Limits,
    ) -> Result<Option<Part>, Error> {
        loop {
            match &mut self.state {
                State::Done | State::Length { left: 0 } => return Ok(Some(Part::End)),
                State::UntilEnd if inbox.is_empty() && inbox.is_ended() => self.state = State::Done,
                _ if inbox.is_empty() => return wait(inbox),
                State::Length { left } => {
                    let len = at_most(*left, inbox);
                    *left -= len as u64;
                    return Ok(Some(Part::Data(len)));
                }
                State::UntilEnd => {
                    let len = at_most(self.left_bytes, inbox);
                    if len == 0 {
                        return Err(too_large(limits));
                    }
                    self.left_bytes -= len as u64;
                    return Ok(Some(Part::Data(len)));
                }
                State::ChunkLine(line) => {
                    let (read, size) = line.read(inbox.as_slice(), &mut self.left_extension_bytes);
                    inbox.eat(read);
                    if let Some(size) = size? {
                        self.on_chunk(size, limits)?;
                    }
                }
                State::ChunkData { left } => {
                    let len = at_most(*left, inbox);
                    *left -= len as u64;
                    if *left == 0 {
                        self.state = State::ChunkCr;
                    }
                    return Ok(Some(Part::Data(len)));
                }
                State::ChunkCr => {
                    expect(b'\r', inbox)?;
                    self.state = State::ChunkLf;
                }
                State::ChunkLf => {
                    expect(b'\n', inbox)?;
                    self.state = State::ChunkLine(ChunkLine::new());
                }
                State::Trailers(scan) => {
                    let section = scan.take(inbox, limits).map_err(in_trailers)?;
                    let Some(section) = section else {
                        return wait(inbox);
                    };
                    self.state = State::Done;
                    let trailers = read_trailers(section, limits.folds)?;
                    if !trailers.is_empty() {
                        return Ok(Some(Part::Trailers(trailers)));
                    }
                }
            }
        }
    }

    fn on_chunk(&mut self, size: u64, limits: &Limits) -> Result<(), Error> {
        self.left_bytes = self.left_bytes.checked_sub(size).ok_or(too_large(limits))?;
        self.state = match size {
            0 => State::Trailers(Scan::trailers()),
            left => State::ChunkData { left },
        };
        Ok(())
    }
}

/// Whether a field may not stand in a trailer section: it frames, routes, authenticates, or says
/// how to read what came before it. RFC 9110 §6.5.1.
pub(crate) fn is_refused_trailer(name: &str) -> bool {
    REFUSED_TRAILERS.iter().any(|refused| refused.eq_ignore_ascii_case(name))
}

fn read_trailers(mut section: BytesMut, folds: Folds) -> Result<Fields, Error> {
    if folds == Folds::Join {
        unfold(&mut section, 0);
    }
    let trailers = Fields::parse(section.freeze(), 0).map_err(in_trailers)?;
    if trailers.iter().any(|(name, _)| is_refused_trailer(name)) {
        return Err(Error::BadTrailer);
    }
    Ok(trailers)
}

/// What is malformed here is the trailer section, not the head.
fn in_trailers(error: Error) -> Error {
    match error {
        Error::BadLineEnd | Error::BadCharacter | Error::BadField => Error::BadTrailer,
        limit => limit,
    }
}

fn at_most(left: u64, inbox: &Inbox) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(inbox.len())
}

fn expect(byte: u8, inbox: &mut Inbox) -> Result<(), Error> {
    if inbox.as_slice().first() != Some(&byte) {
        return Err(Error::BadChunk);
    }
    inbox.eat(1);
    Ok(())
}

fn wait(inbox: &Inbox) -> Result<Option<Part>, Error> {
    if inbox.is_ended() { Err(Error::Incomplete) } else { Ok(None) }
}

fn too_large(limits: &Limits) -> Error {
    Error::BodyTooLarge { limit_bytes: limits.body_bytes }
}

const REFUSED_TRAILERS: &[&str] = &[
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Cookie",
    "Expect",
    "Host",
    "Keep-Alive",
    "Max-Forwards",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Set-Cookie",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "WWW-Authenticate",
];
