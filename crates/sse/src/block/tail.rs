//! A line that comes in several pieces, joined behind the data. What it says when it is whole is told
//! in `block`.

use super::{Block, Told};
use crate::field::{self, Field};
use crate::scratch::Scratch;
use crate::{LimitError, Text, visits};

/// What stands behind the data that were kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tail {
    None,
    /// The start of a line, from there on.
    Line {
        start: usize,
    },
    /// The start of a data line's value, which stands where it will stay: each byte of it was copied
    /// once.
    Data,
    /// A comment line, lent.
    Comment {
        start: usize,
    },
}

impl<S: Scratch> Block<S> {
    /// Joins a part of a line to the parts before it.
    #[inline]
    pub(crate) fn on_part(&mut self, part: Text<'_>) {
        match self.tail {
            Tail::Data => self.gathered.push(part),
            Tail::None | Tail::Line { .. } | Tail::Comment { .. } => self.on_start(part),
        }
    }

    /// Whether all that a further part of the line does is to be joined.
    #[inline]
    pub(crate) fn is_joining(&self) -> bool {
        match self.tail {
            Tail::Data => true,
            Tail::Line { start } => self.gathered.len() - start + 1 != START_OF_DATA,
            Tail::None | Tail::Comment { .. } => false,
        }
    }

    /// Joins a byte, where [that is all](Self::is_joining).
    #[inline]
    pub(crate) fn push_byte(&mut self, byte: u8) {
        visits::count(1);
        self.gathered.push_byte(byte);
    }

    /// As [`on_part`](Self::on_part), where the line may turn out to be data.
    fn on_start(&mut self, part: Text<'_>) {
        if let Tail::None = self.tail {
            // In case that it is data.
            if self.data_len.is_some() {
                self.gathered.push_byte(b'\n');
            }
            if part.len() >= START_OF_DATA
                && let (Field::Data, value) = field::split(part)
            {
                self.tail = Tail::Data;
                self.gathered.push(value);
                return;
            }
            self.tail = Tail::Line { start: self.gathered.len() };
        }
        let Tail::Line { start } = self.tail else {
            self.gathered.push(part);
            return;
        };
        let missing = START_OF_DATA.saturating_sub(self.gathered.len() - start);
        let (head, rest) = part.split_at(part.len().min(missing));
        self.gathered.push(head);
        let line = &self.gathered.as_text().as_bytes()[start..];
        if line.len() == START_OF_DATA && line.starts_with(b"data:") {
            self.strip(start, field::locate(line).1);
        }
        self.gathered.push(rest);
    }

    /// Takes the line that was joined, and this last part of it. It is not blank.
    pub(crate) fn on_rest<'l>(&mut self, rest: Text<'_>) -> Result<Told<'l>, LimitError> {
        self.on_part(rest);
        let Tail::Line { start } = self.tail else { return self.end_data() };
        let line = &self.gathered.as_text().as_bytes()[start..];
        let (field, value_start) = field::locate(line);
        let value = &line[value_start..];
        match field {
            Field::Data => {
                self.strip(start, value_start);
                return self.end_data();
            }
            Field::Comment => {
                self.tail = Tail::Comment { start };
                return Ok(Told::Comment(None));
            }
            Field::Event => {
                if self.is_name(value)? {
                    self.name.set_lossy(value, self.name_limit())?;
                    self.open();
                }
            }
            Field::Id => {
                if self.is_id(value)? {
                    self.ids.keep_lossy(value, self.id_limit())?;
                    self.open();
                }
            }
            Field::Retry => {
                let time = field::reconnection_time(value);
                self.drop_tail();
                return Ok(self.on_retry(time));
            }
            Field::Blank | Field::Unknown => {}
        }
        self.drop_tail();
        Ok(Told::Nothing)
    }

    /// The text of the last [`Told::Comment`] without one.
    pub(crate) fn comment(&self) -> Text<'_> {
        match self.tail {
            Tail::Comment { start } => field::split(self.gathered.as_text().split_at(start).1).1,
            Tail::None | Tail::Line { .. } | Tail::Data => Text::EMPTY,
        }
    }

    /// Forgets a comment that was lent, or that nobody wants.
    #[inline]
    pub(crate) fn settle_tail(&mut self) {
        if let Tail::Comment { .. } = self.tail {
            self.drop_tail();
        }
    }

    /// Forgets the line that was being joined.
    pub(super) fn drop_tail(&mut self) {
        self.tail = Tail::None;
        match self.data_len {
            Some(len) => self.gathered.truncate(len),
            // A long line that said nothing leaves no large buffer behind.
            None => self.gathered.clear(),
        }
    }

    /// Takes away the name of a data line, so that its value lies behind the data before it.
    fn strip(&mut self, start: usize, name_len: usize) {
        self.gathered.remove(start, name_len);
        self.tail = Tail::Data;
    }

    /// Makes the tail a part of the data.
    fn end_data<'l>(&mut self) -> Result<Told<'l>, LimitError> {
        if self.is_skipped() {
            self.drop_tail();
            return Ok(Told::Nothing);
        }
        let (len, limit_bytes) = (self.gathered.len(), self.limits.max_data_bytes);
        if len > limit_bytes {
            return Err(LimitError::Data { limit_bytes });
        }
        self.tail = Tail::None;
        self.data_len = Some(len);
        self.open();
        Ok(Told::Nothing)
    }
}

/// The name of a data line, its colon, and one byte more, since a space there does not count.
const START_OF_DATA: usize = 6;
