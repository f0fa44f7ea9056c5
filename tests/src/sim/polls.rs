//! Polls as the log's owner asks and holds them, and what must hold of that. What they are told is `reply`'s
//! business.

use std::time::Duration;

use tidewire::core::{Instant, Timers};
use tidewire::hub::{Cursor, Start, SubscribeError};
use tidewire::poll::{Answer, Ask, Asked, Client, HoldId, ParkStats, Refused, Why};

use super::ends::{Ending, Who};
use super::feed::Feed;
use super::plan::Plan;
use super::reply::{Reply, reply};
use super::standing::Standing;
use super::tally::Mishap;

/// A poll that is held.
pub(super) struct Held {
    pub(super) wire: usize,
    poll: usize,
    pub(super) until: Instant,
    pub(super) who: Who,
    pub(super) client: Client,
    pub(super) standing: Standing,
    /// A later one of its client has come.
    is_superseded: bool,
}

/// What becomes of a poll.
pub(super) enum Said {
    Now(Reply),
    /// It is held, and was told all there is up to this.
    Later {
        hold: HoldId,
        poll: usize,
        until: Instant,
        at: Cursor,
    },
}

/// A poll as it was read from a request.
pub(super) struct Query {
    pub(super) who: Who,
    pub(super) after: Start,
    pub(super) wait: Duration,
    pub(super) client: Client,
}

impl Feed {
    /// Answers a poll or holds it.
    pub(super) fn ask(&mut self, query: &Query, plan: &Plan, wire: usize, now: Instant) -> Said {
        let Query { who, after, wait, client } = *query;
        let names = who.names();
        let access = plan.is_guarded.then(|| self.book.ends.access(who));
        let mut ask = Ask::new(&names, after);
        (ask.wait, ask.client, ask.peer) = (wait, Some(client), Some(peer(client)));
        ask.access = access.as_ref();
        self.book.trimmed(now);
        self.come(who, now);
        let is_lost = self.book.ends.has_lost(who);
        if !is_lost {
            self.latest.insert(client.id, client.seq);
            for held in self.holds.values_mut().filter(|held| is_later(client, held.client)) {
                held.standing = Standing::Reads(self.book.position(held.standing, held.who));
                held.is_superseded = true;
            }
        }
        let (held, of_peer) = self.count_held(client);
        let said = match self.park.ask(&ask, &mut self.hub, &mut self.entropy, now) {
            Ok(Asked::Answer(answer)) => {
                self.book.check_answer(&answer, self.book.asked_from(after, who), who);
                if let Answer::Empty { why, .. } = answer {
                    let is_older = self.holds.values().any(|held| is_later(held.client, client));
                    assert_eq!(why == Why::Superseded, is_older && why != Why::Closed, "{why:?}");
                    assert!(
                        why != Why::Shed || held >= plan.park.shed_above,
                        "{held} are not too many"
                    );
                }
                Said::Now(reply(answer, wait.is_zero(), &mut self.tally))
            }
            Ok(Asked::Held(hold)) => {
                let at = self.book.head();
                self.book.check_nothing(self.book.asked_from(after, who), at, who);
                assert_eq!(self.book.ends.ending(who), None, "held, and not told the end");
                assert!(!self.drains, "held by a server that drains");
                let has_room = held < plan.park.max_holds.min(plan.park.shed_above);
                assert!(has_room, "held, besides {held} others");
                let has_room = of_peer < plan.park.max_holds_per_peer;
                assert!(has_room, "held, besides {of_peer} others of its peer");
                let (poll, until) = (self.polls, now + self.park.wait(wait));
                self.polls += 1;
                let (standing, is_superseded) = (Standing::Waits(at), false);
                let held = Held { wire, poll, until, who, client, standing, is_superseded };
                self.holds.insert(hold, held);
                self.come(who, now);
                Said::Later { hold, poll, until, at }
            }
            Err(refused) => {
                let (is_true, mishap) = match refused {
                    Refused::Full { .. } => {
                        (held >= plan.park.max_holds.min(plan.park.shed_above), Mishap::Full)
                    }
                    Refused::PeerFull { .. } => {
                        (of_peer >= plan.park.max_holds_per_peer, Mishap::PeerFull)
                    }
                    Refused::Topics(SubscribeError::Forbidden) => (is_lost, Mishap::Forbidden),
                    _ => (false, Mishap::Forbidden),
                };
                assert!(is_true, "{refused}, at {held} polls and {of_peer} of the peer");
                self.tally.count(mishap);
                let retry_after = refused.retry_after();
                Said::Now(Reply::Refused { status: refused.status(), retry_after })
            }
        };
        assert!(!is_lost || matches!(said, Said::Now(Reply::Refused { status: 403, .. })));
        self.go(who, now);
        self.book.check(&self.hub);
        self.check_held();
        self.wake_soon(now);
        said
    }

