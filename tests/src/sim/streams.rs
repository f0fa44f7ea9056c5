//! Streams as the log's owner serves them, and what must hold of that. How they go over a wire is `doing`'s
//! business.

use std::sync::Arc;

use tidewire::Entry;
use tidewire::core::Instant;
use tidewire::hub::{
    Batch, Cursor, End, Read, Reset, SlowPolicy, Start, SubscribeError, SubscriberId, Subscription,
};
use tidewire::poll::Answer;

use super::ends::{Ending, Who};
use super::feed::Feed;
use super::plan::Plan;
use super::tally::Mishap;

/// A reader of the hub.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    pub(super) wire: usize,
    pub(super) who: Who,
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
        stream: Stream,
        start: Start,
        plan: &Plan,
        now: Instant,
    ) -> Option<Place> {
        let names = stream.who.names();
        let subscription = |start: Start, access| {
            let mut subscription = Subscription::from(start);
            (subscription.credit, subscription.slow) = (plan.credit, plan.slow);
            subscription.access = access;
            subscription
        };
        let access = plan.is_guarded.then(|| self.book.ends.access(stream.who));
        self.book.trimmed(now);
        let expected = self.book.verdict_on(start);
        let subscribed = self.hub.subscribe(&names, subscription(start, access.clone()), now);
        let is_forbidden = matches!(subscribed, Err(SubscribeError::Forbidden));
        assert_eq!(is_forbidden, self.book.ends.has_lost(stream.who), "what it may read");
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
        assert_eq!(told, expected, "what is said of the cursor {start}");
        self.book.check(&self.hub);
        self.streams.insert(id, stream);
        self.come(stream.who, now);
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
        let Stream { wire, who } = self.streams[&id];
        let stream = Stream { wire, who: Who { topics, ..who } };
        let place = self.subscribe(stream, Start::After(position), plan, now)?;
        self.unsubscribe(id, now);
        self.tally.count(Mishap::TopicsChanged);
        Some(place)
    }

    /// Lets a stream be given so many bytes more.
    pub(super) fn credit(&mut self, id: SubscriberId, bytes: u64, now: Instant) {
        assert!(self.hub.credit(id, bytes), "a subscriber was gone already");
        self.wake(now);
        self.tally.count(Mishap::CreditRestored);
    }

    /// Reads on for a stream. Behind the end there is nothing to be given up.
    pub(super) fn read(&mut self, id: SubscriberId, max: Batch, now: Instant) -> Part {
        let Stream { who, .. } = self.streams[&id];
        let reset = match self.hub.read(id, max) {
            Read::Entries { entries, .. } => {
                self.book.check_entries(entries.clone(), who);
                return Part::Entries(entries.map(|record| Arc::clone(&record.item)).collect());
            }
            Read::Waiting => return Part::Entries(Vec::new()),
            Read::Reset(reset) => reset,
            Read::Ended(end) => {
                let ending = match end {
                    End::Closed => Ending::Closed,
                    End::Revoked => Ending::Revoked,
                    End::Behind(_) => panic!("no stream has chosen to end when it is slow"),
                };
                assert_eq!(self.book.ends.ending(who), Some(ending), "the end of {who:?}");
                self.forget_stream(id, now);
                return Part::End(ending, self.hub.head());
            }
        };
        self.book.check_next::<()>(&Answer::Reset(reset));
        let resume = self.hub.position(id).expect("the reader is there");
        assert!(resume == reset.resume() || self.slow == SlowPolicy::Latest, "beyond {reset:?}");
        Part::Gap(resume, reset)
    }
}
