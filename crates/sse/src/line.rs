//! The lines of an event stream, cut out of pieces of input. What a line says is told elsewhere.

use crate::scan::first_line;
use crate::{LimitError, Text, visits};

/// Cuts pieces of input into lines; looks at each byte once and keeps none.
///
/// ```text
/// ┌───────┐ mark or none ┌───────┐ ──── line end ────► Begin
/// │ Start │ ───────────► │ Begin │ ── CR, piece ends ► BehindCr ── any byte, an LF eaten ► Begin
/// └───────┘              └───────┘
///        a piece ends within a line │ ▲ line end
///                                   ▼ │
///                              ┌────────┐  too long  ┌──────────┐
///                              │ Within │ ─────────► │ Overlong │ ── line end ──► Begin
///                              └────────┘            └──────────┘
/// ```
#[derive(Debug)]
pub(crate) struct Lines(At);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In front of the stream, or behind the first bytes of a byte order mark.
    Start { matched: usize },
    /// In front of a line.
    Begin,
    /// In front of a line and behind a CR: an LF that comes next is part of the old line's end.
    BehindCr,
    /// Behind so many bytes of a line.
    Within { len: usize },
    /// Within a line that was too long.
    Overlong,
    /// Behind the last line that is wanted.
    Closed,
}

/// A line, or a part of one, without its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line<'i> {
    /// A line that lies in the input whole.
    Whole(Text<'i>),
    /// A part of a line that goes on in the next piece.
    Part(Text<'i>),
    /// The last part of a line that began in an earlier piece.
    Rest(Text<'i>),
}

impl Lines {
    pub(crate) const fn new() -> Self {
        Self(At::Start { matched: 0 })
    }

    /// Takes the next line from the front of `input`. `None` once the input is used up.
    ///
    /// A line of more than `max_bytes` is an error as soon as that is known, and passed over.
    #[inline]
    pub(crate) fn next<'i>(
        &mut self,
        input: &mut &'i [u8],
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        match self.0 {
            At::Begin => match *input {
                [b'\n', rest @ ..] => {
                    visits::count(1);
                    *input = rest;
                    Ok(Some(Line::Whole(Text::EMPTY)))
                }
                _ => self.begin(input, first_line(input), max_bytes),
            },
            At::Within { len } => self.within(len, input, max_bytes),
            At::Start { .. } | At::BehindCr | At::Overlong | At::Closed => {
                self.resume(input, max_bytes)
            }
        }
    }

    /// Whether it stands in front of a line, with nothing in between.
    #[inline]
    pub(crate) fn is_in_front(&self) -> bool {
        self.0 == At::Begin
    }

    /// As [`next`](Self::next), in front of a line that was looked for.
    #[inline]
    pub(crate) fn begin<'i>(
        &mut self,
        input: &mut &'i [u8],
        line: Result<Text<'i>, Text<'i>>,
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        let line = match line {
            Ok(line) => line,
            Err(part) => {
                *input = &[];
                return self.part(0, part, max_bytes);
            }
        };
        if pass(input, line.len()) {
            self.0 = At::BehindCr;
        }
        if line.len() > max_bytes {
            return Err(LimitError::Line { limit_bytes: max_bytes });
        }
        Ok(Some(Line::Whole(line)))
    }

    /// Goes on by a byte within a line that may be so long. Whether there is one.
    #[inline]
    pub(crate) fn extend(&mut self, max_bytes: usize) -> bool {
        match &mut self.0 {
            At::Within { len } if *len < max_bytes => {
                *len += 1;
                true
            }
            _ => false,
        }
    }

    /// Whether a line has begun that has not ended.
    pub(crate) fn is_within(&self) -> bool {
        match self.0 {
            At::Start { matched } => matched > 0,
            At::Within { .. } | At::Overlong => true,
            At::Begin | At::BehindCr | At::Closed => false,
        }
    }

    /// Wants no more lines: all further input is passed over.
    pub(crate) fn close(&mut self) {
        self.0 = At::Closed;
    }

    /// Stands in front of a new stream.
    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }

    /// As [`next`](Self::next), from wherever an earlier piece ended.
    fn resume<'i>(
        &mut self,
        input: &mut &'i [u8],
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        while let Some((&byte, rest)) = input.split_first() {
            match self.0 {
                At::Start { matched } if byte == BYTE_ORDER_MARK[matched] => {
                    *input = rest;
                    let last = matched + 1 == BYTE_ORDER_MARK.len();
                    self.0 = if last { At::Begin } else { At::Start { matched: matched + 1 } };
                }
                At::Start { matched: 0 } => self.0 = At::Begin,
                // What looked like a mark is the start of the first line.
                At::Start { matched } => {
                    let part = Text::new(&BYTE_ORDER_MARK[..matched]);
                    return self.part(0, part, max_bytes);
                }
                At::BehindCr => {
                    *input = input.strip_prefix(b"\n").unwrap_or(input);
                    self.0 = At::Begin;
                }
                At::Begin => return self.begin(input, first_line(input), max_bytes),
                At::Within { len } => return self.within(len, input, max_bytes),
                At::Overlong => match first_line(input) {
                    Ok(line) if pass(input, line.len()) => self.0 = At::BehindCr,
                    Ok(_) => self.0 = At::Begin,
                    Err(_) => *input = &[],
                },
                At::Closed => *input = &[],
            }
        }
        Ok(None)
    }

    /// As [`next`](Self::next), behind `len` bytes of a line.
    #[inline]
    fn within<'i>(
        &mut self,
        len: usize,
        input: &mut &'i [u8],
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        let line = match first_line(input) {
            Ok(line) => line,
            Err(part) => {
                *input = &[];
                return self.part(len, part, max_bytes);
            }
        };
        self.0 = if pass(input, line.len()) { At::BehindCr } else { At::Begin };
        if line.len() > max_bytes - len {
            return Err(LimitError::Line { limit_bytes: max_bytes });
        }
        Ok(Some(Line::Rest(line)))
    }

    /// Takes a part of a line, behind `len` bytes of it.
    #[inline]
    fn part<'i>(
        &mut self,
        len: usize,
        part: Text<'i>,
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        if part.len() == 0 {
            return Ok(None);
        }
        let len = len + part.len();
        if len > max_bytes {
            self.0 = At::Overlong;
            return Err(LimitError::Line { limit_bytes: max_bytes });
        }
        self.0 = At::Within { len };
        Ok(Some(Line::Part(part)))
    }
}

/// Eats a line that ends at `end`, and its end. Whether that may go on: with an LF that has not come.
#[inline]
fn pass(input: &mut &[u8], end: usize) -> bool {
    let cr = input[end] == b'\r';
    *input = &input[end + 1..];
    if cr && let [b'\n', rest @ ..] = input {
        *input = rest;
        return false;
    }
    cr && input.is_empty()
}

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
