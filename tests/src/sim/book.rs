//! What the log must hold, kept the simplest way: everything that was ever published, life by life. The hub
//! is held against it at each step. What whom it serves must be told is `standing`'s business, what readers got
//! `account`'s.

use std::collections::BTreeMap;

use tidewire::hub::{Config, Cursor, Hub, Published};
use tidewire_core::Instant;

use super::document::Note;
use super::ends::Ends;

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
    /// The last of each topic that is not kept.
    dropped: BTreeMap<u8, u64>,
}

impl Life {
    fn new(epoch: u64) -> Self {
        let (ancestors, records, dropped) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { epoch, ancestors, records, floor: 1, dropped }
    }
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
        Self { limits, lives: vec![Life::new(epoch)], keys: BTreeMap::new(), ends: Ends::new() }
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
            life.dropped.insert(oldest.note.topic, life.floor);
            life.floor += 1;
        }
    }

    /// A new process knows nothing of what was.
    pub(super) fn forgotten(&mut self, epoch: u64) {
        self.lives.push(Life::new(epoch));
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
        let dropped =
            life.dropped.iter().map(|(&topic, &offset)| (topic, offset.min(at))).collect();
        self.lives.push(Life { epoch, ancestors, records, floor, dropped });
        self.keys.retain(|_, offset| *offset <= at);
    }

    /// Holds the hub against the book.
    pub(super) fn check<T>(&self, hub: &Hub<T>) {
        assert_eq!(hub.head(), self.head(), "the log's head");
        assert_eq!(hub.floor(), self.floor(), "the log's floor");
    }

    /// The first event of these topics behind that offset, whether it is still kept or not.
    pub(super) fn following(&self, after: u64, topics: u8) -> Option<u64> {
        let mut behind = (after + 1..).zip(self.life().records.get(after as usize..)?);
        behind.find(|(_, record)| topics & 1 << record.note.topic != 0).map(|(offset, _)| offset)
    }

    /// Whether an event of these topics behind that offset is not kept.
    pub(super) fn has_dropped(&self, after: u64, topics: u8) -> bool {
        let dropped = self.life().dropped.iter();
        dropped.filter(|&(topic, _)| topics & 1 << topic != 0).any(|(_, &offset)| offset > after)
    }

    /// Whether the cursor means something in the present life.
    pub(super) fn goes_on_from(&self, cursor: Cursor) -> bool {
        self.life().has(cursor)
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

    pub(super) fn cursor(&self, offset: u64) -> Cursor {
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
