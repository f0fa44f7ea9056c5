//! Who is there, for each topic, and who came or went. Who reads which events is the hub's business.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::time::Duration;

use tidewire_core::{Instant, Key, Timers};

/// The members of topics, each with the connections by which it is there.
///
/// A member is a number that the embedder gives: a user, a device. It comes with its first connection
/// to a topic, and goes when none has been left for as long as the linger. So a client that polls is
/// there between two polls, too, and a short cut of the network is seen by nobody.
///
/// # The loop
///
/// Take the changes until there is none, after each [`join`](Self::join) and
/// [`leave`](Self::leave) and at the [`deadline`](Self::deadline).
///
/// ```
/// use tidewire_core::Instant;
/// use tidewire_hub::{Presence, PresenceChange, PresenceConfig};
///
/// let now = Instant::ORIGIN;
/// let mut presence = Presence::new(PresenceConfig::default());
/// presence.join("harbour", 7)?;
/// let joined = PresenceChange::Joined { topic: "harbour".into(), member: 7 };
/// assert_eq!(presence.next_change(now), Some(joined));
/// assert_eq!(presence.next_change(now), None);
///
/// presence.leave("harbour", 7, now); // the answer to a poll has left
/// assert_eq!(presence.next_change(now), None);
/// assert_eq!(presence.count("harbour"), 1);
///
/// let later = presence.deadline().expect("its linger ends");
/// let left = PresenceChange::Left { topic: "harbour".into(), member: 7 };
/// assert_eq!(presence.next_change(later), Some(left));
/// assert_eq!(presence.count("harbour"), 0);
/// # Ok::<(), tidewire_hub::JoinError>(())
/// ```
///
/// # A member's states
///
/// ```text
///            join            ┌─┐ join, leave of one of several
///   Absent ───────▶ Connected ◀┘
///     ▲                │  ▲
///     │     last leave │  │ join
///     │                ▼  │
///     └────────── Lingering
///      next_change, when the linger is over
/// ```
///
/// # Promises
///
/// - Each coming and each going is told once, a member's in turn: all comings in the order of the
///   calls, then the goings in the order in which the lingers end.
/// - Once there is no further change, [`members`](Self::members) are those who were told as joined
///   and not as left: a snapshot and the changes after it make one picture.
/// - Nobody goes more than a [tick](Timers::TICK) before the linger is over, also if time runs
///   backwards. Who is back before the going was told was never away.
/// - A topic whose last member went is forgotten.
///
/// # Left to the caller
///
/// Who may join and see whom, and one [`leave`](Self::leave) for each connection that joined, however
/// it ended.
#[derive(Debug)]
pub struct Presence {
    config: PresenceConfig,
    topics: BTreeMap<Arc<str>, Topic>,
    members: usize,
    /// Who came and was not told yet.
    joined: VecDeque<Place>,
    lingering: Timers<Place>,
}

/// The limits of a [`Presence`].
///
/// In the worst case its memory is about 300 bytes for each of `max_members`, plus about 400 bytes and
/// the name for each topic that has any, plus about 600 bytes for each quarter of a second of the
/// `linger`. The slots that members leave are kept for the next ones.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresenceConfig {
    /// How long a member stays after its last connection. Default 60 s: longer than the pause between
    /// two polls, and than most reconnects. Zero lets it go at the next call.
    pub linger: Duration,
    /// Members of all topics together, who linger included. Default 262,144, as many as a hub has
    /// subscribers. One more is refused.
    pub max_members: usize,
    /// Bytes in the name of a topic. Default 128, as in a hub. An empty or longer name is refused.
    pub max_topic_bytes: usize,
}

/// Who came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceChange {
    /// The member's first connection to the topic came.
    Joined {
        /// The topic.
        topic: Arc<str>,
        /// The member.
        member: u64,
    },
    /// The member has had no connection to the topic for as long as the linger.
    Left {
        /// The topic.
        topic: Arc<str>,
        /// The member.
        member: u64,
    },
}

/// The connection was not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The topic's name is empty or longer than [`max_topic_bytes`](PresenceConfig::max_topic_bytes).
    #[error("a topic's name has 1 to {limit_bytes} bytes")]
    TopicLength {
        /// The limit that was configured.
        limit_bytes: usize,
    },
    /// There are [`max_members`](PresenceConfig::max_members) already.
    #[error("there are {limit} members already")]
    Full {
        /// The limit that was configured.
        limit: usize,
    },
}

