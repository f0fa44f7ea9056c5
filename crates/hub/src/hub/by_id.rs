//! Looking for news by the ids of topics, for those who ask for the same ones again and again.

use alloc::vec::Vec;

use super::Hub;
use crate::{Batch, Cursor, Slice, Start, SubscribeError, TopicId};

impl<T> Hub<T> {
    /// The name by which a topic is found faster, as long as an event, a reader or a key uses it, or
    /// it is closed.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<TopicId> {
        self.log.topics.find(name)
    }

    /// The topic's name, as long as it is in use.
    #[must_use]
    pub fn topic_name(&self, topic: TopicId) -> Option<&str> {
        self.log.topics.get(topic).map(|topic| &*topic.name)
    }

    /// Whether nothing will come of the topics: all are [closed](Self::close), and known as such.
    #[must_use]
    pub fn all_closed(&self, topics: &[TopicId]) -> bool {
        self.log.topics.all_closed(topics)
    }

    /// Where someone stands who starts there, if there is nothing to be told; `None` if there is an
    /// event, or nothing will come because all the topics are [closed](Self::close). It allocates
    /// nothing.
    ///
    /// # Errors
    ///
    /// The start cannot be continued, or a limit of [`Config`](crate::Config) was passed.
    pub fn caught_up(
        &self,
        topics: &[TopicId],
        start: Start,
    ) -> Result<Option<Cursor>, SubscribeError> {
        let limit = self.config.max_topics_per_subscriber;
        match topics.len() {
            0 => return Err(SubscribeError::NoTopic),
            len if len > limit => return Err(SubscribeError::TooManyTopics { limit }),
            _ => {}
        }
        let start = match start {
            Start::After(_) | Start::Oldest | Start::Now => start,
            Start::Last(0) => Start::Now,
            // It reaches back to an event if the log keeps any.
            Start::Last(_) => Start::Oldest,
        };
        let after = self.log.locate(&[], start).map_err(SubscribeError::Reset)?;
        let has_news = |&topic: &TopicId| self.log.topics.following(topic, after).is_some();
        let is_told = topics.iter().any(has_news) || self.log.topics.all_closed(topics);
        Ok(if is_told { None } else { Some(self.head()) })
    }

    /// Returns what [`slice`](Self::slice) does, for topics by their names that are found faster. A
    /// topic that is used no more has nothing to read.
    ///
    /// # Errors
    ///
    /// The start cannot be continued.
    pub fn slice_of(
        &self,
        topics: &[TopicId],
        start: Start,
        max: Batch,
    ) -> Result<Slice<'_, T>, SubscribeError> {
        let in_use = |&topic: &TopicId| self.log.topics.get(topic).is_some();
        let known: Vec<TopicId> = topics.iter().copied().filter(in_use).collect();
        let after = self.log.locate(&known, start).map_err(SubscribeError::Reset)?;
        let closed = self.log.topics.all_closed(topics);
        Ok(self.cut(known, after, self.log.head(), max, closed))
    }
}
