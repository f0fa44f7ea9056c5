//! The lines of an event stream, cut out of pieces of input. What a line says is told elsewhere.

use alloc::vec::Vec;
use core::mem;

use memchr::memchr2;

use crate::LimitError;
use crate::limits::recycle;

/// Cuts pieces of input into lines; looks at each byte once.
///
/// ```text
///          mark or none         CR            any byte, an LF eaten first
/// ┌───────┐           ┌───────┐    ┌─────────┐
/// │ Start │ ────────► │ Begin │ ─► │ BehindCr│ ─► Begin
/// └───────┘           └───────┘    └─────────┘
///                      │ ▲ a piece ends within a line      too long
///                      ▼ │ line end                  ┌──────────┐
///                     Within ──────────────────────► │ Overlong │ ── line end ──► Begin
///                                                    └──────────┘
/// ```
#[derive(Debug)]
pub(crate) struct Lines {
    at: At,
    /// The part of a line that earlier pieces held.
    carried: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In front of the stream, or behind the first bytes of a byte order mark.
    Start { matched: usize },
    /// In front of a line. What was carried is no longer of use, but may still be lent.
    Begin,
    /// In front of a line and behind a CR: an LF that comes next is part of the old line's end.
    BehindCr,
    /// Behind the carried part of a line.
    Within,
    /// Within a line that was too long.
    Overlong,
    /// Behind the last line that is wanted.
    Closed,
}

/// A line without its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line<'i> {
    /// A line that lies in the input whole.
    Whole(&'i [u8]),
    /// A line whose parts were joined: [`Lines::carried`].
    Carried,
}

impl Lines {
    pub(crate) const fn new() -> Self {
        Self { at: At::Start { matched: 0 }, carried: Vec::new() }
    }

    /// Takes the next line from the front of `input`. `None` once the input is used up.
    ///
    /// A line of more than `max_bytes` is an error as soon as that is known, and passed over.
    pub(crate) fn next<'i>(
        &mut self,
        input: &mut &'i [u8],
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        let too_long = LimitError::Line { limit_bytes: max_bytes };
        self.enter(input);
        while !input.is_empty() {
            let Some(end) = memchr2(b'\r', b'\n', input) else {
                let fits = self.carry(mem::take(input), max_bytes);
                return if fits { Ok(None) } else { Err(too_long) };
            };
            let line = &input[..end];
            let behind = if input[end] == b'\r' { At::BehindCr } else { At::Begin };
            *input = &input[end + 1..];
            match mem::replace(&mut self.at, behind) {
                At::Within if self.carried.len() + line.len() <= max_bytes => {
                    self.carried.extend_from_slice(line);
                    return Ok(Some(Line::Carried));
                }
                At::Begin if line.len() <= max_bytes => return Ok(Some(Line::Whole(line))),
                At::Within | At::Begin => return Err(too_long),
                At::Overlong | At::Start { .. } | At::BehindCr | At::Closed => self.enter(input),
            }
        }
        Ok(None)
    }

    /// The last [`Line::Carried`], until the next line is asked for.
    pub(crate) fn carried(&self) -> &[u8] {
        &self.carried
    }

    /// Hands out the buffer of the last [`Line::Carried`] and keeps another.
    pub(crate) fn swap_carried(&mut self, buffer: &mut Vec<u8>) {
        mem::swap(&mut self.carried, buffer);
    }

    /// Whether a line has begun that has not ended.
    pub(crate) fn is_within(&self) -> bool {
        match self.at {
            At::Start { matched } => matched > 0,
            At::Within | At::Overlong => true,
            At::Begin | At::BehindCr | At::Closed => false,
        }
    }

    /// Wants no more lines: all further input is passed over.
    pub(crate) fn close(&mut self) {
        self.at = At::Closed;
        recycle(&mut self.carried);
    }

    /// Stands in front of a new stream.
    pub(crate) fn reset(&mut self) {
        self.at = At::Start { matched: 0 };
        recycle(&mut self.carried);
    }

    /// Eats what may stand in front of a line: the byte order mark, the rest of a line end.
    fn enter(&mut self, input: &mut &[u8]) {
        while let At::Start { matched } = self.at {
            let Some((&first, rest)) = input.split_first() else { return };
            if first == BYTE_ORDER_MARK[matched] {
                *input = rest;
                let last = matched + 1 == BYTE_ORDER_MARK.len();
                self.at = if last { At::Begin } else { At::Start { matched: matched + 1 } };
            } else {
                // What looked like a mark is the start of the first line.
                self.carried.extend_from_slice(&BYTE_ORDER_MARK[..matched]);
                self.at = if matched > 0 { At::Within } else { At::Begin };
            }
        }
        match self.at {
            At::Begin => recycle(&mut self.carried),
            At::BehindCr => {
                recycle(&mut self.carried);
                if !input.is_empty() {
                    *input = input.strip_prefix(b"\n").unwrap_or(input);
                    self.at = At::Begin;
                }
            }
            At::Closed => *input = &[],
            At::Start { .. } | At::Within | At::Overlong => {}
        }
    }

    /// Keeps a part of a line whose end is yet to come. Whether the line may still be short enough.
    fn carry(&mut self, part: &[u8], max_bytes: usize) -> bool {
        if self.at == At::Overlong {
            return true;
        }
        let fits = self.carried.len() + part.len() <= max_bytes;
        if fits {
            self.carried.extend_from_slice(part);
            self.at = At::Within;
        } else {
            recycle(&mut self.carried);
            self.at = At::Overlong;
        }
        fits
    }
}

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
