//! The hub: all transitions of its subscribers. How events are kept and found is the log's business.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::mem;

use tidewire_core::{Instant, Key, Slab};

use crate::keys::Keys;
use crate::log::Log;
use crate::subscriber::{State, Subscriber, SubscriberId};
use crate::{
    Batch, Config, Cursor, Entries, PublishError, Published, Read, Slice, Start, SubscribeError,
};

/// One bounded log of events, and the positions of all who read it.
///
/// `T` is what the log keeps for an event, as the embedder encoded it.
///
/// # The loop
///
/// Read until [`Read::Waiting`]; then wait until [`next_ready`](Self::next_ready) names the
/// subscriber; again. Reading and beginning to wait are one call, so no event can fall between.
///
/// ```
/// use tidewire_core::Instant;
/// use tidewire_hub::{Batch, Config, Hub, Read, Start};
///
/// let now = Instant::ORIGIN;
/// let mut hub = Hub::new(Config::default(), 7);
/// let (reader, cursor) = hub.subscribe(&["news"], Start::Now, now)?;
/// assert_eq!(cursor.to_string(), "7.0");
/// assert!(matches!(hub.read(reader, Batch::default()), Read::Waiting));
///
/// hub.publish("weather", "rain", 4, None, now)?;
/// hub.publish("news", "tide turns", 10, None, now)?;
/// assert_eq!(hub.next_ready(), Some(reader));
/// let Read::Entries { mut entries, next, more: false } = hub.read(reader, Batch::default()) else {
///     unreachable!("the subscriber was named as ready");
/// };
/// assert_eq!(entries.next().map(|record| record.item), Some("tide turns"));
/// assert_eq!(next.to_string(), "7.2");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// # A subscriber's states
///
/// ```text
///              read: nothing there
///      Reading ──────────────────▶ Waiting
///       ▲ │ ▲                         │ publish
///  read └─┘ │   next_ready, read      ▼
///           └─────────────────────  Ready
/// ```
///
/// # Promises
///
/// - A subscriber that keeps reading sees each event of its topics that the log keeps once and in
///   order, or a [`Reset`](crate::Reset).
/// - Events of other topics move a waiting subscriber along, so a quiet topic never expires.
/// - A subscriber takes the memory of a position, however far it lags.
/// - A topic that nobody uses is forgotten: asking for unknown topics leaves nothing behind.
///
/// # Left to the caller
///
/// Who may read or publish what, how an item goes over the wire, when to read from whom, a fresh
/// epoch for each life of the log, and to [`trim`](Self::trim) it in time if events have an age.
#[derive(Debug)]
pub struct Hub<T> {
    config: Config,
    log: Log<T>,
    keys: Keys,
    subscribers: Slab<Subscriber>,
    /// Who became readable and was not named yet, longest first.
    ready: BTreeMap<u64, SubscriberId>,
    next_turn: u64,
}

impl<T> Hub<T> {
    /// An empty log. The epoch must differ from those of earlier logs whose cursors clients may
    /// still hold: take it at random.
    #[must_use]
    pub fn new(config: Config, epoch: u64) -> Self {
        Self {
            config,
            log: Log::new(epoch),
            keys: Keys::default(),
            subscribers: Slab::new(),
            ready: BTreeMap::new(),
            next_turn: 0,
        }
    }

    /// Appends an event that weighs `bytes` to a topic and returns its position.
    ///
    /// A `key` that was seen for the topic before marks a publisher's retry: nothing is appended,
    /// and the position is that of the first time.
    ///
    /// # Errors
    ///
    /// The event passed a limit of [`Config`]. The hub is as before.
    pub fn publish(
        &mut self,
        topic: &str,
        item: T,
        bytes: usize,
        key: Option<&[u8]>,
        now: Instant,
    ) -> Result<Published, PublishError> {
        self.publish_with(topic, bytes, key, now, |_| item)
    }

