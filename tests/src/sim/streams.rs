//! Streams as the log's owner serves them, and what must hold of that. How they go over a wire is `doing`'s
//! business.

use std::sync::Arc;

use tidewire::Entry;
use tidewire::core::Instant;
use tidewire::hub::{
    Batch, Cursor, End, Read, Reset, SlowPolicy, Start, SubscribeError, SubscriberId, Subscription,
};

use super::ends::{Ending, Who};
use super::feed::Feed;
use super::plan::Plan;
use super::standing::Standing;
use super::tally::Mishap;

/// A reader of the hub.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) wire: usize,
    pub(super) who: Who,
    pub(super) standing: Standing,
    /// How much it may be given, if that is bounded.
    credit: Option<u64>,
}

/// A place in the log: its name, where it is, and what is to be told of the start.
pub(super) type Place = (SubscriberId, Cursor, Option<Reset>);

/// What comes next of a stream.
pub(super) enum Part {
    Entries(Vec<Arc<Entry>>),
    /// It goes on behind a gap.
    Gap(Cursor, Reset),
    /// Nothing comes any more, and this is where it ends.
    End(Ending, Cursor),
}

impl Feed {
    /// Takes a place in the log for a stream; `None` if it may not read what it asks for. A start that
    /// cannot be continued is replaced by one that misses nothing that is still kept, and told.
    pub(super) fn subscribe(
        &mut self,
        (wire, who): (usize, Who),
        start: Start,
        plan: &Plan,
        now: Instant,
    ) -> Option<Place> {
        let names = who.names();
        let subscription = |start: Start, access| {
            let mut subscription = Subscription::from(start);
            (subscription.credit, subscription.slow) = (plan.credit, plan.slow);
            subscription.access = access;
            subscription
        };
        let access = plan.is_guarded.then(|| self.book.ends.access(who));
        self.book.trimmed(now);
        let subscribed = self.hub.subscribe(&names, subscription(start, access.clone()), now);
        let is_forbidden = matches!(subscribed, Err(SubscribeError::Forbidden));
        assert_eq!(is_forbidden, self.book.ends.has_lost(who), "what it may read");
        let ((id, cursor), told) = match subscribed {
            Ok(subscribed) => (subscribed, None),
            Err(SubscribeError::Reset(reset)) => {
                let resume = subscription(Start::After(reset.resume()), access);
                let subscribed = self.hub.subscribe(&names, resume, now);
                (subscribed.expect("where a reset resumes, a reader can"), Some(reset))
            }
            Err(SubscribeError::Forbidden) => {
                self.tally.count(Mishap::Forbidden);
                return None;
            }
            Err(error) => panic!("a subscriber is refused: {error}"),
        };
        let from = self.book.asked_from(start, who);
        self.book.check_reset(told, from);
        let from = told.map_or(from, |reset| self.book.resume(reset.reason));
        assert_eq!(cursor, self.book.cursor(from.offset), "where a stream begins");
        self.book.check(&self.hub);
        let standing = Standing::Reads(cursor);
        self.streams.insert(id, Stream { wire, who, standing, credit: plan.credit });
        self.come(who, now);
        Some((id, cursor, told))
    }

    /// Gives a stream's place up.
    pub(super) fn unsubscribe(&mut self, id: SubscriberId, now: Instant) {
        assert!(self.hub.unsubscribe(id), "a subscriber was gone already");
        self.forget_stream(id, now);
    }

    fn forget_stream(&mut self, id: SubscriberId, now: Instant) {
        let Stream { who, .. } = self.streams.remove(&id).expect("a stream that was not there");
        self.go(who, now);
    }

    /// Lets a stream follow other topics from where it is, under another name; `None` if it may not.
    pub(super) fn change(
        &mut self,
        id: SubscriberId,
        topics: u8,
        plan: &Plan,
        now: Instant,
    ) -> Option<Place> {
        let position = self.hub.position(id).expect("the reader is there");
        let Stream { wire, who, standing, .. } = self.streams[&id];
        assert_eq!(position, self.book.position(standing, who), "where a stream stands");
        let place =
            self.subscribe((wire, Who { topics, ..who }), Start::After(position), plan, now)?;
        self.unsubscribe(id, now);
        self.tally.count(Mishap::TopicsChanged);
        Some(place)
    }

    /// Lets a stream be given so many bytes more.
    pub(super) fn credit(&mut self, id: SubscriberId, bytes: u64, now: Instant) {
        assert!(self.hub.credit(id, bytes), "a subscriber was gone already");
        let stream = self.streams.get_mut(&id).expect("a stream that is not there");
        stream.credit = stream.credit.map(|credit| credit + bytes);
        if let Standing::Spent(at) = stream.standing {
            let is_over = self.book.ends.ending(stream.who).is_some();
            let has_all = self.book.is_all(at, stream.who) && !is_over;
            stream.standing = if has_all { Standing::Waits(at) } else { Standing::Reads(at) };
        }
        self.wake(now);
        self.tally.count(Mishap::CreditRestored);
    }

    /// Reads on for a stream. Behind the end there is nothing to be given up.
    pub(super) fn read(&mut self, id: SubscriberId, max: Batch, now: Instant) -> Part {
        let Stream { who, standing, credit, .. } = self.streams[&id];
        let from = self.book.position(standing, who);
        let (standing, part) = match self.hub.read(id, max) {
            Read::Entries { entries, next, more } => {
                self.book.check_read(None, from, who);
                self.book.check_batch(entries.clone(), (next, more), from, who);
                let entries: Vec<_> = entries.map(|record| Arc::clone(&record.item)).collect();
                (Standing::Reads(next), Part::Entries(entries))
            }
            Read::Waiting if credit == Some(0) => {
                self.book.check_read(None, from, who);
                (Standing::Spent(from), Part::Entries(Vec::new()))
            }
            Read::Waiting => {
                let head = self.book.head();
                self.book.check_read(None, from, who);
                self.book.check_passed(from, head, who);
                (Standing::Waits(head), Part::Entries(Vec::new()))
            }
            Read::Reset(reset) => {
                self.book.check_read(Some(reset), from, who);
                let resume = match self.slow {
                    SlowPolicy::Latest => {
                        self.book.begin(Start::Last(1), self.book.ends.allowed(who))
                    }
                    _ => self.book.resume(reset.reason),
                };
                assert_eq!(self.hub.position(id), Some(resume), "beyond {reset:?}");
                (Standing::Reads(resume), Part::Gap(resume, reset))
            }
            Read::Ended(end) => {
                let ending = match end {
                    End::Closed => Ending::Closed,
                    End::Revoked => Ending::Revoked,
                    End::Behind(_) => panic!("no stream has chosen to end when it is slow"),
                };
                assert_eq!(self.book.ends.ending(who), Some(ending), "the end of {who:?}");
                let head = self.book.head();
                if ending == Ending::Closed {
                    self.book.check_read(None, from, who);
                    self.book.check_passed(from, head, who);
                }
                self.forget_stream(id, now);
                return Part::End(ending, head);
            }
        };
        let stream = self.streams.get_mut(&id).expect("it was there");
        if let Part::Entries(entries) = &part {
            let taken = self.book.weight(from, entries.len(), who);
            stream.credit = credit.map(|credit| credit.saturating_sub(taken));
        }
        stream.standing = standing;
        part
    }
}
