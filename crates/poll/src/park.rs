//! The park: all transitions of held polls. Which polls share an answer is `group`'s business.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::time::Duration;

use tidewire_core::{Entropy, Instant, Slab, Timers};
use tidewire_hub::{Batch, Hub, Start, SubscribeError, SubscriberId};

use crate::group::{Groups, Interest};
use crate::hold::{Hold, State};
use crate::{Answer, Answered, Ask, Asked, Client, HoldId, ParkConfig, Refused, Why};

/// Holds polls until there is news in a hub or their time is up.
///
/// # The loop
///
/// Hand every poll to [`ask`](Self::ask). After publishing, tell the park each name that
/// [`Hub::next_ready`] gives and that is not a reader of your own. Then, and whenever
/// [`deadline`](Self::deadline) has come, call [`next_answer`](Self::next_answer) until it returns
/// `None`, and send what it returns. When a connection ends, [`cancel`](Self::cancel) its hold.
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
/// - Polls with the same topics and limits share one reader of the hub and one answer.
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
    holds: Slab<Hold>,
    groups: Groups,
    timers: Timers<HoldId>,
    clients: BTreeMap<u64, HoldId>,
    /// How many polls are superseded and not told so yet. They take no place from others.
    superseded: usize,
    /// How many polls are held for each peer.
    peers: BTreeMap<u64, usize>,
    /// How many polls were held when the park began to drain.
    drained: Option<usize>,
    /// What the last answer was for.
    answered: Vec<HoldId>,
}

impl Park {
    /// A park that holds nothing.
    #[must_use]
    pub fn new(config: ParkConfig) -> Self {
        Self {
            config,
            holds: Slab::new(),
            groups: Groups::default(),
            timers: Timers::new(),
            clients: BTreeMap::new(),
            superseded: 0,
            peers: BTreeMap::new(),
            drained: None,
            answered: Vec::new(),
        }
    }

