//! The server's log: one hub and one park, composed as a server composes them, and the book against which
//! each step of theirs is held. What an answer looks like on a wire is `connection`'s business.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tidewire::Entry;
use tidewire::core::{Entropy, Instant, Timers, earliest};
use tidewire::hub::{
    Batch, Cursor, Hub, Read, Reset, SlowPolicy, Start, SubscribeError, SubscriberId, Subscription,
};
use tidewire::poll::{Answer, Ask, Asked, Client, HoldId, Park, ParkStats, Refused, Why};

use super::book::Book;
use super::document::{self, Note, TOPICS};
use super::plan::{DRAIN, Plan};
use super::tally::{Mishap, Tally};
use crate::dice::Dice;

/// The log that all connections share.
pub(super) struct Feed {
    pub(super) hub: Hub<Arc<Entry>>,
    pub(super) park: Park,
    pub(super) book: Book,
    entropy: Entropy,
    /// Decide how soon who waits is woken.
    whims: Dice,
    /// The poll that each client asked last.
    latest: BTreeMap<u64, u64>,
    streams: BTreeMap<SubscriberId, usize>,
    holds: BTreeMap<HoldId, Held>,
    /// Counts the polls that were ever held.
    polls: usize,
    /// Who is to be run, and perhaps with which reply.
    pub(super) woken: Vec<(usize, Option<Reply>)>,
    drains: bool,
    slow: SlowPolicy,
    /// Someone is to be woken who has not been.
    pub(super) is_late: bool,
    pub(super) tally: Tally,
}

/// A poll that is held.
struct Held {
    wire: usize,
    poll: usize,
    until: Instant,
    client: Client,
}

/// What a poll is told.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Answer { body: Vec<u8>, next: Cursor },
    Reset { document: String },
    Refused { status: u16, retry_after: Duration },
}

/// What becomes of a poll.
pub(super) enum Said {
    Now(Reply),
    Later { hold: HoldId, poll: usize, until: Instant },
}

/// A poll as it was read from a request.
pub(super) struct Query<'a> {
    pub(super) topics: &'a [&'a str],
    pub(super) after: Start,
    pub(super) wait: Duration,
    pub(super) client: Client,
}

