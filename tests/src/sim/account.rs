//! What one reader was told, held against the book: each event of its topics in order and once, or a gap
//! that is told. How it was told is the transports' business.

use tidewire::hub::{Cursor, Reset, ResetReason};

use super::book::{Book, Record};
use super::document::Note;
use super::ends::{Ending, Who};

/// A reader's account.
///
/// What it is entitled to: every event of its topics behind its position, in the order of the log, each
/// once. Only the word of a gap may move it past events that it did not get, or back. Events of a topic
/// that it may not read any more may be missing. Behind the word of the end nothing comes.
#[derive(Debug)]
pub(super) struct Account {
    who: Who,
    /// Behind what it has been told; `None` until the first word of where it stands.
    position: Option<Cursor>,
    pub(super) events: u32,
    pub(super) gaps: u32,
    /// It was told that nothing comes any more.
    is_over: bool,
}

impl Account {
    pub(super) fn new(who: Who) -> Self {
        Self { who, position: None, events: 0, gaps: 0, is_over: false }
    }

    pub(super) fn who(&self) -> Who {
        self.who
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    pub(super) fn position(&self) -> Option<Cursor> {
        self.position
    }

    pub(super) fn follows(&self, topic: u8) -> bool {
        self.who.topics & 1 << topic != 0
    }

    /// The reader is told where it begins.
    pub(super) fn begins(&mut self, cursor: Cursor) {
        self.position.get_or_insert(cursor);
    }

    /// The reader keeps a cursor that it has from elsewhere.
    pub(super) fn claims(&mut self, cursor: Cursor) {
        self.position = Some(cursor);
    }

    /// From where it stands the reader follows these topics.
    pub(super) fn follows_now(&mut self, topics: u8) {
        self.who.topics = topics;
    }

    /// The reader takes an event.
    pub(super) fn takes(&mut self, cursor: Cursor, note: Note, book: &Book) {
        self.goes_on();
        let published = at(book.records(cursor.epoch), cursor.offset);
        let is_published = published.is_some_and(|record| record.note == note);
        assert!(is_published, "never published: {note:?} at {cursor}, but {published:?}");
        assert!(self.follows(note.topic), "not its topic: {note:?} at {cursor}");
        if let Some(position) = self.position {
            let records = shared(book, position, cursor);
            assert!(cursor.offset > position.offset, "taken before: {cursor}, behind {position}");
            self.misses_none(book, records, position.offset, cursor.offset - 1);
        }
        self.position = Some(cursor);
        self.events += 1;
    }

    /// The reader is told that it stands at `next`, whatever came before.
    pub(super) fn moves(&mut self, next: Cursor, book: &Book) {
        self.goes_on();
        let records = book.records(next.epoch);
        assert!(next.offset <= records.len() as u64, "{next} lies ahead of the log");
        if let Some(position) = self.position {
            let records = shared(book, position, next);
            if next.offset < position.offset {
                return;
            }
            self.misses_none(book, records, position.offset, next.offset);
        }
        self.position = Some(next);
    }

    /// The reader is told of a gap, and that it stands at `resume`. Where the server had it may lie ahead of
    /// the last that it was told.
    pub(super) fn resets(&mut self, resume: Cursor, told: Reset) {
        self.goes_on();
        let Reset { reason, floor, head } = told;
        if let Some(position) = self.position {
            let is_true = match reason {
                ResetReason::Expired => position.offset + 1 < floor.offset,
                ResetReason::Epoch => position.epoch != floor.epoch,
                ResetReason::Ahead => position.offset > head.offset,
            };
            assert!(is_true, "no gap behind {position}: {told:?}");
        }
        self.position = Some(resume);
        self.gaps += 1;
    }

    /// The reader is told that nothing comes any more.
    pub(super) fn ends(&mut self, ending: Ending, at: Cursor, book: &Book) {
        book.ends.was(ending, self.who);
        match ending {
            Ending::Closed => self.moves(at, book),
            Ending::Revoked => self.goes_on(),
        }
        self.is_over = true;
    }

    /// The reader is told that it may not read what it asks for.
    pub(super) fn is_refused(&mut self, book: &Book) {
        self.goes_on();
        assert!(book.ends.has_lost(self.who), "refused, and may read all: {:?}", self.who);
        self.is_over = true;
    }

    fn goes_on(&self) {
        assert!(!self.is_over, "told something after the end");
    }

    /// Fails unless the reader has all that was published up to `head`.
    pub(super) fn is_complete(&self, head: Cursor, book: &Book) {
        // A browser hears where it stands by its first event only, and began at the oldest.
        let Cursor { epoch, offset } = book.floor();
        let position = self.position.unwrap_or(Cursor { epoch, offset: offset - 1 });
        self.misses_none(book, shared(book, position, head), position.offset, head.offset);
    }

    /// Fails if there was an event for the reader behind `from` and up to `to`.
    fn misses_none(&self, book: &Book, records: &[Record], from: u64, to: u64) {
        let between = records.get(from as usize..to as usize).unwrap_or_default();
        let entitled = book.ends.allowed(self.who);
        let missed = between.iter().position(|record| entitled & 1 << record.note.topic != 0);
        if let Some(index) = missed {
            panic!("never told: {:?}, between {from} and {to}", between[index].note);
        }
    }
}

/// What was published in the life of the log that both cursors are of. If there is none, the reader was to
/// be told of a gap.
fn shared(book: &Book, position: Cursor, next: Cursor) -> &[Record] {
    let shared = book.shared(position, next);
    shared.unwrap_or_else(|| panic!("no gap told between {position} and {next}"))
}

/// What was published at an offset, if anything was.
pub(super) fn at(records: &[Record], offset: u64) -> Option<&Record> {
    records.get((offset as usize).checked_sub(1)?)
}
