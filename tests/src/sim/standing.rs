//! Where those stand whom the hub serves, as the book has it, and what each must be told there. What the hub
//! says is held against that, and never taken for the truth.

use tidewire::hub::{Cursor, Entries, Reset, ResetReason, Start};
use tidewire::poll::{Answer, Why};

use super::book::Book;
use super::document::{self, Note};
use super::ends::Who;
use super::polls::ending;
use super::reply::Reply;

/// Where someone stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing {
    /// It is to be told what follows here.
    Reads(Cursor),
    /// It was told all there was, and moves along past what is not for it.
    Waits(Cursor),
    /// It gets nothing before it has credit again.
    Spent(Cursor),
}

impl Standing {
    pub(super) fn waits(self) -> bool {
        matches!(self, Self::Waits(_))
    }
}

impl Book {
    /// Where it is by now.
    pub(super) fn position(&self, standing: Standing, who: Who) -> Cursor {
        match standing {
            Standing::Reads(at) | Standing::Spent(at) => at,
            Standing::Waits(at) => {
                let next = self.following(at.offset, self.ends.allowed(who));
                next.map_or(self.head(), |offset| self.cursor(offset - 1))
            }
        }
    }

    /// Where someone stands who asks from there.
    pub(super) fn asked_from(&self, start: Start, who: Who) -> Cursor {
        match start {
            Start::After(cursor) => cursor,
            start => self.begin(start, who.topics),
        }
    }

    /// Whether a stream that stands there can go on, and was told all there is.
    pub(super) fn is_all(&self, at: Cursor, who: Who) -> bool {
        let following = self.following(at.offset, self.ends.allowed(who));
        self.verdict_of(at, who).is_none() && following.is_none()
    }

    /// What so many events weigh that come next for someone.
    pub(super) fn weight(&self, from: Cursor, count: usize, who: Who) -> u64 {
        let allowed = self.ends.allowed(who);
        let behind = self.records(self.head().epoch).get(from.offset as usize..);
        let own = behind.into_iter().flatten();
        let own = own.filter(|record| allowed & 1 << record.note.topic != 0);
        own.take(count).map(|record| record.weight as u64).sum()
    }

    /// Where someone begins who can begin there.
    pub(super) fn begin(&self, start: Start, topics: u8) -> Cursor {
        match start {
            Start::After(Cursor { offset, .. }) => self.cursor(offset),
            Start::Oldest => self.cursor(self.floor().offset - 1),
            Start::Now => self.head(),
            Start::Last(count) => {
                let newest = (0..=self.head().offset).rev().zip(self.kept().iter().rev());
                let own = newest.filter(|(_, record)| topics & 1 << record.note.topic != 0);
                let first = own.take(count as usize).last();
                first.map_or(self.head(), |(offset, _)| self.cursor(offset - 1))
            }
        }
    }

    /// What whoever asks with this cursor must be told, if it cannot be continued.
    pub(super) fn verdict(&self, cursor: Cursor) -> Option<Reset> {
        let (floor, head) = (self.floor(), self.head());
        let reason = match cursor.offset {
            _ if !self.goes_on_from(cursor) => ResetReason::Epoch,
            offset if offset > head.offset => ResetReason::Ahead,
            offset if offset + 1 < floor.offset => ResetReason::Expired,
            _ => return None,
        };
        Some(Reset { reason, floor, head })
    }

    /// What a stream that stands there must be told, if it cannot go on. What was not for it may be
    /// dropped.
    pub(super) fn verdict_of(&self, at: Cursor, who: Who) -> Option<Reset> {
        let has_missed = self.has_dropped(at.offset, self.ends.allowed(who));
        self.verdict(at).filter(|reset| reset.reason != ResetReason::Expired || has_missed)
    }

    /// Where who was told of a gap goes on: with the oldest event, or with the next.
    pub(super) fn resume(&self, reason: ResetReason) -> Cursor {
        match reason {
            ResetReason::Expired | ResetReason::Epoch => self.cursor(self.floor().offset - 1),
            ResetReason::Ahead => self.head(),
        }
    }

