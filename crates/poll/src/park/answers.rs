//! How held polls are answered: in which order, at which time, and when who is sent away comes back.
//! How they came to be held is `park`'s business.

use core::time::Duration;

use tidewire_core::{Entropy, Instant, earliest};
use tidewire_hub::{Cursor, Hub};

use super::{Park, SUPERSEDED_PAUSE, Turn};
use crate::drain::Drain;
use crate::{Answer, Answered, HoldId, Why};

impl Park {
    /// Returns the next answer and whom it is for: at most
    /// [`max_holds_per_answer`](crate::ParkConfig::max_holds_per_answer) polls, all with the same one.
    ///
    /// First come those who were superseded, then those with news, their groups in turns, and between two
    /// steps of them those whose time is up. In a group the first are those who came first, until one
    /// leaves: the last then takes its place; one whose time is up changes places with the first. After
    /// `None`, [`deadline`](Self::deadline) is later than `now`. A caller that answers only so many at a
    /// time may stop before; the deadline has then come already.
    pub fn next_answer<'a, T>(
        &'a mut self,
        hub: &'a mut Hub<T>,
        now: Instant,
    ) -> Option<Answered<'a, T>> {
        self.answered.clear();
        let max = self.config.max_holds_per_answer.max(1);
        if let Some((id, next)) = self.holds.next_superseded() {
            self.answered.push(id);
            return Some(self.empty(next, Why::Superseded, Some(SUPERSEDED_PAUSE)));
        }
        let ended = self.next_ended(now);
        let Self { groups, holds, answered, .. } = self;
        let ripe = match (self.last_turn, ended) {
            (Turn::News, Some(_)) => None,
            (Turn::News | Turn::Ended, _) => groups.next_ripe(self.config.linger, hub, now),
        };
        self.last_turn = if ripe.is_some() { Turn::News } else { Turn::Ended };
        let hasten = |(id, _)| groups.hasten(id, holds, hub);
        if let Some(woken) = ripe.or_else(|| ended.and_then(hasten)) {
            let fresh = self.editions + 1;
            let (answer, edition) = groups.serve(woken, max, fresh, holds, answered, hub);
            self.editions = self.editions.max(edition);
            return Some(Answered { holds: &self.answered, edition, answer });
        }
        let (id, why) = ended?;
        let next = self.end(id, hub)?;
        if why == Why::Drain {
            let spread = self.spread();
            let away = self.drain.as_mut().map(|drain| PAUSE + drain.away(spread));
            return Some(self.empty(next, why, away));
        }
        // All who wait have been told as much, whatever they wait for.
        while self.answered.len() < max
            && let Some(id) = self.holds.due(now)
            && self.holds.get(id).is_some_and(|hold| self.groups.position(hold.group, hub) == next)
            && self.end(id, hub).is_some()
        {}
        Some(self.empty(next, why, None))
    }

    /// When to call [`next_answer`](Self::next_answer) even if nothing is published; `None` is never.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.groups.any_woken() || self.holds.superseded() > 0 {
            return Some(Instant::ORIGIN);
        }
        let drain = self.drain.and_then(|drain| drain.next_at(self.holds.waiting()));
        earliest([self.holds.deadline(), self.groups.deadline(), drain])
    }

    /// Lets all held polls go, evenly over [`drain_within`](crate::ParkConfig::drain_within) and those first
    /// whose time is up first, and holds no more from now on. All are told to come back as slowly as
    /// [`comeback_polls_per_second`](crate::ParkConfig::comeback_polls_per_second) says.
    pub fn drain(&mut self, entropy: &mut Entropy, now: Instant) {
        let (crowd, within) = (self.holds.waiting(), self.config.drain_within);
        self.drain.get_or_insert_with(|| Drain::new(crowd, within, entropy, now));
    }

    /// The next poll whose time is up, and why.
    fn next_ended(&self, now: Instant) -> Option<(HoldId, Why)> {
        let Some(drain) = self.drain else { return Some((self.holds.due(now)?, Why::Timeout)) };
        let is_due = drain.next_at(self.holds.waiting()).is_some_and(|at| at <= now);
        let id = if is_due { self.holds.earliest() } else { self.holds.due(now) };
        Some((id?, Why::Drain))
    }

    /// Ends a poll whose time is up. Where it stands, unless its group has news.
    fn end<T>(&mut self, id: HoldId, hub: &mut Hub<T>) -> Option<Cursor> {
        let &hold = self.holds.get(id)?;
        if self.groups.has_news(hold.group, hub) {
            return None;
        }
        let next = self.groups.position(hold.group, hub);
        self.groups.leave(hold, &mut self.holds, hub);
        self.holds.remove(id);
        self.answered.push(id);
        Some(next)
    }

    /// An answer without news for those in `answered`.
    fn empty<'a, T>(
        &'a mut self,
        next: Cursor,
        why: Why,
        poll_after: Option<Duration>,
    ) -> Answered<'a, T> {
        self.editions += 1;
        let answer = Answer::Empty { next, why, poll_after };
        Answered { holds: &self.answered, edition: self.editions, answer }
    }

    /// How long someone who is sent away shall stay away, so that all who are held, or were before the
    /// drain, would come back no faster than configured.
    pub(super) fn comeback(&self, entropy: &mut Entropy) -> Duration {
        PAUSE + entropy.up_to(self.spread())
    }

    /// The time that all who are held need to come back at the configured rate.
    fn spread(&self) -> Duration {
        let crowd = self.drain.map_or(self.holds.waiting(), |drain| drain.crowd);
        Duration::from_secs(crowd as u64) / self.config.comeback_polls_per_second.max(1)
    }
}

/// The shortest time that someone who is sent away stays away.
const PAUSE: Duration = Duration::from_secs(1);