    /// Answers a poll at once, or holds it.
    ///
    /// It is answered at once if there is news or a reset, if it does not want to wait, if its client
    /// has a later poll held, if too many polls are held, or while the park drains. An earlier poll
    /// of its client is let go.
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
        let next = match hub.slice(ask.topics, ask.start, Batch { events: 1, bytes: 0 }) {
            Ok(slice) => (slice.entries.len() == 0).then_some(slice.next),
            Err(SubscribeError::Reset(_)) => None,
            Err(error) => return Err(Refused::Topics(error)),
        };
        let outdated = self.supersede(ask.client, hub, now);
        let Some(next) = next else {
            let answer = Answer::at(hub, ask.topics, ask.start, self.clamp_batch(ask.max));
            return answer.map(Asked::Answer).map_err(Refused::Topics);
        };
        let wait = self.wait(ask.wait);
        let why = if outdated {
            Why::Superseded
        } else if self.drained.is_some() {
            Why::Drain
        } else if wait.is_zero() {
            Why::Timeout
        } else if self.places_taken() >= self.config.max_holds {
            return Err(Refused::Full { retry_after: self.comeback(entropy) });
        } else if self.places_taken() >= self.config.shed_above {
            Why::Shed
        } else {
            return self.hold(ask, wait, hub, entropy, now).map(Asked::Held);
        };
        let poll_after = match why {
            Why::Timeout => None,
            Why::Superseded => Some(SUPERSEDED_PAUSE),
            Why::Drain | Why::Shed => Some(self.comeback(entropy)),
        };
        Ok(Asked::Answer(Answer::Empty { next, why, poll_after }))
    }

    /// Forgets a held poll, because its connection ended; `false` if it is held no more.
    pub fn cancel<T>(&mut self, id: HoldId, hub: &mut Hub<T>) -> bool {
        match self.forget(id) {
            Some(State::Waiting(group) | State::Draining { group, .. }) => {
                self.groups.leave(group, id, hub);
            }
            Some(State::Superseded { .. }) => {}
            None => return false,
        }
        true
    }

    /// Learns that the hub named a reader; `false` if it is none of the park's.
    ///
    /// The polls that share the reader are answered by [`next_answer`](Self::next_answer).
    pub fn woken<T>(&mut self, reader: SubscriberId, hub: &mut Hub<T>) -> bool {
        let group = self.groups.of_reader(reader);
        if let Some(group) = group {
            self.groups.wake_if_news(group, hub);
        }
        group.is_some()
    }

    /// Returns the next answer and whom it is for: at most
    /// [`max_holds_per_answer`](ParkConfig::max_holds_per_answer) polls, all with the same one.
    ///
    /// After `None`, [`deadline`](Self::deadline) is later than `now`. A caller that answers only so
    /// many at a time may stop before; the deadline has then come already.
    pub fn next_answer<'a, T>(
        &'a mut self,
        hub: &'a mut Hub<T>,
        now: Instant,
    ) -> Option<Answered<'a, T>> {
        self.answered.clear();
        let answer = loop {
            let max = self.config.max_holds_per_answer.max(1);
            if let Some((interest, after)) = self.groups.next_woken(max, &mut self.answered) {
                for index in 0..self.answered.len() {
                    self.forget(self.answered[index]);
                }
                let answer = Answer::at(hub, &interest.topics, Start::After(after), interest.max)
                    .unwrap_or(Answer::Empty { next: after, why: Why::Timeout, poll_after: None });
                return Some(Answered { holds: &self.answered, answer });
            }
            let id = self.timers.next_expired(now)?;
            if let Some(answer) = self.expire(id, hub) {
                self.answered.push(id);
                break answer;
            }
        };
        Some(Answered { holds: &self.answered, answer })
    }

    /// When to call [`next_answer`](Self::next_answer) even if nothing is published; `None` is never.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.groups.any_woken() { Some(Instant::ORIGIN) } else { self.timers.deadline() }
    }

    /// Lets all held polls go, spread over [`drain_within`](ParkConfig::drain_within), and holds no
    /// more from now on. All are told to come back as slowly as
    /// [`comeback_polls_per_second`](ParkConfig::comeback_polls_per_second) says.
    pub fn drain(&mut self, entropy: &mut Entropy, now: Instant) {
        self.drained.get_or_insert(self.places_taken());
        let ids: Vec<HoldId> = self.holds.keys().map(HoldId).collect();
        for id in ids {
            match self.holds[id.0].state {
                State::Waiting(group) => {
                    let poll_after = self.comeback(entropy);
                    self.holds[id.0].state = State::Draining { group, poll_after };
                    let at = now + entropy.up_to(self.config.drain_within);
                    self.bring_forward(id, at);
                }
                State::Draining { .. } | State::Superseded { .. } => {}
            }
        }
    }

    /// How long a poll is held that asks for this wait, the jitter aside.
    #[must_use]
    pub fn wait(&self, asked: Duration) -> Duration {
        asked.min(self.config.max_wait)
    }

    /// The number of held polls.
    #[must_use]
    pub fn len(&self) -> usize {
        self.holds.len()
    }

    /// Whether no poll is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.holds.is_empty()
    }

    /// The number of groups that the held polls form: answers to encode if all had news.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    fn hold<T>(
        &mut self,
        ask: &Ask<'_>,
        wait: Duration,
        hub: &mut Hub<T>,
        entropy: &mut Entropy,
        now: Instant,
    ) -> Result<HoldId, Refused> {
        let held_for_peer = ask.peer.and_then(|peer| self.peers.get(&peer)).copied();
        if held_for_peer.is_some_and(|held| held >= self.config.max_holds_per_peer) {
            return Err(Refused::PeerFull { retry_after: self.comeback(entropy) });
        }
        let id = HoldId(self.holds.next_key());
        let interest = Interest::new(ask.topics, self.clamp_batch(ask.max));
        let group = self.groups.join(interest, id, hub, now).map_err(|error| match error {
            SubscribeError::Full { .. } => Refused::Full { retry_after: self.comeback(entropy) },
            _ => Refused::Topics(error),
        })?;
        let jitter = wait.saturating_mul(self.config.jitter_percent.min(100)) / 100;
        let until = now + (wait - entropy.up_to(jitter));
        let (timer, state) = (self.timers.insert(until, id), State::Waiting(group));
        let (client, peer) = (ask.client, ask.peer);
        self.holds.insert(Hold { timer, until, state, client, peer });
        if let Some(Client { id: client, .. }) = client {
            self.clients.insert(client, id);
        }
        if let Some(peer) = peer {
            *self.peers.entry(peer).or_default() += 1;
        }
        Ok(id)
    }

    /// Lets an earlier poll of the client go. Whether there is a later one instead, which then stays.
    fn supersede<T>(&mut self, client: Option<Client>, hub: &mut Hub<T>, now: Instant) -> bool {
        let Some(client) = client else { return false };
        let Some(&id) = self.clients.get(&client.id) else { return false };
        let Hold { state, client: held, .. } = &mut self.holds[id.0];
        if held.is_some_and(|held| held.seq > client.seq) {
            return true;
        }
        self.clients.remove(&client.id);
        match *state {
            State::Waiting(group) | State::Draining { group, .. } => {
                *state = State::Superseded { next: self.groups.position(group, hub) };
                self.superseded += 1;
                self.groups.leave(group, id, hub);
            }
            State::Superseded { .. } => {}
        }
        self.release_peer(id);
        self.bring_forward(id, now);
        false
    }

    /// A poll's time is up: what it is told, unless its group has news and is answered next.
    fn expire<'h, T>(&mut self, id: HoldId, hub: &mut Hub<T>) -> Option<Answer<'h, T>> {
        let (group, why, poll_after) = match self.holds[id.0].state {
            State::Waiting(group) => (group, Why::Timeout, None),
            State::Draining { group, poll_after } => (group, Why::Drain, Some(poll_after)),
            State::Superseded { next } => {
                self.forget(id);
                let (why, poll_after) = (Why::Superseded, Some(SUPERSEDED_PAUSE));
                return Some(Answer::Empty { next, why, poll_after });
            }
        };
        self.groups.wake_if_news(group, hub);
        if self.groups.any_woken() {
            return None;
        }
        self.forget(id);
        let next = self.groups.position(group, hub);
        self.groups.leave(group, id, hub);
        Some(Answer::Empty { next, why, poll_after })
    }

    /// Drops a poll from everything but its group.
    fn forget(&mut self, id: HoldId) -> Option<State> {
        self.holds.get(id.0)?;
        self.release_peer(id);
        let Hold { timer, state, client, .. } = self.holds.remove(id.0)?;
        self.timers.cancel(timer);
        self.superseded -= usize::from(matches!(state, State::Superseded { .. }));
        if let Some(client) = client
            && self.clients.get(&client.id) == Some(&id)
        {
            self.clients.remove(&client.id);
        }
        Some(state)
    }

    /// Counts a poll against its peer no more.
    fn release_peer(&mut self, id: HoldId) {
        let Some(peer) = self.holds[id.0].peer.take() else { return };
        if let Some(held) = self.peers.get_mut(&peer) {
            *held -= 1;
            if *held == 0 {
                self.peers.remove(&peer);
            }
        }
    }

    fn bring_forward(&mut self, id: HoldId, at: Instant) {
        let Hold { timer, until, .. } = &mut self.holds[id.0];
        *until = at.min(*until);
        self.timers.cancel(*timer);
        *timer = self.timers.insert(*until, id);
    }

    fn clamp_batch(&self, asked: Batch) -> Batch {
        let max = self.config.max_batch;
        Batch { events: asked.events.min(max.events), bytes: asked.bytes.min(max.bytes) }
    }

    fn places_taken(&self) -> usize {
        self.holds.len() - self.superseded
    }

    /// How long someone who is sent away shall stay away, so that all who are held, or were before the
    /// drain, would come back no faster than configured.
    fn comeback(&self, entropy: &mut Entropy) -> Duration {
        let crowd = self.drained.unwrap_or(self.places_taken());
        let away = Duration::from_secs(crowd as u64);
        let spread = away / self.config.comeback_polls_per_second.max(1);
        Duration::from_secs(1) + entropy.up_to(spread)
    }
}

/// How long a superseded poll's client stays away: two that share a name then take turns of a second.
const SUPERSEDED_PAUSE: Duration = Duration::from_secs(1);
