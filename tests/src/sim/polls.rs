//! Polls as the log's owner asks and holds them, and what must hold of that. What they are told is `reply`'s
//! business.

use std::time::Duration;

use tidewire::core::{Instant, Timers};
use tidewire::hub::Start;
use tidewire::poll::{Answer, Ask, Asked, Client, HoldId, Refused, Why};

use super::feed::Feed;
use super::reply::{Reply, reply};

/// A poll that is held.
pub(super) struct Held {
    pub(super) wire: usize,
    poll: usize,
    pub(super) until: Instant,
    pub(super) client: Client,
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

    /// Frees the place of a poll that nobody waits for any more.
    pub(super) fn cancel(&mut self, hold: HoldId) {
        if self.holds.remove(&hold).is_some() {
            assert!(self.park.cancel(hold, &mut self.hub), "a poll was neither held nor answered");
        }
        assert!(!self.park.cancel(hold, &mut self.hub), "a poll was cancelled twice");
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
}

/// Whether one poll is a later one of the same client.
fn later(one: Client, other: Client) -> bool {
    one.id == other.id && one.seq > other.seq
}