impl Feed {
    pub(super) fn new(plan: &Plan, epoch: u64, dice: &mut Dice) -> Self {
        Self {
            hub: Hub::new(plan.hub.clone(), epoch),
            park: Park::new(plan.park.clone()),
            book: Book::new(plan.hub.clone(), epoch),
            entropy: Dice::new(dice.bits()).entropy(),
            whims: Dice::new(dice.bits()),
            latest: BTreeMap::new(),
            streams: BTreeMap::new(),
            holds: BTreeMap::new(),
            polls: 0,
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
        self.book.check(&self.hub);
    }

    /// All that a process held is gone with it.
    fn leave(&mut self, plan: &Plan) {
        assert!(self.streams.is_empty() && self.holds.is_empty(), "someone was not shown out");
        self.is_empty();
        self.park = Park::new(plan.park.clone());
        self.woken.clear();
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
        self.hub.fork(epoch, at).expect("the fork lies in the log, the epoch is new");
        self.book.forked(epoch, at);
        self.book.check(&self.hub);
        self.wake(now);
    }

    /// Appends an event, and lets who waits for it be woken unless more is to come at once.
    pub(super) fn publish(&mut self, note: Note, key: u32, is_last: bool, now: Instant) -> Cursor {
        let weight = 40 + usize::from(note.padding);
        let topic = TOPICS[usize::from(note.topic)];
        let entry = |cursor| entry(cursor, note);
        let text = key.to_string();
        let key_text = Some(text.as_bytes());
        let published = self.hub.publish_with(topic, weight, key_text, now, entry);
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
        published.cursor
    }

    /// Answers a poll or holds it.
    pub(super) fn ask(&mut self, query: &Query<'_>, wire: usize, now: Instant) -> Said {
        let mut ask = Ask::new(query.topics, query.after);
        ask.wait = query.wait;
        ask.client = Some(query.client);
        ask.peer = Some(query.client.id % 2);
        self.book.trimmed(now);
        self.latest.insert(query.client.id, query.client.seq);
        let said = match self.park.ask(&ask, &mut self.hub, &mut self.entropy, now) {
            Ok(Asked::Answer(answer)) => {
                self.book.check_answer(query.after, &answer);
                if let Answer::Empty { why: Why::Superseded, .. } = answer {
                    let is_older = self.holds.values().any(|held| later(held.client, query.client));
                    assert!(is_older, "told that there is a later poll, and there is none");
                }
                Said::Now(reply(answer, query.wait.is_zero(), &mut self.tally))
            }
            Ok(Asked::Held(hold)) => {
                assert!(self.book.verdict_on(query.after).is_none(), "held, and not reset");
                assert!(!self.drains, "held by a server that drains");
                let (poll, until) = (self.polls, now + self.park.wait(query.wait));
                self.polls += 1;
                self.holds.insert(hold, Held { wire, poll, until, client: query.client });
                Said::Later { hold, poll, until }
            }
            Err(refused) => Said::Now(Reply::Refused {
                status: refused.status(),
                retry_after: Refused::retry_after(&refused).unwrap_or_default(),
            }),
        };
        self.book.check(&self.hub);
        self.wake_soon(now);
        said
    }

    /// Wakes who has something to read, at once or later: nobody may rely on when.
    fn wake_soon(&mut self, now: Instant) {
        if self.whims.roll(4) > 0 { self.wake(now) } else { self.is_late = true }
    }

    /// Frees the place of a poll that nobody waits for any more.
    pub(super) fn cancel(&mut self, hold: HoldId) {
        if self.holds.remove(&hold).is_some() {
            assert!(self.park.cancel(hold, &mut self.hub), "a poll was neither held nor answered");
        }
        assert!(!self.park.cancel(hold, &mut self.hub), "a poll was cancelled twice");
    }

    /// Takes a place in the log for a stream. A start that cannot be continued is replaced by one that
    /// misses nothing that is still kept, and told.
    pub(super) fn subscribe(
        &mut self,
        topics: &[&str],
        start: Start,
        plan: &Plan,
        wire: usize,
        now: Instant,
    ) -> (SubscriberId, Cursor, Option<Reset>) {
        let subscription = |start: Start| {
            let mut subscription = Subscription::from(start);
            (subscription.credit, subscription.slow) = (plan.credit, plan.slow);
            subscription
        };
        self.book.trimmed(now);
        let expected = self.book.verdict_on(start);
        let ((id, cursor), told) = match self.hub.subscribe(topics, subscription(start), now) {
            Ok(subscribed) => (subscribed, None),
            Err(SubscribeError::Reset(reset)) => {
                let resume = subscription(Start::After(reset.resume()));
                let subscribed = self.hub.subscribe(topics, resume, now);
                (subscribed.expect("where a reset resumes, a reader can"), Some(reset))
            }
            Err(error) => panic!("a subscriber is refused: {error}"),
        };
        assert_eq!(told, expected, "what is said of the cursor {start}");
        self.book.check(&self.hub);
        self.streams.insert(id, wire);
        (id, cursor, told)
    }

    /// Gives a stream's place up.
    pub(super) fn unsubscribe(&mut self, id: SubscriberId) {
        self.streams.remove(&id);
        assert!(self.hub.unsubscribe(id), "a subscriber was gone already");
    }

    /// Lets a stream be given so many bytes more.
    pub(super) fn credit(&mut self, id: SubscriberId, bytes: u64, now: Instant) {
        assert!(self.hub.credit(id, bytes), "a subscriber was gone already");
        self.wake(now);
        self.tally.count(Mishap::CreditRestored);
    }

    /// Reads on for a stream: entries, or where it goes on behind a gap.
    pub(super) fn read(
        &mut self,
        id: SubscriberId,
        max: Batch,
    ) -> Result<Vec<Arc<Entry>>, (Cursor, Reset)> {
        let reset = match self.hub.read(id, max) {
            Read::Entries { entries, .. } => {
                return Ok(entries.map(|record| Arc::clone(&record.item)).collect());
            }
            Read::Waiting => return Ok(Vec::new()),
            Read::Reset(reset) => reset,
            Read::Ended(end) => panic!("a reader ended: {end:?}"),
        };
        self.book.check_next::<()>(&Answer::Reset(reset));
        let resume = self.hub.position(id).expect("the reader is there");
        assert!(resume == reset.resume() || self.slow == SlowPolicy::Latest, "beyond {reset:?}");
        Err((resume, reset))
    }

    /// When to keep time again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        earliest([self.park.deadline(), self.hub.deadline()])
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

    /// The polls that are held, and when each must be held no more.
    pub(super) fn held(&self) -> impl Iterator<Item = (usize, usize, Instant)> + '_ {
        self.holds.values().map(|held| (held.wire, held.poll, held.until))
    }