    /// [Publishes](Self::publish) what `make` returns for the event's position. It is called once,
    /// and only for a fresh event.
    ///
    /// # Errors
    ///
    /// The event passed a limit of [`Config`]. The hub is as before.
    pub fn publish_with(
        &mut self,
        topic: &str,
        bytes: usize,
        key: Option<&[u8]>,
        now: Instant,
        make: impl FnOnce(Cursor) -> T,
    ) -> Result<Published, PublishError> {
        let Config { max_topic_bytes, max_key_bytes, max_bytes, .. } = self.config;
        if topic.is_empty() || topic.len() > max_topic_bytes {
            return Err(PublishError::TopicLength { limit_bytes: max_topic_bytes });
        }
        if key.is_some_and(|key| key.is_empty() || key.len() > max_key_bytes) {
            return Err(PublishError::KeyLength { limit_bytes: max_key_bytes });
        }
        if bytes > max_bytes {
            return Err(PublishError::TooBig { limit_bytes: max_bytes });
        }
        let topic = self.log.topics.hold(topic);
        self.keys.trim(&self.config, &mut self.log.topics, now);
        let published = match key.and_then(|key| self.keys.find(topic, key)) {
            Some(offset) => Published { cursor: self.log.cursor(offset), fresh: false },
            None => {
                let cursor = self.log.cursor(self.log.head() + 1);
                self.log.trim(&self.config, 1, bytes, now);
                self.log.append(topic, make(cursor), bytes, now);
                if let Some(key) = key {
                    self.keys.insert(topic, key, cursor.offset, &mut self.log.topics, now);
                    self.keys.trim(&self.config, &mut self.log.topics, now);
                }
                self.wake(topic, cursor.offset);
                Published { cursor, fresh: true }
            }
        };
        self.log.topics.release(topic);
        Ok(published)
    }

    /// Adds a reader of `topics` and returns its name and the position it starts from. Topics that
    /// are named twice count once. It does not wait yet: read first.
    ///
    /// # Errors
    ///
    /// The start cannot be continued, or a limit of [`Config`] was passed. The hub is as before.
    pub fn subscribe<S: AsRef<str>>(
        &mut self,
        topics: &[S],
        start: Start,
        now: Instant,
    ) -> Result<(SubscriberId, Cursor), SubscribeError> {
        self.trim(now);
        let known = self.known(topics)?;
        let position = self.log.locate(&known, start).map_err(SubscribeError::Reset)?;
        let limit = self.config.max_subscribers;
        if self.subscribers.len() >= limit {
            return Err(SubscribeError::Full { limit });
        }
        let mut held: Vec<Key> = Vec::with_capacity(topics.len());
        for name in topics {
            let topic = self.log.topics.hold(name.as_ref());
            if held.contains(&topic) {
                self.log.topics.release(topic);
            } else {
                held.push(topic);
            }
        }
        let state = State::Reading { position };
        let id = self.subscribers.insert(Subscriber { topics: held.into(), state });
        Ok((SubscriberId(id), self.log.cursor(position)))
    }

    /// Removes a reader; `false` if it is gone already.
    pub fn unsubscribe(&mut self, id: SubscriberId) -> bool {
        let Some(Subscriber { topics, state }) = self.subscribers.remove(id.0) else {
            return false;
        };
        match state {
            State::Reading { .. } | State::Waiting => {}
            State::Ready { turn, .. } => {
                self.ready.remove(&turn);
            }
        }
        for topic in topics {
            self.log.topics[topic].waiting.remove(&id);
            self.log.topics.release(topic);
        }
        true
    }

