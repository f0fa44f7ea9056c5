//! Streams as the log's owner serves them. How they go over a wire is `doing`'s business.

use std::sync::Arc;

use tidewire::Entry;
use tidewire::core::Instant;
use tidewire::hub::{
    Batch, Cursor, Read, Reset, SlowPolicy, Start, SubscribeError, SubscriberId, Subscription,
};
use tidewire::poll::Answer;

use super::feed::Feed;
use super::plan::Plan;
use super::tally::Mishap;

impl Feed {
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
}
