//! A poll's place in the feed, given up when its connection is.

use std::future::pending;
use std::sync::Arc;

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
    /// Asks the feed.
    pub(crate) fn ask(feed: &Arc<Feed>, query: &PollQuery) -> Result<Self, Refusal> {
        Ok(match feed.ask(query)? {
            Said::Now(reply) => Self::Answered(reply),
            Said::Later(id, reply) => Self::Held(Hold { feed: Arc::clone(feed), id, reply }),
        })
    }
}

/// A poll that is held. Dropping it frees its place.
pub(crate) struct Hold {
    feed: Arc<Feed>,
    id: HoldId,
    reply: oneshot::Receiver<Reply>,
}

impl Hold {
    /// Waits for the reply. Cancel-safe.
    pub(crate) async fn reply(&mut self) -> Reply {
        match (&mut self.reply).await {
            Ok(reply) => reply,
            Err(_) => pending().await,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.feed.cancel(self.id);
    }
}