    /// The polls that are held and have not given way: all, and those of a client's peer.
    fn count_held(&self, client: Client) -> (usize, usize) {
        let held = self.holds.values().filter(|held| !held.is_superseded);
        let of_peer = held.clone().filter(|held| peer(held.client) == peer(client)).count();
        (held.count(), of_peer)
    }

    /// Holds the park's counts against those that are held here.
    pub(super) fn check_held(&self) {
        let ParkStats { holds, superseded, .. } = self.park.stats();
        let own = self.holds.values().filter(|held| held.is_superseded).count();
        let counted = (self.holds.len() - own, own);
        assert_eq!((holds, superseded), counted, "polls that are held, and that have given way");
    }

    /// Frees the place of a poll that nobody waits for any more.
    pub(super) fn cancel(&mut self, hold: HoldId, now: Instant) {
        if let Some(Held { who, .. }) = self.holds.remove(&hold) {
            assert!(self.park.cancel(hold, &mut self.hub), "a poll was neither held nor answered");
            self.go(who, now);
        }
        assert!(!self.park.cancel(hold, &mut self.hub), "a poll was cancelled twice");
    }

    /// Asks in the place of a poll that was held and behind `at`, unless its reply is on its way already:
    /// what that tells would be told to nobody.
    pub(super) fn ask_instead(
        &mut self,
        hold: HoldId,
        at: Cursor,
        query: &Query,
        plan: &Plan,
        wire: usize,
        now: Instant,
    ) -> Reply {
        let said = if self.holds.contains_key(&hold) {
            self.cancel(hold, now);
            self.ask(&Query { after: Start::After(at), ..*query }, plan, wire, now)
        } else {
            let mut woken = self.woken.iter_mut().filter(|(woken, _)| *woken == wire);
            let reply = woken.find_map(|(_, reply)| reply.take());
            Said::Now(reply.expect("a poll was neither held nor answered"))
        };
        let Said::Now(reply) = said else { panic!("a poll without a wait was held") };
        reply
    }

    /// Takes the answers of polls that are held no more.
    pub(super) fn take_answers(&mut self, now: Instant) {
        let mut gone = Vec::new();
        while let Some(answered) = self.park.next_answer(&mut self.hub, now) {
            for hold in answered.holds {
                let held = self.holds.remove(hold).expect("a poll is answered that is not held");
                let from = self.book.position(held.standing, held.who);
                match answered.answer {
                    // What happened since is told when its client asks again.
                    Answer::Empty { why: Why::Superseded, next, .. } => {
                        assert_eq!(next, from, "where it stood when it gave way");
                        let latest = self.latest.get(&held.client.id);
                        let is_true = latest.is_some_and(|seq| *seq >= held.client.seq);
                        assert!(is_true, "a poll gave way to an older one");
                    }
                    ref answer => self.book.check_answer(answer, from, held.who),
                }
                gone.push(held);
            }
            let edition = answered.edition;
            let reply = reply(answered.answer, false, &mut self.tally);
            if let Some((before, same)) = &self.edition {
                assert!(*before != edition || *same == reply, "one edition, two answers");
            }
            let wires = gone.iter().map(|held| (held.wire, Some(reply.clone())));
            self.woken.extend(wires);
            self.edition = Some((edition, reply));
            for Held { who, .. } in std::mem::take(&mut gone) {
                if let Some(crowd) = &mut self.crowd {
                    crowd.leave(who, now, &mut self.tally);
                }
            }
        }
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

/// Whether one poll is the same client's as another and not an earlier one.
fn is_later(one: Client, other: Client) -> bool {
    one.id == other.id && one.seq > other.seq
}

/// Whom a poll counts against.
fn peer(client: Client) -> u64 {
    client.id % 2
}

/// What the word of an end is to a reader.
pub(super) fn ending(why: Why) -> Option<Ending> {
    match why {
        Why::Closed => Some(Ending::Closed),
        Why::Revoked => Some(Ending::Revoked),
        Why::Timeout | Why::Superseded | Why::Drain | Why::Shed => None,
    }
}
