//! What the log must hold, kept the simplest way: everything that was ever published, life by life. The hub
//! is held against it at each step; what readers got of it is `account`'s business.

use std::collections::BTreeMap;

use tidewire::hub::{Config, Cursor, Entries, Hub, Published, Reset, ResetReason, Start};
use tidewire::poll::{Answer, Why};
use tidewire_core::Instant;

use super::document::Note;
use super::ends::{Ends, Who};
use super::plan::bits;
use super::polls::ending;

/// The truth about the log.
#[derive(Debug)]
pub(super) struct Book {
    limits: Config,
    lives: Vec<Life>,
    /// The publishers' keys that the present life remembers.
    keys: BTreeMap<(u8, u32), u64>,
    pub(super) ends: Ends,
}

/// What was published in one epoch and those that it goes on from.
#[derive(Debug)]
struct Life {
    epoch: u64,
    /// The last cursor of each epoch that it goes on from.
    ancestors: Vec<Cursor>,
    /// From offset 1 on, whether they are still kept or not.
    records: Vec<Record>,
    floor: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub(super) note: Note,
    pub(super) key: u32,
    pub(super) weight: usize,
    at: Instant,
}

impl Book {
    pub(super) fn new(limits: Config, epoch: u64) -> Self {
        let life = Life { epoch, ancestors: Vec::new(), records: Vec::new(), floor: 1 };
        Self { limits, lives: vec![life], keys: BTreeMap::new(), ends: Ends::new() }
    }

    /// Holds what the hub said of a publish against what it should say.
    pub(super) fn published(
        &mut self,
        published: Published,
        note: Note,
        key: u32,
        weight: usize,
        now: Instant,
    ) {
        let Published { cursor, fresh } = published;
        match self.keys.get(&(note.topic, key)) {
            Some(&offset) => {
                assert!(!fresh, "published twice: {note:?} at {cursor}, and before at {offset}");
                assert_eq!(cursor, self.cursor(offset), "a retry is told a wrong cursor");
            }
            None => {
                assert!(fresh, "not published: {note:?} is taken for {cursor}");
                self.trim(1, weight, now);
                assert_eq!(cursor, self.cursor(self.head().offset + 1), "a cursor out of turn");
                self.life_mut().records.push(Record { note, key, weight, at: now });
                self.keys.insert((note.topic, key), cursor.offset);
            }
        }
    }

    /// Drops what has grown too old.
    pub(super) fn trimmed(&mut self, now: Instant) {
        self.trim(0, 0, now);
    }

    fn trim(&mut self, events: usize, bytes: usize, now: Instant) {
        let Config { max_events, max_bytes, max_age, .. } = self.limits;
        let life = self.life_mut();
        loop {
            let kept = &life.records[life.floor as usize - 1..];
            let Some(oldest) = kept.first() else { return };
            let weight: usize = kept.iter().map(|record| record.weight).sum();
            let is_young = max_age.is_none_or(|age| now < oldest.at + age);
            if kept.len() + events <= max_events && weight + bytes <= max_bytes && is_young {
                return;
            }
            life.floor += 1;
        }
    }

    /// A new process knows nothing of what was.
    pub(super) fn forgotten(&mut self, epoch: u64) {
        let life = Life { epoch, ancestors: Vec::new(), records: Vec::new(), floor: 1 };
        self.lives.push(life);
        self.keys.clear();
    }

    /// A new process was told what is kept, and no more.
    pub(super) fn restored(&mut self, now: Instant) {
        let floor = self.life().floor;
        self.keys.retain(|_, offset| *offset >= floor);
        let kept = floor as usize - 1..;
        self.life_mut().records[kept].iter_mut().for_each(|record| record.at = now);
    }

    /// The store lost what lies above the offset `at`.
    pub(super) fn forked(&mut self, epoch: u64, at: u64) {
        let life = self.life();
        let last = Cursor { epoch: life.epoch, offset: at };
        let older = life.ancestors.iter().map(|c| Cursor { offset: c.offset.min(at), ..*c });
        let ancestors = older.chain([last]).collect();
        let records = life.records[..at as usize].to_vec();
        let floor = life.floor.min(at + 1);
        self.lives.push(Life { epoch, ancestors, records, floor });
        self.keys.retain(|_, offset| *offset <= at);
    }

    /// Holds the hub against the book.
    pub(super) fn check<T>(&self, hub: &Hub<T>) {
        assert_eq!(hub.head(), self.head(), "the log's head");
        assert_eq!(hub.floor(), self.floor(), "the log's floor");
    }

    /// What whoever asks with this cursor must be told, if it cannot be continued.
    pub(super) fn verdict(&self, cursor: Cursor) -> Option<Reset> {
        let (floor, head) = (self.floor(), self.head());
        let reason = match cursor.offset {
            _ if !self.life().has(cursor) => ResetReason::Epoch,
            offset if offset > head.offset => ResetReason::Ahead,
            offset if offset + 1 < floor.offset => ResetReason::Expired,
            _ => return None,
        };
        Some(Reset { reason, floor, head })
    }

