//! The limits of a hub and of one read. What happens at a limit stands at its field.

use core::time::Duration;

/// The limits of a [`Hub`](crate::Hub).
///
/// In the worst case the hub's memory is `max_bytes`, plus about 150 bytes and twice the size of an
/// item for each of `max_events`, plus per subscriber about 200 bytes and 60 more for each topic,
/// plus about 150 bytes for each of `max_keys`, plus about 400 bytes and the name for each topic that
/// is in use by one of these or closed. The slots that readers and topics leave are kept for the next ones.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Events that the log keeps. Default 65,536: a minute at 1,000 events a second, which covers
    /// most reconnects. One more drops the oldest. At least one is always kept.
    pub max_events: usize,
    /// Bytes that the log keeps, as weighed by who publishes. Default 64 MiB, 1 KiB for each of the
    /// default events. More drops the oldest; a single event that weighs more is refused.
    pub max_bytes: usize,
    /// How long the log keeps an event. Default `None`: the other two limits suffice for memory.
    /// Who waits for [`Hub::deadline`](crate::Hub::deadline) and then [trims](crate::Hub::trim) keeps
    /// none longer; else they are dropped at the next publish, subscription or trim.
    pub max_age: Option<Duration>,
    /// Bytes in the name of a topic. Default 128, room for a path of identifiers. An empty or longer
    /// name is refused.
    pub max_topic_bytes: usize,
    /// Topics of one subscriber. Default 32: a read looks into each of them. More are refused.
    pub max_topics_per_subscriber: usize,
    /// Topics that are remembered as [closed](crate::Hub::close). Default 4,096. One more forgets the
    /// one that was closed first: its name is then that of a new topic. Zero counts as one.
    pub max_closed_topics: usize,
    /// Subscribers at one time. Default 262,144, above what one node holds connections for. One more
    /// is refused.
    pub max_subscribers: usize,
    /// Publishers' keys that are remembered to recognise a repeated publish. Default 8,192: retries
    /// come within seconds, and this covers 800 a second for ten of them. One more forgets the
    /// oldest.
    pub max_keys: usize,
    /// Bytes in a publisher's key. Default 128, above any common identifier. An empty or longer
    /// key is refused.
    pub max_key_bytes: usize,
    /// How long a publisher's key is remembered. Default 10 minutes, longer than a patient retry.
    pub max_key_age: Duration,
    /// Epochs of which the log takes cursors, the present one among them. Default 16: a store that
    /// fails over once a week has a third of a year of them. One more forgets the oldest, whose
    /// cursors are then reset.
    pub max_epochs: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_events: 65_536,
            max_bytes: 64 << 20,
            max_age: None,
            max_topic_bytes: 128,
            max_topics_per_subscriber: 32,
            max_closed_topics: 4_096,
            max_subscribers: 262_144,
            max_keys: 8_192,
            max_key_bytes: 128,
            max_key_age: Duration::from_secs(600),
            max_epochs: 16,
        }
    }
}

/// How much one read yields at most.
///
/// The first entry is always yielded, also if it weighs more than `bytes`: else its reader would
/// never get past it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Batch {
    /// Entries. Default 256.
    pub events: usize,
    /// Bytes, as weighed by who published. Default 256 KiB, a few round trips' worth.
    pub bytes: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self { events: 256, bytes: 256 << 10 }
    }
}
