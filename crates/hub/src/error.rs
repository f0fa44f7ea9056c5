//! What the hub refuses. Each refusal leaves the hub as it was.

use crate::Reset;

/// The event was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The topic's name is empty or longer than [`max_topic_bytes`](crate::Config::max_topic_bytes).
    #[error("a topic's name has 1 to {limit_bytes} bytes")]
    TopicLength {
        /// The limit that was configured.
        limit_bytes: usize,
    },
    /// The key is empty or longer than [`max_key_bytes`](crate::Config::max_key_bytes). Were an empty
    /// one taken, all who send one would publish a single event.
    #[error("a key has 1 to {limit_bytes} bytes")]
    KeyLength {
        /// The limit that was configured.
        limit_bytes: usize,
    },
    /// The topic was [closed](crate::Hub::close).
    #[error("the topic is closed")]
    Closed,
    /// The event alone weighs more than [`max_bytes`](crate::Config::max_bytes).
    #[error("an event weighs at most {limit_bytes} bytes")]
    TooBig {
        /// The limit that was configured.
        limit_bytes: usize,
    },
}

/// The topics cannot be read from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The cursor cannot be continued.
    #[error("the cursor cannot be continued")]
    Reset(Reset),
    /// No topic was named.
    #[error("at least one topic is needed")]
    NoTopic,
    /// More than [`max_topics_per_subscriber`](crate::Config::max_topics_per_subscriber) were named.
    #[error("at most {limit} topics are read at once")]
    TooManyTopics {
        /// The limit that was configured.
        limit: usize,
    },
    /// A topic's name is empty or longer than [`max_topic_bytes`](crate::Config::max_topic_bytes).
    #[error("a topic's name has 1 to {limit_bytes} bytes")]
    TopicLength {
        /// The limit that was configured.
        limit_bytes: usize,
    },
    /// The reader's [rule](crate::Access) does not allow a topic. Which one, or whether it exists, is
    /// not said.
    #[error("a topic may not be read")]
    Forbidden,
    /// There are [`max_subscribers`](crate::Config::max_subscribers) already.
    #[error("there are {limit} subscribers already")]
    Full {
        /// The limit that was configured.
        limit: usize,
    },
}
