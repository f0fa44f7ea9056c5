//! The server's log: one hub and one park, composed as a server composes them, and the book against which
//! each step of theirs is held. What an answer looks like on a wire is `connection`'s business.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidewire::Entry;
use tidewire::core::{Entropy, Instant, earliest};
use tidewire::hub::{Cursor, Hub, PublishError, SlowPolicy, SubscriberId};
use tidewire::poll::{HoldId, Park, ParkStats};

use super::book::Book;
use super::crowd::Crowd;
use super::document::{Note, TOPICS};
use super::ends::{Ends, Who};
use super::plan::{DRAIN, Plan};
use super::polls::Held;
use super::portal::Portal;
use super::reply::Reply;
use super::standing::Standing;
use super::streams::Stream;
use super::tally::{Mishap, Tally};
use crate::dice::Dice;

/// The log that all connections share.
pub(super) struct Feed {
    pub(super) hub: Hub<Arc<Entry>>,
    pub(super) park: Park,
    pub(super) book: Book,
    /// Who is there, if that is counted.
    pub(super) crowd: Option<Crowd>,
    /// What stands between the clients and the log.
    pub(super) portal: Portal,
    pub(super) entropy: Entropy,
    /// Decide how soon who waits is woken.
    whims: Dice,
    /// The poll that each client asked last.
    pub(super) latest: BTreeMap<u64, u64>,
    pub(super) streams: BTreeMap<SubscriberId, Stream>,
    pub(super) holds: BTreeMap<HoldId, Held>,
    /// Counts the polls that were ever held.
    pub(super) polls: usize,
    /// The park's last answer: who encodes each edition once sends the same again.
    pub(super) edition: Option<(u64, Reply)>,
    /// Who is to be run, and perhaps with which reply.
    pub(super) woken: Vec<(usize, Option<Reply>)>,
    pub(super) drains: bool,
    pub(super) slow: SlowPolicy,
    /// Someone is to be woken who has not been.
    pub(super) is_late: bool,
    pub(super) tally: Tally,
}

impl Feed {
    pub(super) fn new(plan: &Plan, epoch: u64, dice: &mut Dice) -> Self {
        Self {
            hub: Hub::new(plan.hub.clone(), epoch),
            park: Park::new(plan.park.clone()),
            book: Book::new(plan.hub.clone(), epoch),
            crowd: plan.linger.map(Crowd::new),
            portal: Portal::default(),
            entropy: Dice::new(dice.bits()).entropy(),
            whims: Dice::new(dice.bits()),
            latest: BTreeMap::new(),
            streams: BTreeMap::new(),
            holds: BTreeMap::new(),
            polls: 0,
            edition: None,
            woken: Vec::new(),
            drains: false,
            slow: plan.slow,
            is_late: false,
            tally: Tally::default(),
        }
    }

    /// Another process takes over: the log is gone, and another one begins.
    pub(super) fn forget(&mut self, plan: &Plan, epoch: u64) {
        self.leave(plan);
        self.hub = Hub::new(plan.hub.clone(), epoch);
        self.book.forgotten(epoch);
        self.book.ends.reopen();
    }

    /// Another process takes over, and a store has kept the log.
    pub(super) fn restore(&mut self, plan: &Plan, now: Instant) {
        self.leave(plan);
        let (lineage, floor) = (self.hub.lineage().clone(), self.book.floor());
        self.hub = Hub::restored(plan.hub.clone(), lineage, floor.offset - 1);
        self.book.restored(now);
        for record in self.book.kept() {
            let topic = TOPICS[usize::from(record.note.topic)];
            let entry = |cursor| entry(cursor, record.note);
            let key = record.key.to_string();
            let key = Some(key.as_bytes());
            let published = self.hub.publish_with(topic, record.weight, key, now, entry);
            assert!(published.is_ok_and(|published| published.fresh), "a restored log forgot some");
        }
        for (topic, name) in (0..).zip(TOPICS) {
            if self.book.ends.is_closed(topic) {
                assert_eq!(self.hub.close(name), Ok(true), "a new hub knows of no end");
            }
        }
        self.book.check(&self.hub);
    }

    /// All that a process held is gone with it.
    fn leave(&mut self, plan: &Plan) {
        assert!(self.streams.is_empty() && self.holds.is_empty(), "someone was not shown out");
        self.is_empty();
        self.park = Park::new(plan.park.clone());
        self.crowd = plan.linger.map(Crowd::new);
        self.woken.clear();
        self.edition = None;
        self.drains = false;
    }

    /// Fails unless nobody is left anywhere. B33.
    pub(super) fn is_empty(&self) {
        let ParkStats { holds, superseded, groups, clients, peers, .. } = self.park.stats();
        let left = [self.hub.subscribers(), holds, superseded, groups, clients, peers];
        assert_eq!(left, [0; 6], "subscribers, holds, superseded, groups, clients, peers left");
        assert_eq!(self.park.deadline(), None, "a timer is left");
    }

    /// The store lost the end of the log.
    pub(super) fn fork(&mut self, epoch: u64, at: u64, now: Instant) {
        if at < self.book.head().offset {
            self.wakes(|standing, _, _| standing.waits());
        }
        self.hub.fork(epoch, at).expect("the fork lies in the log, the epoch is new");
        self.book.forked(epoch, at);
        self.book.check(&self.hub);
        self.wake(now);
    }

