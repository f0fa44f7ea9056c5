//! What a poll is told, and as which text. When it is told is `polls`'s business.

use std::sync::Arc;
use std::time::Duration;

use tidewire::Entry;
use tidewire::hub::Cursor;
use tidewire::poll::{Answer, Why};

use super::document;
use super::polls::ending;
use super::tally::{Mishap, Tally};

/// What a poll is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Answer {
        body: Vec<u8>,
        next: Cursor,
        /// It tells the end.
        is_last: bool,
    },
    Reset {
        document: String,
    },
    Refused {
        status: u16,
        retry_after: Option<Duration>,
    },
}

pub(super) fn reply(answer: Answer<'_, Arc<Entry>>, is_interval: bool, tally: &mut Tally) -> Reply {
    match answer {
        Answer::Reset(reset) => {
            tally.reset(reset.reason);
            Reply::Reset { document: document::gap(reset.resume(), reset) }
        }
        Answer::Events { entries, next, more } => {
            let events = entries.map(|record| record.item.message());
            let body = document::answer(next, more, Duration::ZERO, events);
            Reply::Answer { body, next, is_last: false }
        }
        Answer::Empty { next, poll_after, why } => {
            match why {
                Why::Timeout => {}
                Why::Superseded => tally.count(Mishap::Superseded),
                Why::Drain => tally.count(Mishap::PollDrained),
                Why::Shed => tally.count(Mishap::Shed),
                Why::Closed => tally.count(Mishap::EndClosed),
                Why::Revoked => tally.count(Mishap::EndRevoked),
            }
            let is_let_go = matches!(why, Why::Drain | Why::Superseded);
            let own = if is_interval || is_let_go { INTERVAL } else { Duration::ZERO };
            let poll_after = poll_after.unwrap_or(own);
            let end = ending(why).map(|ending| document::end(ending, next));
            let is_last = end.is_some();
            let lines = end.iter().map(String::as_bytes);
            let body = document::answer(next, false, poll_after, lines);
            Reply::Answer { body, next, is_last }
        }
    }
}

/// When a client in a fixed rhythm is told to ask again.
const INTERVAL: Duration = Duration::from_secs(1);
