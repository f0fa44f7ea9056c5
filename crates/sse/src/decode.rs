//! From the bytes of an event stream to its events. Connections and time are the source's business.

mod lent;
mod owned;

use alloc::vec::Vec;
use core::time::Duration;

use crate::block::{Block, Said, Told};
use crate::line::{Line, Lines};
use crate::scan::first_line;
use crate::scratch::Scratch;
use crate::{Event, EventId, Item, LimitError, Limits, OnExcess, Text};

/// Reads an event stream (WHATWG HTML §9.2.6), in whatever pieces it comes.
///
/// An event's data is lent from the input where it is one line in one piece; else from memory of the
/// decoder, which is bounded by [`Limits`] and given back after a large event. There is no queue:
/// bytes behind the item that is returned stay in the input.
///
/// ```
/// use tidewire_sse::{Decoder, Item, Limits};
///
/// let mut decoder = Decoder::new(Limits::default());
/// for mut piece in [&b"id: 7\nda"[..], b"ta: one\n\ndata: two\n\nda"] {
///     while let Some(item) = decoder.decode(&mut piece)? {
///         let Item::Event(event) = item else { continue };
///         assert!(matches!(event.data().as_bytes(), b"one" | b"two"));
///     }
///     assert!(piece.is_empty());
/// }
/// assert!(decoder.end(), "the last block was cut off");
/// assert_eq!(decoder.last_event_id(), "7");
/// # Ok::<(), tidewire_sse::LimitError>(())
/// ```
#[derive(Debug)]
pub struct Decoder<S = Vec<u8>> {
    interest: Interest,
    lines: Lines,
    block: Block<S>,
}

/// What a [`Decoder`] tells beyond events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interest {
    /// Tell [`Item::Comment`]. Default no: most comments only keep the connection alive.
    pub comments: bool,
    /// Tell [`Item::Retry`]. Default no: [`Decoder::reconnection_time`] keeps the last one.
    pub retries: bool,
}

impl<S: Scratch> Decoder<S> {
    fn with_scratch(limits: Limits, block: [S; 4]) -> Self {
        Self {
            interest: Interest::default(),
            lines: Lines::new(),
            block: Block::new(limits, block),
        }
    }

    /// Also tells what `interest` says.
    #[must_use]
    pub fn with_interest(mut self, interest: Interest) -> Self {
        self.interest = interest;
        self
    }

    /// Returns the next item, or `None` until more bytes arrive.
    ///
    /// Advances `input` behind the item; on `None` it is used up. What left the front of an inbox's
    /// slice is for the caller to eat.
    ///
    /// # Errors
    ///
    /// The peer passed a limit and [`OnExcess::Fail`] is set. It is told once; the input is then
    /// passed over in silence until [`reset`](Self::reset).
    pub fn decode<'s, 'i: 's>(
        &'s mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<Item<'s>>, LimitError> {
        if self.take_byte(input) {
            return Ok(None);
        }
        let found = self.find(input)?;
        Ok(found.map(|found| self.lend(found)))
    }

    /// Says that the stream has ended. Returns whether a block was open, which means that it was
    /// cut: it is dropped, and so is its ID.
    pub fn end(&mut self) -> bool {
        let open = self.lines.is_within() || self.block.is_open();
        self.lines.close();
        self.block.forget();
        open
    }

    /// Stands in front of a new stream, with the last event ID and the reconnection time of the old
    /// one.
    pub fn reset(&mut self) {
        self.lines.reset();
        self.block.forget();
    }