    /// Appends an event, and lets who waits for it be woken unless more is to come at once.
    /// `None` if its topic is closed.
    pub(super) fn publish(
        &mut self,
        note: Note,
        key: u32,
        is_last: bool,
        now: Instant,
    ) -> Option<Cursor> {
        let weight = 40 + usize::from(note.padding);
        let topic = TOPICS[usize::from(note.topic)];
        let entry = |cursor| entry(cursor, note);
        let text = key.to_string();
        let key_text = Some(text.as_bytes());
        let published = self.hub.publish_with(topic, weight, key_text, now, entry);
        let is_closed = matches!(published, Err(PublishError::Closed));
        assert_eq!(is_closed, self.book.ends.is_closed(note.topic), "whether {topic} is closed");
        if is_closed {
            self.tally.count(Mishap::PublishedTooLate);
            return None;
        }
        let published = published.expect("the event keeps to all limits");
        let floor = self.hub.floor().offset;
        if !published.fresh {
            self.tally.count(Mishap::RetryRecognised);
        } else if floor > self.book.floor().offset && !self.holds.is_empty() {
            self.tally.count(Mishap::TrimWhileHeld);
        }
        self.book.published(published, note, key, weight, now);
        self.book.check(&self.hub);
        if is_last {
            self.wake_soon(now);
        }
        Some(published.cursor)
    }

    /// Nothing is published to a topic any more.
    pub(super) fn close(&mut self, topic: u8, now: Instant) {
        let is_new = self.hub.close(TOPICS[usize::from(topic)]).expect("a good name");
        assert_eq!(is_new, !self.book.ends.is_closed(topic), "whether it was closed");
        self.book.ends.close(topic);
        self.wakes(|standing, who, ends| standing.waits() && ends.ending(who).is_some());
        self.wake_soon(now);
    }

    /// The holders of a pass may read a topic no more.
    pub(super) fn revoke(&mut self, pass: usize, topic: u8, now: Instant) {
        self.wakes(|_, who, ends| who.pass() == pass && ends.allowed(who) & 1 << topic != 0);
        if self.book.ends.revoke(pass, topic) {
            self.hub.recheck();
            self.wake_soon(now);
        }
    }

    /// Some whom the log serves are woken, and not by an event: they move along no more.
    fn wakes(&mut self, is_woken: impl Fn(Standing, Who, &Ends) -> bool) {
        let Self { book, holds, streams, .. } = self;
        let holds = holds.values_mut().map(|held| (&mut held.standing, held.who));
        let streams = streams.values_mut().map(|stream| (&mut stream.standing, stream.who));
        for (standing, who) in holds.chain(streams) {
            if is_woken(*standing, who, &book.ends) {
                *standing = Standing::Reads(book.position(*standing, who));
            }
        }
    }

    /// A connection of someone comes.
    pub(super) fn come(&mut self, who: Who, now: Instant) {
        if let Some(crowd) = &mut self.crowd {
            crowd.join(who, now, &mut self.tally);
        }
    }

    /// A connection of someone is gone.
    pub(super) fn go(&mut self, who: Who, now: Instant) {
        if let Some(crowd) = &mut self.crowd {
            crowd.leave(who, now, &mut self.tally);
        }
    }

    /// Wakes who has something to read, at once or later: nobody may rely on when.
    pub(super) fn wake_soon(&mut self, now: Instant) {
        if self.whims.roll(4) > 0 { self.wake(now) } else { self.is_late = true }
    }

    /// When to keep time again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let crowd = self.crowd.as_ref().and_then(Crowd::deadline);
        earliest([self.park.deadline(), self.hub.deadline(), crowd])
    }

    /// Answers held polls and drops old events whose time has come.
    pub(super) fn keep_time(&mut self, now: Instant) {
        self.hub.trim(now);
        self.book.trimmed(now);
        self.book.check(&self.hub);
        self.wake(now);
        let deadline = self.deadline();
        assert!(deadline.is_none_or(|at| at > now), "Quiet: due at {deadline:?}, now is {now:?}");
    }

    /// Begins to answer all held polls.
    pub(super) fn drain(&mut self, now: Instant) {
        self.drains = true;
        for held in self.holds.values_mut() {
            held.until = held.until.min(now + DRAIN / 2);
        }
        self.park.drain(&mut self.entropy, now);
        self.wake(now);
    }

    /// Wakes who has something to read and answers held polls whose time has come.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some(id) = self.hub.next_ready() {
            match self.streams.get(&id) {
                Some(stream) => self.woken.push((stream.wire, None)),
                None => {
                    let is_group = self.park.woken(id, &mut self.hub);
                    assert!(is_group, "the hub names a reader that is nobody's");
                }
            }
        }
        self.take_answers(now);
        if let Some(crowd) = &mut self.crowd {
            crowd.keep_time(now, &mut self.tally);
        }
    }
}

fn entry(cursor: Cursor, note: Note) -> Arc<Entry> {
    let text = note.at(cursor);
    Arc::new(Entry::new(cursor, &text, None, &text))
}
