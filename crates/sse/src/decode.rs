//! From the bytes of an event stream to its events. Connections and time are the source's business.

use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;

use crate::block::Block;
use crate::field::{self, Field};
use crate::line::{Line, Lines};
use crate::{Event, EventId, Item, LimitError, Limits, OnExcess, OwnedEvent, OwnedItem, Text};

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
pub struct Decoder {
    limits: Limits,
    interest: Interest,
    lines: Lines,
    block: Block,
    last_event_id: String,
    reconnection_time: Option<Duration>,
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

impl Decoder {
    /// A decoder in front of the first byte of a stream. It owns no memory yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            interest: Interest::default(),
            lines: Lines::new(),
            block: Block::default(),
            last_event_id: String::new(),
            reconnection_time: None,
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
        self.block.settle();
        let found = self.find(input)?;
        Ok(found.map(|found| self.lend(found)))
    }

    /// As [`decode`](Self::decode), for whoever keeps what it gets.
    ///
    /// What lies in `input` is shared with it, so a kept event keeps the whole piece that it came
    /// in. What the decoder gathered is moved out, or copied where its buffer has much more room.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use tidewire_sse::{Decoder, Limits, OwnedItem};
    ///
    /// let mut decoder = Decoder::new(Limits::default());
    /// let mut piece = Bytes::from_static(b"data: kept\n\n");
    /// let Some(OwnedItem::Event(event)) = decoder.decode_bytes(&mut piece)? else { panic!() };
    /// assert_eq!(event.into_data(), "kept");
    /// # Ok::<(), tidewire_sse::LimitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode).
    pub fn decode_bytes(&mut self, input: &mut Bytes) -> Result<Option<OwnedItem>, LimitError> {
        self.block.settle();
        let whole = input.clone();
        let mut rest = &whole[..];
        let found = self.find(&mut rest);
        *input = whole.slice_ref(rest);
        Ok(found?.map(|found| self.give(found, &whole)))
    }

    /// Says that the stream has ended. Returns whether a block was open, which means that it was
    /// cut: it is dropped, and so is its ID.
    pub fn end(&mut self) -> bool {
        let open = self.lines.is_within() || self.block.is_open(&self.last_event_id);
        self.lines.close();
        self.forget_block();
        open
    }

    /// Stands in front of a new stream, with the last event ID and the reconnection time of the old
    /// one.
    pub fn reset(&mut self) {
        self.lines.reset();
        self.forget_block();
    }

    /// The last event ID; empty if there was none. Blank lines alone change it.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Sets the last event ID, to resume where an earlier decoder was. Drops an open block.
    pub fn seed_last_event_id(&mut self, id: &EventId) {
        self.last_event_id.clear();
        self.last_event_id.push_str(id.as_str());
        self.forget_block();
    }