    /// The last event ID; empty if there was none. Blank lines alone change it.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.block.ids.last().as_str()
    }

    /// Stands in front of a new stream that goes on behind the event with this ID, which an earlier
    /// decoder read. Otherwise as [`reset`](Self::reset).
    ///
    /// An ID that does not fit into a buffer that was [lent](Self::lent) leaves none.
    pub fn seed_last_event_id(&mut self, id: &EventId) {
        self.reset();
        self.block.ids.set_last(Text::new(id.as_str().as_bytes()));
    }

    /// The last reconnection time that the peer set, however long or short.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.block.reconnection_time()
    }

    /// Forgets the last reconnection time, until the stream sets another.
    pub fn forget_reconnection_time(&mut self) {
        self.block.forget_reconnection_time();
    }

    /// Takes the input if it is one byte and all that this does is to go on with a line. Whether it is
    /// so.
    #[inline]
    fn take_byte(&mut self, input: &mut &[u8]) -> bool {
        let &[byte] = *input else { return false };
        let goes_on = !matches!(byte, b'\r' | b'\n')
            && self.block.is_joining()
            && self.lines.extend(self.block.limits.max_line_bytes);
        if goes_on {
            *input = &[];
            self.block.push_byte(byte);
        }
        goes_on
    }

    /// Reads lines until one of them completes an item.
    #[inline]
    fn find<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, LimitError> {
        self.block.settle();
        let max_line_bytes = self.block.limits.max_line_bytes;
        loop {
            let line = if self.lines.is_in_front() && self.block.is_empty() {
                // A line of one byte may be too long.
                if !self.interest.comments && max_line_bytes > 0 {
                    pass_signs_of_life(input);
                }
                let line = first_line(input);
                if let Ok(line) = line
                    && let Some(data) = self.block.lone_data(line, &input[line.len()..])
                {
                    *input = &input[line.len() + 2..];
                    return Ok(Some(Found::Event(Said::data(data))));
                }
                self.lines.begin(input, line, max_line_bytes)
            } else {
                self.lines.next(input, max_line_bytes)
            };
            let found = match line {
                Ok(Some(Line::Part(part))) => {
                    self.block.on_part(part);
                    None
                }
                line => self.read_block(input, line)?,
            };
            if found.is_some() || input.is_empty() {
                return Ok(found);
            }
        }
    }

    /// Reads lines until one of them completes an item or ends the block, or the input is used up.
    fn read_block<'i>(
        &mut self,
        input: &mut &'i [u8],
        mut line: Result<Option<Line<'i>>, LimitError>,
    ) -> Result<Option<Found<'i>>, LimitError> {
        let mut said = Said::default();
        loop {
            let told = match line {
                Ok(Some(Line::Whole(line))) => self.block.on_line(line, &mut said),
                // What the block said before lay in another piece.
                Ok(Some(Line::Rest(rest))) => self.block.on_rest(rest),
                Ok(Some(Line::Part(part))) => {
                    self.block.keep(&mut said);
                    self.block.on_part(part);
                    return Ok(None);
                }
                Ok(None) => {
                    self.block.keep(&mut said);
                    return Ok(None);
                }
                Err(limit) => Err(limit),
            };
            let found = match told {
                Ok(Told::Nothing) => None,
                Ok(Told::End) => return Ok(None),
                Ok(Told::Event) => return Ok(Some(Found::Event(said))),
                Ok(Told::Comment(text)) if self.interest.comments => Some(Found::Comment(text)),
                Ok(Told::Comment(_)) => {
                    self.block.settle_tail();
                    None
                }
                Ok(Told::Retry(time)) => self.interest.retries.then_some(Found::Retry(time)),
                Ok(Told::Skipped(limit)) => Some(Found::Skipped(limit)),
                Err(limit) => {
                    self.exceed(limit, &mut said)?;
                    None
                }
            };
            if found.is_some() {
                self.block.keep(&mut said);
                return Ok(found);
            }
            let max_line_bytes = self.block.limits.max_line_bytes;
            line = if self.lines.is_in_front() {
                self.lines.begin(input, first_line(input), max_line_bytes)
            } else {
                self.lines.next(input, max_line_bytes)
            };
        }
    }

    fn exceed(&mut self, limit: LimitError, said: &mut Said<'_>) -> Result<(), LimitError> {
        match self.block.limits.on_excess {
            OnExcess::Skip => {
                self.block.skip(limit, said);
                Ok(())
            }
            OnExcess::Fail => {
                self.lines.close();
                self.block.forget();
                Err(limit)
            }
        }
    }

    #[inline]
    fn lend<'s, 'i: 's>(&'s self, found: Found<'i>) -> Item<'s> {
        match found {
            Found::Event(said) => Item::Event(Event {
                name: said.name.unwrap_or_else(|| self.block.name()),
                data: said.data.or(self.block.data()).unwrap_or_default(),
                last_event_id: self.block.ids.last().as_text(),
            }),
            Found::Comment(text) => Item::Comment(text.unwrap_or_else(|| self.block.comment())),
            Found::Retry(time) => Item::Retry(time),
            Found::Skipped(limit) => Item::Skipped(limit),
        }
    }
}

/// An item, before anything of the decoder is lent to it.
#[derive(Debug)]
enum Found<'i> {
    /// With what of it still lies in the input.
    Event(Said<'i>),
    /// `None`: its line came in several pieces.
    Comment(Option<Text<'i>>),
    Retry(Duration),
    Skipped(LimitError),
}

/// Eats empty comments in front of a block: what many a server sends most.
#[inline]
fn pass_signs_of_life(input: &mut &[u8]) {
    let mut rest = *input;
    while let [b':', b'\n', behind @ ..] = rest {
        rest = behind.strip_prefix(b"\n").unwrap_or(behind);
    }
    *input = rest;
}
