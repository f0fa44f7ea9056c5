//! A poll's place in the feed, given up when its connection is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Context};

use tidewire::poll::HoldId;
use tokio::sync::oneshot;

use crate::feed::Feed;
use crate::refusal::Refusal;
use crate::reply::{Reply, Said};
use crate::route::PollQuery;

/// What became of a poll.
pub(crate) enum Poll {
    Answered(Reply),
    Held(Hold),
}

impl Poll {
    /// Asks the feed; if the poll is held, it counts against `visitor`.
    pub(crate) fn ask(
        feed: &Arc<Feed>,
        query: &PollQuery,
        visitor: Option<u64>,
    ) -> Result<Self, Refusal> {
        Ok(match feed.ask(query, visitor)? {
            Said::Now(reply) => Self::Answered(reply),
            Said::Later(id, reply) => Self::Held(Hold { feed: Arc::clone(feed), id, reply }),
        })
    }
}

/// A poll that is held. Dropping it frees its place.
pub(crate) struct Hold {
    feed: Arc<Feed>,
    id: HoldId,
    reply: oneshot::Receiver<Arc<Reply>>,
}

impl Hold {
    /// Waits for the reply, which comes once.
    pub(crate) fn poll_reply(&mut self, cx: &mut Context<'_>) -> task::Poll<Arc<Reply>> {
        match Pin::new(&mut self.reply).poll(cx) {
            task::Poll::Ready(Ok(reply)) => task::Poll::Ready(reply),
            // The feed forgets a hold without a reply only when this is dropped.
            task::Poll::Ready(Err(_)) | task::Poll::Pending => task::Poll::Pending,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.feed.cancel(self.id);
    }
}
