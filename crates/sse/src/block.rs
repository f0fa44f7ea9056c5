//! What the lines of a block say, up to its blank line. Where lines come from is told elsewhere.

mod ids;
mod kept;
mod tail;

use alloc::sync::Arc;
use core::time::Duration;

use crate::field::{self, Field};
use crate::gathered::Gathered;
use crate::scratch::Scratch;
use crate::utf8::Utf8;
use crate::{LimitError, Limits, Text};

use ids::Ids;
use tail::Tail;

/// The buffers of the standard (WHATWG HTML §9.2.6): data, event type, last event ID.
///
/// They hold what no longer lies in the input, or never did in one piece; [`Said`] holds the rest.
#[derive(Debug)]
pub(crate) struct Block<S> {
    pub(crate) limits: Limits,
    phase: Phase,
    /// The data of the lines that were kept, then the tail.
    gathered: Gathered<S>,
    /// How long the data are, if a data line was kept.
    data_len: Option<usize>,
    tail: Tail,
    name: Utf8<S>,
    /// The last name that somebody kept.
    shared_name: Option<Arc<str>>,
    pub(crate) ids: Ids<S>,
    reconnection_time: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing is kept.
    Empty,
    /// Something is kept: data, a name, or an ID for the next blank line to make valid.
    Open,
    /// Passed a limit.
    Skipped(LimitError),
    /// Closed by its blank line, its event lent.
    Dispatched,
}

/// What the block has said last, while it still lies in the input: it overrides the [`Block`]'s.
#[derive(Debug, Default)]
pub(crate) struct Said<'l> {
    /// The only data line.
    pub(crate) data: Option<Text<'l>>,
    /// It is UTF-8.
    pub(crate) name: Option<Text<'l>>,
    /// It is UTF-8.
    id: Option<Text<'l>>,
}

/// What a line leads to.
#[derive(Debug)]
pub(crate) enum Told<'l> {
    Nothing,
    /// The block ended without data.
    End,
    /// The block ended with data, part of which may still be in [`Said`].
    Event,
    /// Its text, or `None` for [`Block::comment`].
    Comment(Option<Text<'l>>),
    Retry(Duration),
    Skipped(LimitError),
}

impl<'l> Said<'l> {
    pub(crate) fn data(data: Text<'l>) -> Self {
        Self { data: Some(data), name: None, id: None }
    }
}

impl<S: Scratch> Block<S> {
    pub(crate) fn new(limits: Limits, [gathered, name, next_id, last_id]: [S; 4]) -> Self {
        Self {
            limits,
            phase: Phase::Empty,
            gathered: Gathered::new(gathered),
            data_len: None,
            tail: Tail::None,
            name: Utf8::new(name),
            shared_name: None,
            ids: Ids::new(next_id, last_id),
            reconnection_time: None,
        }
    }