    /// Returns the next batch for a reader and moves it behind the batch, or lets it wait.
    ///
    /// A name that is not subscribed any more waits for ever.
    pub fn read(&mut self, id: SubscriberId, max: Batch) -> Read<'_, T> {
        let Some(Subscriber { topics, state }) = self.subscribers.get_mut(id.0) else {
            return Read::Waiting;
        };
        let position = match *state {
            State::Reading { position } => position,
            State::Waiting => return Read::Waiting,
            State::Ready { position, turn } => {
                self.ready.remove(&turn);
                position
            }
        };
        if let Err(reset) = self.log.continued(self.log.cursor(position)) {
            *state = State::Reading { position: reset.resume().offset };
            return Read::Reset(reset);
        }
        let span = self.log.span(topics, position, max);
        if span.entries == 0 {
            *state = State::Waiting;
            for &topic in &*topics {
                self.log.topics[topic].waiting.insert(id);
            }
            return Read::Waiting;
        }
        *state = State::Reading { position: span.next };
        let (log, topics) = (&self.log, Cow::Borrowed(&**topics));
        let entries = Entries { log, topics, after: position, left: span.entries };
        Read::Entries { entries, next: log.cursor(span.next), more: span.more }
    }

    /// Returns a batch for someone who does not subscribe.
    ///
    /// # Errors
    ///
    /// The start cannot be continued, or a limit of [`Config`] was passed.
    pub fn slice<S: AsRef<str>>(
        &self,
        topics: &[S],
        start: Start,
        max: Batch,
    ) -> Result<Slice<'_, T>, SubscribeError> {
        let known = self.known(topics)?;
        let after = self.log.locate(&known, start).map_err(SubscribeError::Reset)?;
        let span = self.log.span(&known, after, max);
        let topics = Cow::Owned(known);
        let entries = Entries { log: &self.log, topics, after, left: span.entries };
        Ok(Slice { entries, next: self.log.cursor(span.next), more: span.more })
    }

    /// Names a reader that waited and for which there now is something to read. Each wait is named
    /// at most once, the longest first; one that read meanwhile is not named.
    pub fn next_ready(&mut self) -> Option<SubscriberId> {
        let (_, id) = self.ready.pop_first()?;
        let state = &mut self.subscribers[id.0].state;
        if let State::Ready { position, .. } = *state {
            *state = State::Reading { position };
        }
        Some(id)
    }

    /// Where a reader stands, or `None` if it is gone. While it waits it moves along with the head,
    /// so this is the cursor to tell a client on a quiet topic.
    #[must_use]
    pub fn position(&self, id: SubscriberId) -> Option<Cursor> {
        Some(match self.subscribers.get(id.0)?.state {
            State::Reading { position } | State::Ready { position, .. } => {
                self.log.cursor(position)
            }
            State::Waiting => self.head(),
        })
    }

    /// Whether a reader waits: it has read everything there is.
    #[must_use]
    pub fn is_waiting(&self, id: SubscriberId) -> bool {
        matches!(self.subscribers.get(id.0), Some(Subscriber { state: State::Waiting, .. }))
    }

    /// When to call [`trim`](Self::trim) so that no event is kept longer than
    /// [`max_age`](Config::max_age) allows; `None`, always so without a `max_age`, is never.
    ///
    /// After a trim it is later than `now`. Publishers' keys need no such call: one that has grown
    /// too old is forgotten before it could be recognised.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.log.deadline(&self.config)
    }

    /// Drops what has grown as old as [`Config`] allows. Publishing and subscribing do so too.
    pub fn trim(&mut self, now: Instant) {
        self.log.trim(&self.config, 0, 0, now);
        self.keys.trim(&self.config, &mut self.log.topics, now);
    }

    /// The epoch of this log.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.head().epoch
    }

    /// The latest event that was published; offset 0 if none was.
    #[must_use]
    pub fn head(&self) -> Cursor {
        self.log.cursor(self.log.head())
    }

    /// The oldest event that the log keeps; one above the head if it keeps none.
    #[must_use]
    pub fn floor(&self) -> Cursor {
        self.log.cursor(self.log.floor())
    }

    /// The number of events that the log keeps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.log.len()
    }

    /// Whether the log keeps no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the events weigh that the log keeps.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.log.bytes()
    }

    /// The number of readers.
    #[must_use]
    pub fn subscribers(&self) -> usize {
        self.subscribers.len()
    }

    /// The number of topics that an event, a reader or a key is there for.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.log.topics.len()
    }

    /// Those of `topics` that are in use, each once.
    fn known<S: AsRef<str>>(&self, topics: &[S]) -> Result<Vec<Key>, SubscribeError> {
        let (limit, limit_bytes) =
            (self.config.max_topics_per_subscriber, self.config.max_topic_bytes);
        if topics.is_empty() {
            return Err(SubscribeError::NoTopic);
        }
        if topics.len() > limit {
            return Err(SubscribeError::TooManyTopics { limit });
        }
        let mut known = Vec::with_capacity(topics.len());
        for name in topics.iter().map(AsRef::as_ref) {
            if name.is_empty() || name.len() > limit_bytes {
                return Err(SubscribeError::TopicLength { limit_bytes });
            }
            known.extend(self.log.topics.find(name));
        }
        known.sort_unstable();
        known.dedup();
        Ok(known)
    }

    /// Makes all who wait for `topic` ready to read the event at `offset`.
    fn wake(&mut self, topic: Key, offset: u64) {
        for id in mem::take(&mut self.log.topics[topic].waiting) {
            let Subscriber { topics, state } = &mut self.subscribers[id.0];
            for &other in &**topics {
                self.log.topics[other].waiting.remove(&id);
            }
            *state = State::Ready { position: offset - 1, turn: self.next_turn };
            self.ready.insert(self.next_turn, id);
            self.next_turn += 1;
        }
    }
}
