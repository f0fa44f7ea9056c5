//! What a poll is told, and how it is encoded. When it is told is the feed's business.

use std::sync::Arc;

use bytes::Bytes;
use tidewire::hub::{Cursor, Reset};
use tidewire::poll::{Answer, HoldId};
use tokio::sync::oneshot;

use crate::item::Item;
use crate::wire;

/// What a poll is answered with.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer {
        body: Bytes,
        next: Cursor,
        is_empty: bool,
    },
    /// There is nothing, and the client is to stay away for a while.
    Away {
        body: Bytes,
    },
    Reset(Reset),
}

/// What the feed says to a poll.
pub(crate) enum Said {
    Now(Reply),
    /// It is held under this name, and told later.
    Later(HoldId, oneshot::Receiver<Arc<Reply>>),
}

/// When a client in a fixed rhythm should ask again if it has no rhythm of its own, in seconds.
const INTERVAL: f64 = 1.0;

impl Reply {
    pub(crate) fn encode(answer: Answer<'_, Arc<Item>>, is_interval: bool) -> Self {
        match answer {
            Answer::Reset(reset) => Self::Reset(reset),
            Answer::Events { entries, next, more } => {
                let events = entries.map(|record| record.item.message());
                let body = wire::answer(events, next, more, 0.0);
                Self::Answer { body, next, is_empty: false }
            }
            Answer::Empty { next, poll_after: Some(wait), .. } => {
                let seconds = wait.as_millis() as f64 / 1000.0;
                let body = wire::answer([].into_iter(), next, false, seconds);
                Self::Away { body }
            }
            Answer::Empty { next, poll_after: None, .. } => {
                let poll_after = if is_interval { INTERVAL } else { 0.0 };
                let body = wire::answer([].into_iter(), next, false, poll_after);
                Self::Answer { body, next, is_empty: true }
            }
        }
    }
}