    /// Holds what someone who stands at `from` is told of a gap against the book.
    pub(super) fn check_reset(&self, told: Option<Reset>, from: Cursor) {
        self.check_told(told, self.verdict(from), from);
    }

    /// As [`check_reset`](Self::check_reset), of a stream.
    pub(super) fn check_read(&self, told: Option<Reset>, from: Cursor, who: Who) {
        self.check_told(told, self.verdict_of(from, who), from);
    }

    fn check_told(&self, told: Option<Reset>, expected: Option<Reset>, from: Cursor) {
        assert_eq!(told, expected, "what is said of the cursor {from}");
        if let Some(reset) = told {
            assert_eq!(reset.resume(), self.resume(reset.reason), "where {reset:?} resumes");
        }
    }

    /// Holds a batch for someone who stands at `from` against the book: what comes next, in order, and all
    /// there is unless there is more.
    pub(super) fn check_batch<T>(
        &self,
        entries: Entries<'_, T>,
        (next, more): (Cursor, bool),
        from: Cursor,
        who: Who,
    ) {
        let allowed = self.ends.allowed(who);
        let mut last = from.offset;
        for record in entries {
            let following = self.following(last, allowed);
            assert_eq!(Some(record.offset), following, "what comes next of {allowed:#b}");
            last = record.offset;
        }
        assert_eq!(
            more,
            self.following(last, allowed).is_some(),
            "whether more than {last} is there"
        );
        let expected = if more { self.cursor(last) } else { self.head() };
        assert_eq!(next, expected, "past what was delivered");
    }

    /// Fails if there is something for someone who asks from `from` and is told that there is not.
    pub(super) fn check_nothing(&self, from: Cursor, next: Cursor, who: Who) {
        self.check_reset(None, from);
        self.check_passed(from, next, who);
    }

    /// Fails if there is something between the two for someone.
    pub(super) fn check_passed(&self, from: Cursor, next: Cursor, who: Who) {
        let following = self.following(from.offset, self.ends.allowed(who));
        let is_missed = following.is_some_and(|offset| offset <= next.offset);
        assert!(!is_missed, "moved from {from} to {next}, past {following:?}");
    }

    /// Holds an answer for someone who stands at `from` against the book.
    pub(super) fn check_answer<T>(&self, answer: &Answer<'_, T>, from: Cursor, who: Who) {
        match answer {
            Answer::Reset(reset) => self.check_reset(Some(*reset), from),
            Answer::Events { entries, next, more } => {
                self.check_reset(None, from);
                self.check_batch(entries.clone(), (*next, *more), from, who);
            }
            Answer::Empty { next, why, .. } => {
                match why {
                    Why::Timeout => {
                        self.check_nothing(from, *next, who);
                        assert_eq!(*next, self.head(), "who was told all stands at the head");
                        assert_eq!(self.ends.ending(who), None, "never told the end");
                    }
                    Why::Superseded | Why::Shed | Why::Drain | Why::Closed => {
                        self.check_nothing(from, *next, who);
                    }
                    // Who may read nothing is told no more of the log, nor that it has lost events.
                    Why::Revoked => {}
                }
                if let Some(ending) = ending(*why) {
                    assert_eq!(self.ends.ending(who), Some(ending), "the end of {who:?}");
                }
            }
        }
    }

    /// Fails if someone who was told all up to `at` and then waited is told something else than what came
    /// first behind that.
    pub(super) fn check_let_go(&self, reply: &Reply, at: Cursor, who: Who) {
        let Reply::Answer { body, next, .. } = reply else { return };
        let mut lines = document::read_answer(body).events;
        let told = lines.find(|line| document::read_end(line).is_none());
        let told = told.map(|line| Note::read(line).0);
        let is_lost = self.ends.has_lost(who);
        let Some(records) = self.shared(at, *next).filter(|_| !is_lost) else { return };
        let mut behind = (at.offset + 1..=next.offset).zip(&records[at.offset as usize..]);
        let first = behind.find(|(_, record)| who.topics & 1 << record.note.topic != 0);
        let first = first.map(|(offset, _)| offset);
        assert_eq!(told.map(|cursor| cursor.offset), first, "what came since {at}, up to {next}");
    }
}
