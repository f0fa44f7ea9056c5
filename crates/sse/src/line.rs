//! The lines of an event stream, cut out of pieces of input. What a line says is told elsewhere.

use core::mem;

use crate::LimitError;
use crate::scan::line_end;
use crate::scratch::Scratch;

/// Cuts pieces of input into lines; looks at each byte once.
///
/// ```text
/// ┌───────┐ mark or none ┌───────┐ ── line end ──► Begin, or Behind
/// │ Start │ ───────────► │ Begin │                        a line that was carried,
/// └───────┘              └───────┘                        a CR that ended a piece
///        a piece ends within a line │ ▲
///                                   ▼ │ line end, by way of Behind
///                              ┌────────┐  too long  ┌──────────┐
///                              │ Within │ ─────────► │ Overlong │ ── line end ──► Begin
///                              └────────┘            └──────────┘
/// ```
#[derive(Debug)]
pub(crate) struct Lines<S> {
    at: At,
    /// The part of a line that earlier pieces held.
    carried: S,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In front of the stream, or behind the first bytes of a byte order mark.
    Start { matched: usize },
    /// In front of a line; nothing is carried.
    Begin,
    /// In front of a line, and behind one that may still be lent. Behind a CR, an LF that comes
    /// next is part of the old line's end.
    Behind { cr: bool },
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

impl<S: Scratch> Lines<S> {
    pub(crate) const fn new(scratch: S) -> Self {
        Self { at: At::Start { matched: 0 }, carried: scratch }
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
        match self.at {
            At::Begin => self.begin(input, line_end(input), max_bytes),
            _ => self.resume(input, max_bytes),
        }
    }

    /// Whether it stands in front of a line, with nothing in between and nothing carried.
    #[inline]
    pub(crate) fn is_in_front(&self) -> bool {
        self.at == At::Begin
    }

    /// As [`next`](Self::next), in front of a line whose end was looked for.
    #[inline]
    pub(crate) fn begin<'i>(
        &mut self,
        input: &mut &'i [u8],
        end: Option<usize>,
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        let Some(end) = end else { return self.begin_to_carry(input, max_bytes) };
        let line = &input[..end];
        if pass(input, end) {
            self.at = At::Behind { cr: true };
        }
        if line.len() > max_bytes {
            return Err(LimitError::Line { limit_bytes: max_bytes });
        }
        Ok(Some(Line::Whole(line)))
    }

    fn begin_to_carry<'i>(
        &mut self,
        input: &mut &'i [u8],
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        if !input.is_empty() {
            self.at = At::Within;
            self.carry(mem::take(input), max_bytes)?;
        }
        Ok(None)
    }

    /// The last [`Line::Carried`], until the next line is asked for.
    pub(crate) fn carried(&self) -> &[u8] {
        self.carried.as_slice()
    }

    /// The buffer of the last [`Line::Carried`].
    pub(crate) fn carried_mut(&mut self) -> &mut S {
        &mut self.carried
    }

    /// Whether a line has begun that has not ended.
    pub(crate) fn is_within(&self) -> bool {
        match self.at {
            At::Start { matched } => matched > 0,
            At::Within | At::Overlong => true,
            At::Begin | At::Behind { .. } | At::Closed => false,
        }
    }

    /// Wants no more lines: all further input is passed over.
    pub(crate) fn close(&mut self) {
        self.at = At::Closed;
        self.carried.clear();
    }

    /// Stands in front of a new stream.
    pub(crate) fn reset(&mut self) {
        self.at = At::Start { matched: 0 };
        self.carried.clear();
    }

    /// As [`next`](Self::next), from wherever an earlier piece ended.
    fn resume<'i>(
        &mut self,
        input: &mut &'i [u8],
        max_bytes: usize,
    ) -> Result<Option<Line<'i>>, LimitError> {
        loop {
            match self.at {
                At::Start { matched } => match input.split_first() {
                    None => return Ok(None),
                    Some((&byte, rest)) if byte == BYTE_ORDER_MARK[matched] => {
                        *input = rest;
                        let last = matched + 1 == BYTE_ORDER_MARK.len();
                        self.at = if last { At::Begin } else { At::Start { matched: matched + 1 } };
                    }
                    Some(_) if matched == 0 => self.at = At::Begin,
                    // What looked like a mark is the start of the first line.
                    Some(_) => {
                        self.at = At::Within;
                        self.carry(&BYTE_ORDER_MARK[..matched], max_bytes)?;
                    }
                },
                At::Behind { cr } => {
                    self.carried.clear();
                    match input.strip_prefix(b"\n") {
                        Some(rest) if cr => *input = rest,
                        _ if cr && input.is_empty() => return Ok(None),
                        _ => {}
                    }
                    self.at = At::Begin;
                }
                At::Begin => return self.begin(input, line_end(input), max_bytes),
                At::Within => {
                    let Some(end) = line_end(input) else {
                        self.carry(mem::take(input), max_bytes)?;
                        return Ok(None);
                    };
                    let carried = self.carry(&input[..end], max_bytes);
                    self.at = At::Behind { cr: pass(input, end) };
                    return carried.map(|()| Some(Line::Carried));
                }
                At::Overlong => match line_end(input) {
                    Some(end) => self.at = At::Behind { cr: pass(input, end) },
                    None => {
                        *input = &[];
                        return Ok(None);
                    }
                },
                At::Closed => {
                    *input = &[];
                    return Ok(None);
                }
            }
        }
    }

    /// Keeps a part of a line, if the line may still be short enough.
    fn carry(&mut self, part: &[u8], max_bytes: usize) -> Result<(), LimitError> {
        let fits = part.len() <= max_bytes.saturating_sub(self.carried.as_slice().len());
        if fits && self.carried.push(part) {
            return Ok(());
        }
        self.carried.clear();
        self.at = At::Overlong;
        Err(LimitError::Line { limit_bytes: max_bytes })
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
