//! What the lines since the last blank line have said. Which line says what is told elsewhere.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use bytes::{Buf, Bytes};
use memchr::memchr;

use crate::limits::recycle;
use crate::{LimitError, Limits};

/// The three buffers of the standard (WHATWG HTML §9.2.6): data, event type, last event ID.
#[derive(Debug, Default)]
pub(crate) struct Block {
    phase: Phase,
    /// Where in `buffer` the data starts, if a data line was kept.
    data_start: Option<usize>,
    buffer: Vec<u8>,
    name: String,
    /// Unlike the others it lives on behind the blank line.
    id: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// Passed a limit.
    Skipped(LimitError),
    /// Closed by its blank line, its event lent.
    Dispatched,
}

impl Block {
    /// The data of all lines that were kept.
    pub(crate) fn data(&self) -> Option<&[u8]> {
        self.data_start.map(|start| &self.buffer[start..])
    }

    /// Moves the data of all lines out. From a buffer with much more room they are copied: a small
    /// event that is kept for long must not hold what a large one before it needed.
    pub(crate) fn take_data(&mut self) -> Bytes {
        let start = self.data_start.unwrap_or_default();
        let data = &self.buffer[start..];
        if self.buffer.capacity() > 2 * data.len() {
            return Bytes::copy_from_slice(data);
        }
        let mut data = Bytes::from(mem::take(&mut self.buffer));
        data.advance(start);
        data
    }

    /// The event type.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The event ID that the next blank line makes valid.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn skipped(&self) -> Option<LimitError> {
        match self.phase {
            Phase::Skipped(limit) => Some(limit),
            Phase::Open | Phase::Dispatched => None,
        }
    }

    /// Whether a line has said something that only a blank line would make valid.
    pub(crate) fn is_open(&self, last_event_id: &str) -> bool {
        let said = self.data_start.is_some() || !self.name.is_empty() || self.id != last_event_id;
        self.skipped().is_some() || (self.phase == Phase::Open && said)
    }

    /// Keeps a copy of one more data line.
    pub(crate) fn push_data(&mut self, line: &[u8]) {
        match self.data_start {
            Some(_) => self.buffer.push(b'\n'),
            None => self.data_start = Some(0),
        }
        self.buffer.extend_from_slice(line);
    }

    /// The buffer, to be exchanged for one in which the first data line lies from `start` on.
    pub(crate) fn adopt_data(&mut self, start: usize) -> &mut Vec<u8> {
        self.data_start = Some(start);
        &mut self.buffer
    }

    pub(crate) fn set_name(&mut self, name: &[u8], limits: &Limits) -> Result<(), LimitError> {
        if name.len() > limits.max_name_bytes {
            return Err(LimitError::Name { limit_bytes: limits.max_name_bytes });
        }
        if self.phase == Phase::Open {
            replace_lossy(&mut self.name, name);
        }
        Ok(())
    }

    /// An ID with a NUL is ignored.
    pub(crate) fn set_id(&mut self, id: &[u8], limits: &Limits) -> Result<(), LimitError> {
        if id.len() > limits.max_id_bytes {
            return Err(LimitError::Id { limit_bytes: limits.max_id_bytes });
        }
        if memchr(0, id).is_none() {
            replace_lossy(&mut self.id, id);
        }
        Ok(())
    }

    pub(crate) fn seed_id(&mut self, id: &str) {
        replace_lossy(&mut self.id, id.as_bytes());
    }

    /// Forgets what the block said and ignores the rest of it, IDs apart.
    pub(crate) fn skip(&mut self, limit: LimitError) {
        if self.skipped().is_none() {
            self.clear();
            self.phase = Phase::Skipped(limit);
        }
    }

    /// Keeps what was said until the event is no longer lent.
    pub(crate) fn dispatch(&mut self) {
        self.phase = Phase::Dispatched;
    }

    /// Forgets an event that was lent.
    pub(crate) fn settle(&mut self) {
        if self.phase == Phase::Dispatched {
            self.clear();
        }
    }

    /// Forgets all but the ID.
    pub(crate) fn clear(&mut self) {
        self.phase = Phase::Open;
        self.data_start = None;
        recycle(&mut self.buffer);
        self.name.clear();
    }
}

fn replace_lossy(text: &mut String, bytes: &[u8]) {
    text.clear();
    text.push_str(&String::from_utf8_lossy(bytes));
}
