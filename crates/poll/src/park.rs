//! The park: which polls are held, and which are not. How they are answered is `answers`'s business,
//! who shares an answer `group`'s.

mod answers;

use alloc::vec::Vec;
use core::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Batch, Hub, SubscribeError, SubscriberId};

use crate::bucket::Bucket;
use crate::drain::Drain;
use crate::group::Groups;
use crate::hold::State;
use crate::holds::Holds;
use crate::seed::Seed;
use crate::{Answer, Ask, Asked, Client, HoldId, ParkConfig, ParkStats, Refused, Why};

/// Holds polls until there is news in a hub or their time is up.
///
/// # The loop
///
/// Hand every poll to [`ask`](Self::ask). After publishing, tell the park each name that
/// [`Hub::next_ready`] gives and that is not a reader of your own. Then, after each `ask`, which may
/// have let an earlier poll of the client go, and whenever [`deadline`](Self::deadline) has come, call
/// [`next_answer`](Self::next_answer) until it returns `None`, and send what it returns. When a
/// connection ends, [`cancel`](Self::cancel) its hold.
///
/// Threads that share a park keep its lock from `ask` until the connection is filed under its
/// [`HoldId`]: else another could be given that name by `next_answer`, and find nobody.
///
/// ```
/// use tidewire_core::{Entropy, Instant};
/// use tidewire_hub::{Config, Hub, Start};
/// use tidewire_poll::{Answer, Ask, Asked, Park, ParkConfig};
///
/// let now = Instant::ORIGIN;
/// let mut entropy = Entropy::new(|bytes| bytes.fill(0));
/// let mut hub = Hub::new(Config::default(), 7);
/// let mut park = Park::new(ParkConfig::default());
/// let ask = Ask::new(&["news"], Start::Now);
/// let Ok(Asked::Held(hold)) = park.ask(&ask, &mut hub, &mut entropy, now) else {
///     unreachable!("there is no news yet");
/// };
///
/// hub.publish("news", "tide turns", 10, None, now)?;
/// while let Some(reader) = hub.next_ready() {
///     assert!(park.woken(reader, &mut hub));
/// }
/// let answered = park.next_answer(&mut hub, now).expect("there is news");
/// assert_eq!(answered.holds, [hold]);
/// assert!(matches!(answered.answer, Answer::Events { .. }));
/// # Ok::<(), tidewire_hub::PublishError>(())
/// ```
///
/// # A poll's states
///
/// ```text
///           news, reset,
///           no wait, no room           news, deadline, drain
///      ┌──────────────────▶ answered ◀───────────────────────┐
///   ask│                       ▲                             │
///      │                       │ at once                     │
///      └──▶ held ──────────────┼─────────────────────────────┘
///             │  later poll    │
///             └──────────▶ superseded         cancel: forgotten
/// ```
///
/// # Promises
///
/// - Looking for news and beginning to wait are one call, so no event falls between. Should a name
///   from the hub not be passed on, its news are found when the poll's time is up, and not lost.
/// - Each held poll is answered once, or cancelled. A name that outlived its poll names none.
/// - No poll is held past its wait; it loses at most the jitter and one tick of it.
/// - Polls with the same topics and limits share one reader of the hub and one answer, to be encoded
///   once per [edition](crate::Answered::edition).
/// - Holding, cancelling, ending and answering a poll take the same few steps however many are held.
/// - Who is told nothing before its time is up is told to stay away for a while, so that neither a
///   server that goes away nor two clients under one name make a storm of polls.
/// - An answer moves nobody past what it carries or what other topics got.
///
/// # Left to the caller
///
/// Which connection a hold belongs to, who may read what, and the one hub that goes with this park.
#[derive(Debug)]
pub struct Park {
    config: ParkConfig,
    holds: Holds,
    groups: Groups,
    drain: Option<Drain>,
    /// A token for each place above `shed_above`; it comes back as those who were sent away may.
    sheds: Bucket,
    /// What the last answer was for.
    answered: Vec<HoldId>,
    /// Whose turn it was last.
    last_turn: Turn,
    /// How many different answers were made.
    editions: u64,
}

/// Those with news and those whose time is up take turns, so that neither keeps the other waiting from a
/// caller that answers only so many at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    News,
    Ended,
}

impl Park {
    /// A park that holds nothing.
    #[must_use]
    pub fn new(config: ParkConfig) -> Self {
        let (holds, groups) = (Holds::default(), Groups::default());
        let places = config.max_holds.saturating_sub(config.shed_above);
        let gap = Duration::from_secs(1) / config.comeback_polls_per_second.max(1);
        let sheds = Bucket::new(places.try_into().unwrap_or(u32::MAX), gap);
        let (answered, last_turn) = (Vec::new(), Turn::Ended);
        Self { config, holds, groups, drain: None, sheds, answered, last_turn, editions: 0 }
    }