    /// The last reconnection time that the peer set, however long or short.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    /// Reads lines until one of them completes an item.
    fn find<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Found<'i>>, LimitError> {
        let mut lone = None;
        let found = loop {
            let taken = match self.lines.next(input, self.limits.max_line_bytes) {
                Ok(Some(line)) => self.on_line(line, &mut lone),
                Ok(None) => break None,
                Err(limit) => Err(limit),
            };
            match taken {
                Ok(None) => {}
                Ok(found) => break found,
                Err(limit) => {
                    lone = None;
                    self.exceed(limit)?;
                }
            }
        };
        if let Some(data) = lone {
            self.block.push_data(data);
        }
        Ok(found)
    }

    /// Takes one line. `lone` is the block's only data line while it still lies in the input.
    fn on_line<'i>(
        &mut self,
        line: Line<'i>,
        lone: &mut Option<&'i [u8]>,
    ) -> Result<Option<Found<'i>>, LimitError> {
        let bytes = match line {
            Line::Whole(bytes) => bytes,
            Line::Carried => self.lines.carried(),
        };
        let (field, value) = field::split(bytes);
        match field {
            Field::Blank => return Ok(self.on_blank(lone)),
            Field::Data if self.block.skipped().is_none() => {
                let start = bytes.len() - value.len();
                self.on_data(line, start, lone)?;
            }
            Field::Event => self.block.set_name(value, &self.limits)?,
            Field::Id => self.block.set_id(value, &self.limits)?,
            Field::Retry => {
                if let Some(time) = field::reconnection_time(value) {
                    self.reconnection_time = Some(time);
                    return Ok(self.interest.retries.then_some(Found::Retry(time)));
                }
            }
            Field::Comment if self.interest.comments => return Ok(Some(Found::Comment(line))),
            Field::Comment | Field::Data | Field::Unknown => {}
        }
        Ok(None)
    }

    /// Takes a data line, whose value starts at `start`.
    fn on_data<'i>(
        &mut self,
        line: Line<'i>,
        start: usize,
        lone: &mut Option<&'i [u8]>,
    ) -> Result<(), LimitError> {
        let bytes = match line {
            Line::Whole(bytes) => bytes,
            Line::Carried => self.lines.carried(),
        };
        let before = lone.or(self.block.data()).map_or(0, |data| data.len() + 1);
        if before + (bytes.len() - start) > self.limits.max_data_bytes {
            return Err(LimitError::Data { limit_bytes: self.limits.max_data_bytes });
        }
        if let Some(first) = lone.take() {
            self.block.push_data(first);
        }
        match line {
            _ if self.block.data().is_some() => self.block.push_data(&bytes[start..]),
            Line::Whole(bytes) => *lone = Some(&bytes[start..]),
            Line::Carried => {
                self.lines.swap_carried(self.block.adopt_data(start));
            }
        }
        Ok(())
    }

    /// Dispatches the block (WHATWG HTML §9.2.6).
    fn on_blank<'i>(&mut self, lone: &mut Option<&'i [u8]>) -> Option<Found<'i>> {
        if self.block.id() != self.last_event_id {
            self.last_event_id.clear();
            self.last_event_id.push_str(self.block.id());
        }
        if lone.is_some() || self.block.data().is_some() {
            self.block.dispatch();
            return Some(Found::Event(lone.take()));
        }
        let skipped = self.block.skipped();
        self.block.clear();
        skipped.map(Found::Skipped)
    }

    fn exceed(&mut self, limit: LimitError) -> Result<(), LimitError> {
        match self.limits.on_excess {
            OnExcess::Skip => {
                self.block.skip(limit);
                Ok(())
            }
            OnExcess::Fail => {
                self.lines.close();
                self.forget_block();
                Err(limit)
            }
        }
    }

    /// Drops the open block; its ID was never valid.
    fn forget_block(&mut self) {
        self.block.clear();
        self.block.seed_id(&self.last_event_id);
    }

    fn lend<'s, 'i: 's>(&'s self, found: Found<'i>) -> Item<'s> {
        match found {
            Found::Event(data) => Item::Event(Event {
                name: self.block.name(),
                data: Text::new(data.or(self.block.data()).unwrap_or_default()),
                last_event_id: &self.last_event_id,
            }),
            Found::Comment(Line::Whole(line)) => Item::Comment(Text::new(field::split(line).1)),
            Found::Comment(Line::Carried) => {
                Item::Comment(Text::new(field::split(self.lines.carried()).1))
            }
            Found::Retry(time) => Item::Retry(time),
            Found::Skipped(limit) => Item::Skipped(limit),
        }
    }

    fn give(&mut self, found: Found<'_>, input: &Bytes) -> OwnedItem {
        match found {
            Found::Event(data) => {
                let data = match data {
                    Some(data) => input.slice_ref(data),
                    None => self.block.take_data(),
                };
                OwnedItem::Event(OwnedEvent::new(self.block.name(), data, &self.last_event_id))
            }
            Found::Comment(Line::Whole(line)) => {
                OwnedItem::Comment(input.slice_ref(field::split(line).1))
            }
            Found::Comment(Line::Carried) => {
                OwnedItem::Comment(Bytes::copy_from_slice(field::split(self.lines.carried()).1))
            }
            Found::Retry(time) => OwnedItem::Retry(time),
            Found::Skipped(limit) => OwnedItem::Skipped(limit),
        }
    }
}

/// An item, before anything of the decoder is lent to it.
#[derive(Clone, Copy)]
enum Found<'i> {
    /// With its data, if that still lies in the input.
    Event(Option<&'i [u8]>),
    Comment(Line<'i>),
    Retry(Duration),
    Skipped(LimitError),
}