    /// Whether nothing is kept.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.phase == Phase::Empty
    }

    /// The data of an empty block that is one data line and a blank one: nearly every block of most
    /// streams.
    #[inline]
    pub(crate) fn lone_data<'l>(&self, line: Text<'l>, behind: &[u8]) -> Option<Text<'l>> {
        if !behind.starts_with(b"\n\n") {
            return None;
        }
        let value = line.strip_prefix("data:")?;
        let value = value.strip_prefix(" ").unwrap_or(value);
        let fits =
            line.len() <= self.limits.max_line_bytes && value.len() <= self.limits.max_data_bytes;
        fits.then_some(value)
    }

    /// Takes one line.
    #[inline]
    pub(crate) fn on_line<'l>(
        &mut self,
        line: Text<'l>,
        said: &mut Said<'l>,
    ) -> Result<Told<'l>, LimitError> {
        let (field, value) = field::split(line);
        match field {
            Field::Blank => return Ok(self.on_blank(said)),
            Field::Data => self.on_data(value, said)?,
            Field::Event => self.on_name(value, said)?,
            Field::Id => self.on_id(value, said)?,
            Field::Comment => return Ok(Told::Comment(Some(value))),
            Field::Retry => return Ok(self.on_retry(field::reconnection_time(value.as_bytes()))),
            Field::Unknown => {}
        }
        Ok(Told::Nothing)
    }

    #[inline]
    fn on_data<'l>(&mut self, value: Text<'l>, said: &mut Said<'l>) -> Result<(), LimitError> {
        if self.is_skipped() {
            return Ok(());
        }
        let limit_bytes = self.limits.max_data_bytes;
        let before = said.data.map(Text::len).or(self.data_len).map_or(0, |len| len + 1);
        if before + value.len() > limit_bytes {
            return Err(LimitError::Data { limit_bytes });
        }
        if before == 0 {
            said.data = Some(value);
            return Ok(());
        }
        self.keep_data(said);
        self.push_data(value);
        Ok(())
    }

    #[inline]
    fn on_name<'l>(&mut self, value: Text<'l>, said: &mut Said<'l>) -> Result<(), LimitError> {
        if !self.is_name(value.as_bytes())? {
            return Ok(());
        }
        said.name = value.to_str().is_ok().then_some(value);
        if said.name.is_none() {
            self.name.set_lossy(value.as_bytes(), self.name_limit())?;
            self.open();
        }
        Ok(())
    }

    #[inline]
    fn on_id<'l>(&mut self, value: Text<'l>, said: &mut Said<'l>) -> Result<(), LimitError> {
        if !self.is_id(value.as_bytes())? {
            return Ok(());
        }
        if value.to_str().is_ok() {
            said.id = Some(value);
        } else {
            self.ids.keep_lossy(value.as_bytes(), self.id_limit())?;
            said.id = None;
            self.open();
        }
        Ok(())
    }

    /// Whether a value counts as the event's name.
    fn is_name(&self, value: &[u8]) -> Result<bool, LimitError> {
        if value.len() > self.limits.max_name_bytes {
            return Err(self.name_limit());
        }
        Ok(!self.is_skipped())
    }

    /// Whether a value counts as an ID: one with a NUL is ignored, one of a skipped block is not.
    fn is_id(&self, value: &[u8]) -> Result<bool, LimitError> {
        if value.len() > self.limits.max_id_bytes {
            return Err(self.id_limit());
        }
        Ok(!value.contains(&0))
    }

    fn name_limit(&self) -> LimitError {
        LimitError::Name { limit_bytes: self.limits.max_name_bytes }
    }

    fn id_limit(&self) -> LimitError {
        LimitError::Id { limit_bytes: self.limits.max_id_bytes }
    }

    #[inline]
    fn is_skipped(&self) -> bool {
        matches!(self.phase, Phase::Skipped(_))
    }

    fn on_retry<'l>(&mut self, time: Option<Duration>) -> Told<'l> {
        self.reconnection_time = time.or(self.reconnection_time);
        time.map_or(Told::Nothing, Told::Retry)
    }

    /// Dispatches the block (WHATWG HTML §9.2.6).
    #[inline]
    fn on_blank<'l>(&mut self, said: &mut Said<'l>) -> Told<'l> {
        if let Some(id) = said.id.take() {
            self.ids.set_last(id);
        }
        if self.phase != Phase::Empty {
            return self.dispatch_kept(said);
        }
        if said.data.is_some() {
            return Told::Event;
        }
        Told::End
    }

    /// As [`on_blank`](Self::on_blank), where not all that was said still lies in the input.
    fn dispatch_kept<'l>(&mut self, said: &Said<'_>) -> Told<'l> {
        self.ids.commit();
        if said.data.is_some() || self.data_len.is_some() {
            self.phase = Phase::Dispatched;
            return Told::Event;
        }
        let phase = self.phase;
        self.clear();
        match phase {
            Phase::Skipped(limit) => Told::Skipped(limit),
            Phase::Empty | Phase::Open | Phase::Dispatched => Told::End,
        }
    }

    fn open(&mut self) {
        if self.phase == Phase::Empty {
            self.phase = Phase::Open;
        }
    }

    pub(crate) fn forget_reconnection_time(&mut self) {
        self.reconnection_time = None;
    }

    pub(crate) fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    /// Whether a line has said something that only a blank line would make valid.
    pub(crate) fn is_open(&self) -> bool {
        let said = self.data_len.is_some() || self.ids.has_next() || self.name.as_text().len() > 0;
        match self.phase {
            Phase::Open => said,
            Phase::Skipped(_) => true,
            Phase::Empty | Phase::Dispatched => false,
        }
    }

    /// Forgets what the block said and ignores the rest of it, IDs and reconnection times apart.
    pub(crate) fn skip(&mut self, limit: LimitError, said: &mut Said<'_>) {
        (said.data, said.name) = (None, None);
        match self.phase {
            Phase::Skipped(_) => self.drop_tail(),
            Phase::Empty | Phase::Open | Phase::Dispatched => {
                self.clear();
                self.phase = Phase::Skipped(limit);
            }
        }
    }

    /// Forgets an event or a comment that was lent.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if self.phase == Phase::Dispatched {
            self.clear();
        }
        self.settle_tail();
    }

    /// Forgets the open block; its ID was never valid.
    pub(crate) fn forget(&mut self) {
        self.ids.forget_next();
        self.clear();
    }

    /// Forgets all but the ID.
    #[inline]
    fn clear(&mut self) {
        self.phase = if self.ids.has_next() { Phase::Open } else { Phase::Empty };
        self.name.clear();
        self.data_len = None;
        self.tail = Tail::None;
        self.gathered.clear();
    }
}