    /// Answers a poll at once, or holds it.
    ///
    /// It is answered at once if there is news, a reset or an end, if it does not want to wait, if its client
    /// has a later poll held, if too many polls are held, or while the park drains. An earlier poll
    /// of its client is let go. A poll that wants what others wait for takes no memory but its own.
    ///
    /// # Errors
    ///
    /// The poll passed a limit of the hub or of [`ParkConfig`].
    pub fn ask<'h, T>(
        &mut self,
        ask: &Ask<'_>,
        hub: &'h mut Hub<T>,
        entropy: &mut Entropy,
        now: Instant,
    ) -> Result<Asked<'h, T>, Refused> {
        hub.trim(now);
        if ask.access.is_some_and(|access| !ask.topics.iter().all(|name| access.allows(name))) {
            return Err(Refused::Topics(SubscribeError::Forbidden));
        }
        let next = match self.groups.caught_up(ask.topics, ask.start, hub) {
            Ok(next) => next,
            Err(SubscribeError::Reset(_)) => None,
            Err(error) => return Err(Refused::Topics(error)),
        };
        let outdated = ask.client.is_some_and(|client| self.supersede(client, hub));
        let Some(next) = next else {
            let answer = Answer::at(hub, ask.topics, ask.start, self.clamp_batch(ask.max));
            return answer.map(Asked::Answer).map_err(Refused::Topics);
        };
        let wait = self.wait(ask.wait);
        let (why, poll_after) = if outdated {
            (Why::Superseded, Some(SUPERSEDED_PAUSE))
        } else if self.drain.is_some() {
            (Why::Drain, Some(self.comeback(entropy)))
        } else if wait.is_zero() {
            (Why::Timeout, None)
        } else if self.holds.waiting() < self.config.shed_above.min(self.config.max_holds) {
            return self.hold(ask, wait, hub, entropy, now).map(Asked::Held);
        } else if self.may_shed(now) {
            self.sheds.spend(now);
            (Why::Shed, Some(self.comeback(entropy)))
        } else {
            return Err(Refused::Full { retry_after: self.comeback(entropy) });
        };
        Ok(Asked::Answer(Answer::Empty { next, why, poll_after }))
    }

    /// Forgets a held poll, because its connection ended; `false` if it is held no more.
    pub fn cancel<T>(&mut self, id: HoldId, hub: &mut Hub<T>) -> bool {
        let Some(&hold) = self.holds.get(id) else { return false };
        match hold.state {
            State::Waiting => self.groups.leave(hold, &mut self.holds, hub),
            State::Superseded => {}
        }
        self.holds.remove(id)
    }

    /// Learns that the hub named a reader; `false` if it is none of the park's.
    ///
    /// The polls that share the reader are answered by [`next_answer`](Self::next_answer).
    pub fn woken<T>(&mut self, reader: SubscriberId, hub: &mut Hub<T>) -> bool {
        self.groups.on_reader(reader, hub)
    }

    /// How long a poll is held that asks for this wait, the jitter aside: what to tell a client that
    /// wants to know when to give up on it.
    #[must_use]
    pub fn wait(&self, asked: Duration) -> Duration {
        if asked.is_zero() {
            asked
        } else {
            asked.max(self.config.min_wait).min(self.config.max_wait)
        }
    }

    /// The number of held polls, also of those that are superseded and not told so yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.holds.len()
    }

    /// Whether no poll is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is held, and what was answered so far.
    #[must_use]
    pub fn stats(&self) -> ParkStats {
        ParkStats {
            holds: self.holds.waiting(),
            superseded: self.holds.superseded(),
            groups: self.groups.len(),
            clients: self.holds.clients(),
            peers: self.holds.peers(),
            editions: self.editions,
        }
    }

    /// Whether a place above those for held polls is vacant.
    fn may_shed(&self, now: Instant) -> bool {
        self.holds.waiting() < self.config.max_holds && self.sheds.ready_at() <= now
    }

    fn hold<T>(
        &mut self,
        ask: &Ask<'_>,
        wait: Duration,
        hub: &mut Hub<T>,
        entropy: &mut Entropy,
        now: Instant,
    ) -> Result<HoldId, Refused> {
        if ask.peer.is_some_and(|peer| self.holds.has_held(peer, self.config.max_holds_per_peer)) {
            return Err(Refused::PeerFull { retry_after: self.comeback(entropy) });
        }
        if self.is_empty() {
            let seed = Seed::draw(entropy);
            self.holds.seed(seed);
            self.groups.seed(seed);
        }
        let max = self.clamp_batch(ask.max);
        let seat = self.groups.join(ask.topics, ask.access, max, hub, now);
        let seat = seat.map_err(|error| match error {
            SubscribeError::Full { .. } => Refused::Full { retry_after: self.comeback(entropy) },
            _ => Refused::Topics(error),
        })?;
        let jitter = wait.saturating_mul(self.config.jitter_percent.min(100)) / 100;
        let until = now + (wait - entropy.up_to(jitter));
        let id = self.holds.insert(seat, ask.client, ask.peer, until);
        self.groups.enter(seat.0, id.0.slot());
        Ok(id)
    }

    /// Lets an earlier poll of the client go. Whether there is a later one instead, which then stays.
    fn supersede<T>(&mut self, client: Client, hub: &mut Hub<T>) -> bool {
        let Some(id) = self.holds.of_client(client.id) else { return false };
        let Some(&hold) = self.holds.get(id) else { return false };
        if hold.client().is_some_and(|held| held.seq > client.seq) {
            return true;
        }
        let next = self.groups.position(hold.group, hub);
        self.groups.leave(hold, &mut self.holds, hub);
        self.holds.supersede(id, next);
        false
    }

    fn clamp_batch(&self, asked: Batch) -> Batch {
        let max = self.config.max_batch;
        Batch { events: asked.events.min(max.events), bytes: asked.bytes.min(max.bytes) }
    }
}

/// How long a superseded poll's client stays away: two that share a name then take turns of a second.
const SUPERSEDED_PAUSE: Duration = Duration::from_secs(1);