#[derive(Debug)]
struct Topic {
    name: Arc<str>,
    members: BTreeMap<u64, Member>,
}

#[derive(Debug)]
enum Member {
    Connected { connections: u64 },
    Lingering { timer: Key },
}

/// A member of a topic.
type Place = (Arc<str>, u64);

impl Presence {
    /// Nobody is there, and no heap is owned.
    #[must_use]
    pub const fn new(config: PresenceConfig) -> Self {
        Self {
            config,
            topics: BTreeMap::new(),
            members: 0,
            joined: VecDeque::new(),
            lingering: Timers::new(),
        }
    }

    /// Counts a connection by which the member is there.
    ///
    /// # Errors
    ///
    /// A limit of [`PresenceConfig`] was passed. Nothing has changed.
    pub fn join(&mut self, topic: &str, member: u64) -> Result<(), JoinError> {
        let PresenceConfig { max_members: limit, max_topic_bytes: limit_bytes, .. } = self.config;
        if topic.is_empty() || topic.len() > limit_bytes {
            return Err(JoinError::TopicLength { limit_bytes });
        }
        match self.topics.get_mut(topic).and_then(|topic| topic.members.get_mut(&member)) {
            Some(Member::Connected { connections }) => *connections += 1,
            Some(state @ &mut Member::Lingering { timer }) => {
                self.lingering.cancel(timer);
                *state = Member::Connected { connections: 1 };
            }
            None if self.members >= limit => return Err(JoinError::Full { limit }),
            None => {
                let known = self.topics.get(topic).map(|topic| topic.name.clone());
                let name = known.unwrap_or_else(|| topic.into());
                let fresh = || Topic { name: name.clone(), members: BTreeMap::new() };
                let topic = self.topics.entry(name.clone()).or_insert_with(fresh);
                topic.members.insert(member, Member::Connected { connections: 1 });
                self.members += 1;
                self.joined.push_back((name, member));
            }
        }
        Ok(())
    }

    /// Counts a connection less. With the last one the member's linger begins. `false` if it has none.
    pub fn leave(&mut self, topic: &str, member: u64, now: Instant) -> bool {
        let Some(Topic { name, members }) = self.topics.get_mut(topic) else {
            return false;
        };
        let Some(state @ &mut Member::Connected { connections }) = members.get_mut(&member) else {
            return false;
        };
        *state = match connections {
            1 => {
                let timer = self.lingering.insert(now + self.config.linger, (name.clone(), member));
                Member::Lingering { timer }
            }
            _ => Member::Connected { connections: connections - 1 },
        };
        true
    }

    /// Tells who came, or who went because its linger is over; `None` once there is nothing to tell.
    pub fn next_change(&mut self, now: Instant) -> Option<PresenceChange> {
        if let Some((topic, member)) = self.joined.pop_front() {
            return Some(PresenceChange::Joined { topic, member });
        }
        let (topic, member) = self.lingering.next_expired(now)?;
        self.remove(&topic, member);
        Some(PresenceChange::Left { topic, member })
    }

    /// When to call [`next_change`](Self::next_change): at once if somebody came, else when the next
    /// linger ends; `None` is never. After `next_change` returned `None` it is later than `now`.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        if self.joined.is_empty() { self.lingering.deadline() } else { Some(Instant::ORIGIN) }
    }

    /// Who is in the topic, who lingers included, by rising number.
    pub fn members(&self, topic: &str) -> impl Iterator<Item = u64> + '_ {
        self.topics.get(topic).into_iter().flat_map(|topic| topic.members.keys().copied())
    }

    /// How many [`members`](Self::members) the topic has.
    #[must_use]
    pub fn count(&self, topic: &str) -> usize {
        self.topics.get(topic).map_or(0, |topic| topic.members.len())
    }

    /// The members of all topics together.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.members
    }

    /// Whether nobody is in any topic.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.members == 0
    }

    fn remove(&mut self, topic: &str, member: u64) {
        let Some(Topic { members, .. }) = self.topics.get_mut(topic) else {
            return;
        };
        members.remove(&member);
        if members.is_empty() {
            self.topics.remove(topic);
        }
        self.members -= 1;
    }
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self { linger: Duration::from_secs(60), max_members: 262_144, max_topic_bytes: 128 }
    }
}
