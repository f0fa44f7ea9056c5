//! The hub: publishing, and what the log holds. Its readers' transitions stand in `reading`, batches
//! for those who do not subscribe in `slices`, looking for news by ids in `by_id`.

mod by_id;
mod reading;
mod slices;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use tidewire_core::{Instant, Slab};

use crate::keys::Keys;
use crate::log::Log;
use crate::subscriber::Reader;
use crate::{
    Config, Cursor, ForkError, Lineage, PublishError, Published, SubscribeError, SubscriberId,
    TopicId,
};

/// One bounded log of events, and the positions of all who read it.
///
/// `T` is what the log keeps for an event, as the embedder encoded it.
///
/// # The loop
///
/// Read until [`Read::Waiting`](crate::Read::Waiting); then wait until
/// [`next_ready`](Self::next_ready) names the subscriber; again. Reading and beginning to wait are one
/// call, so no event can fall between.
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
///      Reading ──────────────────▶ Waiting ◀────┐
///       ▲ │ ▲                         │ publish, close, recheck, fork
///  read └─┘ │   next_ready, read      ▼         │
///           ├─────────────────────  Ready       │
///           ▼ read without credit     ▲         │
///         Spent ──────────────────────┴─────────┘ credit; recheck
/// ```
///
/// # Promises
///
/// - A subscriber that keeps reading sees each event of its topics that the log keeps once and in
///   order, or a [`Reset`](crate::Reset).
/// - Events of other topics move a waiting subscriber along, and one that reads late is told of a gap
///   only if events of its own topics were dropped: for who stays subscribed, a quiet topic never expires.
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
    readers: Slab<Reader>,
    /// Who became readable at which turn, longest first. Who has read since is passed over.
    ready: VecDeque<(u64, SubscriberId)>,
    next_turn: u64,
}

impl<T> Hub<T> {
    /// An empty log. The epoch must differ from those of earlier logs whose cursors clients may
    /// still hold: take it at random.
    #[must_use]
    pub fn new(config: Config, epoch: u64) -> Self {
        Self::restored(config, Lineage::new(epoch), 0)
    }

    /// A log that goes on from another process, where a store has kept its events: cursors of its
    /// lineage hold, as far as [`max_epochs`](Config::max_epochs) reaches. It keeps nothing yet:
    /// publish the events behind the offset `after` again, in order, before anyone reads; if none is
    /// left, `after` is the head.
    #[must_use]
    pub fn restored(config: Config, mut lineage: Lineage, after: u64) -> Self {
        lineage.keep(config.max_epochs);
        Self {
            config,
            log: Log::restored(lineage, after),
            keys: Keys::default(),
            readers: Slab::new(),
            ready: VecDeque::new(),
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
        let Config { max_key_bytes, max_bytes, .. } = self.config;
        self.check_name(topic)?;
        if key.is_some_and(|key| key.is_empty() || key.len() > max_key_bytes) {
            return Err(PublishError::KeyLength { limit_bytes: max_key_bytes });
        }
        if bytes > max_bytes {
            return Err(PublishError::TooBig { limit_bytes: max_bytes });
        }
        let topic = self.log.topics.hold(topic);
        if self.log.topics[topic].is_closed {
            self.log.topics.release(topic);
            return Err(PublishError::Closed);
        }
        self.keys.trim(&self.config, &mut self.log.topics, now);
        let publish = key.map(|key| (topic, key.into()));
        let published = match publish.as_ref().and_then(|publish| self.keys.find(publish)) {
            Some(offset) => Published { cursor: self.log.cursor(offset), fresh: false },
            None => {
                let cursor = self.log.cursor(self.log.head() + 1);
                self.log.trim(&self.config, 1, bytes, now);
                self.log.append(topic, make(cursor), bytes, now);
                if let Some(publish) = publish {
                    self.keys.insert(publish, cursor.offset, &mut self.log.topics, now);
                    self.keys.trim(&self.config, &mut self.log.topics, now);
                }
                self.wake(topic, cursor.offset);
                Published { cursor, fresh: true }
            }
        };
        self.log.topics.release(topic);
        Ok(published)
    }

    /// Closes a topic: nothing is published to it any more, and who reads it, and no open one
    /// besides, is told the [end](crate::End::Closed) once it has read what there is. Who waits for
    /// [credit](Self::credit) is so only when some has come, for it may have more to read. `false` if
    /// the topic is closed already.
    ///
    /// # Errors
    ///
    /// The topic's name passed a limit of [`Config`].
    pub fn close(&mut self, topic: &str) -> Result<bool, PublishError> {
        self.check_name(topic)?;
        let closed = self.log.topics.close(topic, self.config.max_closed_topics);
        if let Some(topic) = closed {
            self.wake_ended(topic);
        }
        Ok(closed.is_some())
    }

    /// Begins a new epoch behind the event at the offset `at`, because the store has lost what lies
    /// above it: those events are dropped, and their offsets will name others.
    ///
    /// Cursors at or below the fork go on; whoever has read further is [reset](crate::Reset).
    ///
    /// # Errors
    ///
    /// There is no such event, or the log has had the epoch before. The hub is as before.
    pub fn fork(&mut self, epoch: u64, at: u64) -> Result<(), ForkError> {
        let head = self.head();
        self.log.fork(epoch, at, &self.config)?;
        self.keys.forget_above(at, &mut self.log.topics);
        if at < head.offset {
            self.wake_all(head);
        }
        Ok(())
    }

    /// The epochs of the log, to be kept where its events are.
    #[must_use]
    pub fn lineage(&self) -> &Lineage {
        self.log.lineage()
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

    /// The number of topics that an event, a reader or a key is there for, or that are closed.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.log.topics.len()
    }

    /// Those of `topics` that are in use, each once.
    fn known<S: AsRef<str>>(&self, topics: &[S]) -> Result<Vec<TopicId>, SubscribeError> {
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

    fn check_name(&self, topic: &str) -> Result<(), PublishError> {
        let limit_bytes = self.config.max_topic_bytes;
        if topic.is_empty() || topic.len() > limit_bytes {
            return Err(PublishError::TopicLength { limit_bytes });
        }
        Ok(())
    }
}