    /// What whoever starts there must be told, if it cannot be done.
    pub(super) fn verdict_on(&self, start: Start) -> Option<Reset> {
        match start {
            Start::After(cursor) => self.verdict(cursor),
            Start::Oldest | Start::Now | Start::Last(_) => None,
        }
    }

    /// Holds an answer to a poll that starts there against the book.
    pub(super) fn check_answer<T>(&self, start: Start, answer: &Answer<'_, T>) {
        let told = match answer {
            Answer::Reset(reset) => Some(*reset),
            Answer::Events { .. } | Answer::Empty { .. } => None,
        };
        assert_eq!(told, self.verdict_on(start), "what is said of the cursor {start}");
        self.check_next(answer);
    }

    /// Holds an answer to a poll that was held against the book.
    pub(super) fn check_next<T>(&self, answer: &Answer<'_, T>) {
        let (floor, head) = (self.floor(), self.head());
        match answer {
            Answer::Reset(reset) => assert_eq!((reset.floor, reset.head), (floor, head)),
            Answer::Events { more: true, next, entries } => {
                let last = entries.clone().last().map(|record| record.offset);
                assert_eq!(last, Some(next.offset), "past what was delivered");
            }
            Answer::Events { more: false, next, .. }
            | Answer::Empty { why: Why::Timeout, next, .. } => {
                assert_eq!(*next, head, "who was told all there is stands at the head");
            }
            // Who may read nothing is told no more of the log, nor that it has lost events.
            Answer::Empty { why: Why::Revoked, .. } => {}
            Answer::Empty { next, why, .. } => {
                assert!(next.offset <= head.offset, "{why:?} at {next}, past the head {head}");
            }
        }
    }

    /// Holds an answer against what its reader may be told, and what ended for it.
    pub(super) fn check_ends<T>(&self, answer: &Answer<'_, T>, who: Who) {
        match answer {
            Answer::Events { entries, .. } => self.check_entries(entries.clone(), who),
            Answer::Empty { why: Why::Timeout, .. } => {
                assert_eq!(self.ends.ending(who), None, "never told the end");
            }
            Answer::Empty { why, .. } => {
                if let Some(ending) = ending(*why) {
                    assert_eq!(self.ends.ending(who), Some(ending), "the end of {who:?}");
                }
            }
            Answer::Reset(_) => {}
        }
    }

    /// Fails if a reader is given an event that it may not read.
    pub(super) fn check_entries<T>(&self, mut entries: Entries<'_, T>, who: Who) {
        let allowed = self.ends.allowed(who);
        if self.ends.has_lost(who) {
            let is_allowed = entries.all(|record| bits([&*record.topic]) & !allowed == 0);
            assert!(is_allowed, "given what it may not read");
        }
    }

    pub(super) fn head(&self) -> Cursor {
        self.cursor(self.life().records.len() as u64)
    }

    pub(super) fn floor(&self) -> Cursor {
        self.cursor(self.life().floor)
    }

    /// What is kept, in order.
    pub(super) fn kept(&self) -> &[Record] {
        let life = self.life();
        &life.records[life.floor as usize - 1..]
    }

    /// What was published in the life of that epoch, from offset 1 on.
    pub(super) fn records(&self, epoch: u64) -> &[Record] {
        &self.life_of(epoch).records
    }

    /// What was published in the life that both cursors belong to, from offset 1 on; `None` if there is
    /// none. An event keeps the cursor with which it was published, also in an epoch that goes on from
    /// that one.
    pub(super) fn shared(&self, one: Cursor, other: Cursor) -> Option<&[Record]> {
        let of_other = self.life_of(other.epoch);
        let of_one = self.life_of(one.epoch);
        match (of_other.has(one), of_one.has(other)) {
            (true, _) => Some(&of_other.records),
            (false, true) => Some(&of_one.records),
            (false, false) => None,
        }
    }

    fn life_of(&self, epoch: u64) -> &Life {
        let life = self.lives.iter().find(|life| life.epoch == epoch);
        life.unwrap_or_else(|| panic!("no life of the log has the epoch {epoch}"))
    }

    fn cursor(&self, offset: u64) -> Cursor {
        Cursor { epoch: self.life().epoch, offset }
    }

    fn life(&self) -> &Life {
        self.lives.last().expect("a book begins with a life")
    }

    fn life_mut(&mut self) -> &mut Life {
        self.lives.last_mut().expect("a book begins with a life")
    }
}

impl Life {
    /// Whether the cursor means the same in this life as in its own.
    fn has(&self, cursor: Cursor) -> bool {
        let is_of = |last: &Cursor| last.epoch == cursor.epoch && cursor.offset <= last.offset;
        cursor.epoch == self.epoch || self.ancestors.iter().any(is_of)
    }
}
