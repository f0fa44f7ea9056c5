//! A stream's position in the shared log, and the form in which its events go out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tidewire::hub::{Batch, Cursor, Read, Reset, Start, SubscriberId};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::feed::Feed;
use crate::item::{Form, Item};
use crate::refusal::Refusal;

/// A stream's position in the log. Dropping it leaves nothing behind.
pub(crate) struct Subscription {
    feed: Arc<Feed>,
    id: SubscriberId,
    news: Arc<Notify>,
    /// The wait for the next of them. In here it would take room of connections that hold a poll.
    next_news: Pin<Box<OwnedNotified>>,
    /// This start could not be continued, and the client is yet to be told.
    reset: Option<(Start, Reset)>,
    form: Form,
}

/// Most events that are taken from the log at once, so that the lock is held shortly.
const EVENTS: usize = 64;

impl Subscription {
    /// Follows topics from `after`. A start that cannot be continued becomes the first delivery.
    pub(crate) fn new(
        feed: &Arc<Feed>,
        topics: &[String],
        after: Start,
        form: Form,
    ) -> Result<Self, Refusal> {
        let news = Arc::new(Notify::new());
        let (id, reset) = feed.subscribe(topics, after, &news)?;
        let reset = reset.map(|reset| (after, reset));
        let next_news = Box::pin(Arc::clone(&news).notified_owned());
        Ok(Self { feed: Arc::clone(feed), id, news, next_news, reset, form })
    }

    /// Follows other topics from now on, from `after` or from where it stands. Returns where that is;
    /// to a client that is yet to hear of a gap, before it: else who is cut off now never would.
    pub(crate) fn change(
        &mut self,
        topics: &[String],
        after: Option<Start>,
    ) -> Result<Start, Refusal> {
        let stands = |it: &Self| it.reset.map_or(Start::After(it.position()), |(start, _)| start);
        let after = after.unwrap_or_else(|| stands(self));
        *self = Self::new(&self.feed, topics, after, self.form)?;
        Ok(stands(self))
    }

    /// Behind which event it stands.
    pub(crate) fn position(&self) -> Cursor {
        self.feed.position(self.id)
    }

    /// What is to be sent next, at most about `bytes` of it; empty if the log has nothing yet, and
    /// then [`poll_news`](Self::poll_news) will tell.
    ///
    /// # Errors
    ///
    /// What would come next is gone. It is told once; then what there is follows.
    pub(crate) fn read(&mut self, bytes: usize) -> Result<Vec<Arc<Item>>, Reset> {
        if let Some((_, reset)) = self.reset.take() {
            return Err(reset);
        }
        let batch = Batch { events: EVENTS, bytes };
        self.feed.read(self.id, batch, |read| match read {
            Read::Entries { entries, .. } => {
                Ok(entries.map(|record| Arc::clone(&record.item)).collect())
            }
            // This server closes no topic and sets no rule, so none ends.
            Read::Waiting | Read::Ended(_) => Ok(Vec::new()),
            Read::Reset(reset) => Err(reset),
        })
    }

    /// The form in which it goes out.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// Waits until there is something to read.
    pub(crate) fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.next_news.as_mut().poll(cx));
        self.next_news.set(Arc::clone(&self.news).notified_owned());
        Poll::Ready(())
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.feed.unsubscribe(self.id);
    }
}