    /// Until when a poll is still held. Fails if that has passed by more than a tick.
    pub(super) fn is_answered(&self, poll: usize, now: Instant) -> Option<Instant> {
        let Held { until, .. } = self.holds.values().find(|held| held.poll == poll)?;
        let is_late = *until + Timers::<()>::TICK < now;
        assert!(!is_late, "held too long: until {until:?}, now is {now:?}");
        Some(*until)
    }

    /// Wakes who has something to read and answers held polls whose time has come.
    pub(super) fn wake(&mut self, now: Instant) {
        while let Some(id) = self.hub.next_ready() {
            match self.streams.get(&id) {
                Some(&wire) => self.woken.push((wire, None)),
                None => {
                    let is_group = self.park.woken(id, &mut self.hub);
                    assert!(is_group, "the hub names a reader that is nobody's");
                }
            }
        }
        while let Some(answered) = self.park.next_answer(&mut self.hub, now) {
            self.book.check_next(&answered.answer);
            let is_superseded =
                matches!(answered.answer, Answer::Empty { why: Why::Superseded, .. });
            let reply = reply(answered.answer, false, &mut self.tally);
            for hold in answered.holds {
                let held = self.holds.remove(hold);
                let held = held.expect("a poll is answered that is not held");
                let latest = self.latest.get(&held.client.id);
                let is_true = !is_superseded || latest.is_some_and(|seq| *seq >= held.client.seq);
                assert!(is_true, "a poll gave way to an older one");
                self.woken.push((held.wire, Some(reply.clone())));
            }
        }
    }
}

/// Whether one poll is a later one of the same client.
fn later(one: Client, other: Client) -> bool {
    one.id == other.id && one.seq > other.seq
}

fn entry(cursor: Cursor, note: Note) -> Arc<Entry> {
    let text = note.at(cursor);
    Arc::new(Entry::new(cursor, &text, None, &text))
}

fn reply(answer: Answer<'_, Arc<Entry>>, is_interval: bool, tally: &mut Tally) -> Reply {
    match answer {
        Answer::Reset(reset) => {
            tally.reset(reset.reason);
            Reply::Reset { document: document::gap(reset.resume(), reset) }
        }
        Answer::Events { entries, next, more } => {
            let events = entries.map(|record| record.item.message());
            Reply::Answer { body: document::answer(next, more, Duration::ZERO, events), next }
        }
        Answer::Empty { next, poll_after, why } => {
            match why {
                Why::Timeout => {}
                Why::Superseded => tally.count(Mishap::Superseded),
                Why::Drain => tally.count(Mishap::PollDrained),
                Why::Shed => tally.count(Mishap::Shed),
                Why::Closed | Why::Revoked => panic!("no topic is ever closed or forbidden"),
            }
            let is_let_go = matches!(why, Why::Drain | Why::Superseded);
            let own = if is_interval || is_let_go { INTERVAL } else { Duration::ZERO };
            let poll_after = poll_after.unwrap_or(own);
            let body = document::answer(next, false, poll_after, [].into_iter());
            Reply::Answer { body, next }
        }
    }
}

/// When a client in a fixed rhythm is told to ask again.
const INTERVAL: Duration = Duration::from_secs(1);
