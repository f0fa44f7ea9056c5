//! The shared log: one hub and one park behind one lock, and who is to be woken.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tidewire::core::{Entropy, Instant, earliest};
use tidewire::hub::{Batch, Config, Cursor, Hub, Read, Reset, Start, SubscribeError, SubscriberId};
use tidewire::poll::{Ask, Asked, Client, HoldId, Park, ParkConfig};
use tidewire::sse::{EventName, Frame};
use tidewire_tokio::Clock;
use tokio::sync::{Notify, oneshot};

use crate::item::Item;
use crate::publication::Publication;
use crate::refusal::Refusal;
use crate::reply::{Reply, Said};
use crate::route::PollQuery;
use crate::wire::{EventDocument, Message, text_of};
use crate::{cli, entropy};

/// The log that all connections share.
pub(crate) struct Feed {
    clock: Clock,
    state: Mutex<State>,
    /// Something was held or drained, so the next deadline may have come nearer.
    changed: Notify,
    client_names: RandomState,
}

struct State {
    hub: Hub<Arc<Item>>,
    park: Park,
    entropy: Entropy,
    streams: HashMap<SubscriberId, Arc<Notify>>,
    holds: HashMap<HoldId, oneshot::Sender<Arc<Reply>>>,
}

impl Feed {
    pub(crate) fn new(options: &cli::Serve, clock: Clock) -> Arc<Self> {
        let mut hub = Config::default();
        hub.max_events = options.max_events;
        hub.max_bytes = options.max_log_bytes;
        hub.max_age = options.max_age.map(Duration::from_secs);
        let mut park = ParkConfig::default();
        park.max_wait = Duration::from_secs(options.max_wait);
        park.max_holds_per_peer = options.max_polls_per_address;
        park.drain_within = Duration::from_secs(options.drain) / 2;
        let state = State {
            hub: Hub::new(hub, rand::random()),
            park: Park::new(park),
            entropy: entropy(),
            streams: HashMap::new(),
            holds: HashMap::new(),
        };
        Arc::new(Self {
            clock,
            state: Mutex::new(state),
            changed: Notify::new(),
            client_names: RandomState::new(),
        })
    }

    /// Appends an event and wakes who waits for it.
    pub(crate) fn publish(&self, publication: &Publication<'_>) -> Result<Cursor, Refusal> {
        let Publication { topic, event, content_type, data, idempotency_key } = *publication;
        publication.check()?;
        let name = event.map(|name| EventName::new(name.to_owned())).transpose();
        let name = name.map_err(|_| Refusal::BadRequest("an event's name holds no line break"))?;
        let (text, encoding) = text_of(data);
        let message = Message::new(&EventDocument {
            cursor: "".into(),
            topic: topic.into(),
            event: event.unwrap_or("message").into(),
            data: (&*text).into(),
            encoding,
            content_type: content_type.map(Into::into),
        });
        let frame = Frame::new().data(&text);
        // An event is kept in up to three forms; what they lack yet is the cursor.
        let weight = 2 * message.len() + frame.encoded_len() + event.map_or(0, str::len) + 384;
        let entry =
            |cursor: Cursor| Arc::new(Item::new(cursor, &message.at(cursor), name.as_ref(), &text));
        let mut state = self.lock();
        let now = self.clock.now();
        let published = state.hub.publish_with(topic, weight, idempotency_key, now, entry)?;
        state.wake(now);
        if state.hub.len() == 1 {
            // The log was empty, so nothing in it could grow old.
            self.changed.notify_one();
        }
        Ok(published.cursor)
    }

    /// Answers a poll or holds it, counted against `visitor`.
    pub(crate) fn ask(&self, query: &PollQuery, visitor: Option<u64>) -> Result<Said, Refusal> {
        self.ask_in(self.lock(), query, visitor)
    }

    /// Lets another poll take the place of one that is held, so that no event comes between them;
    /// `None` if that was answered already.
    pub(crate) fn ask_instead(
        &self,
        held: HoldId,
        query: PollQuery,
    ) -> Option<Result<Said, Refusal>> {
        let mut state = self.lock();
        // Who is still held was told all there is. The log may have dropped what it began behind.
        let query = PollQuery { after: Start::Now, ..query };
        state.cancel(held).then(|| self.ask_in(state, &query, None))
    }

    fn ask_in(
        &self,
        mut guard: MutexGuard<'_, State>,
        query: &PollQuery,
        visitor: Option<u64>,
    ) -> Result<Said, Refusal> {
        let topics: Vec<&str> = query.topics.iter().map(String::as_str).collect();
        let mut ask = Ask::new(&topics, query.after);
        ask.wait = query.wait;
        ask.max.events = query.limit;
        ask.peer = visitor;
        ask.client = query
            .client
            .as_ref()
            .map(|(name, seq)| Client { id: self.client_names.hash_one(name), seq: *seq });
        let now = self.clock.now();
        let State { hub, park, entropy, holds, .. } = &mut *guard;
        let due = park.deadline();
        let asked = park.ask(&ask, hub, entropy, now).map(|asked| match asked {
            Asked::Answer(answer) => Said::Now(Reply::encode(answer, query.wait.is_zero())),
            Asked::Held(id) => {
                let (sender, reply) = oneshot::channel();
                holds.insert(id, sender);
                Said::Later(id, reply)
            }
        });
        // Whatever became of it, it may have released an older poll of its client.
        guard.wake(now);
        if earliest([guard.park.deadline(), due]) != due {
            self.changed.notify_one();
        }
        Ok(asked?)
    }

    /// Frees the place of a poll that nobody waits for any more.
    pub(crate) fn cancel(&self, id: HoldId) {
        self.lock().cancel(id);
    }

    /// Takes a place in the log for a stream, which is told of news by `news`. A start that cannot
    /// be continued is replaced by one that misses nothing that is still kept, and told.
    pub(crate) fn subscribe(
        &self,
        topics: &[String],
        start: Start,
        news: &Arc<Notify>,
    ) -> Result<(SubscriberId, Option<Reset>), Refusal> {
        let mut state = self.lock();
        let now = self.clock.now();
        let (id, reset) = match state.hub.subscribe(topics, start, now) {
            Ok((id, _)) => (id, None),
            Err(SubscribeError::Reset(reset)) => {
                let resumed = Start::After(reset.resume());
                (state.hub.subscribe(topics, resumed, now)?.0, Some(reset))
            }
            Err(other) => return Err(other.into()),
        };
        state.streams.insert(id, Arc::clone(news));
        Ok((id, reset))
    }

    /// Gives a stream's place up.
    pub(crate) fn unsubscribe(&self, id: SubscriberId) {
        let mut state = self.lock();
        state.streams.remove(&id);
        state.hub.unsubscribe(id);
    }

    /// Where a stream stands.
    pub(crate) fn position(&self, id: SubscriberId) -> Cursor {
        let state = self.lock();
        state.hub.position(id).unwrap_or_else(|| state.hub.head())
    }

    /// Reads on for a stream.
    pub(crate) fn read<R>(
        &self,
        id: SubscriberId,
        max: Batch,
        take: impl FnOnce(Read<'_, Arc<Item>>) -> R,
    ) -> R {
        take(self.lock().hub.read(id, max))
    }

    /// Looks into the log.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Hub<Arc<Item>>) -> R) -> R {
        look(&self.lock().hub)
    }

    /// Answers held polls and drops old events as their time comes, for ever.
    pub(crate) async fn keep_time(&self) {
        loop {
            let next = {
                let state = self.lock();
                earliest([state.park.deadline(), state.hub.deadline()])
            };
            let due = async {
                match next {
                    Some(deadline) => tokio::time::sleep_until(self.clock.at(deadline)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.changed.notified() => {}
            }
            let now = self.clock.now();
            let mut state = self.lock();
            state.hub.trim(now);
            state.wake(now);
        }
    }

    /// Begins to answer all held polls.
    pub(crate) fn drain(&self) {
        let mut guard = self.lock();
        let now = self.clock.now();
        let State { park, entropy, .. } = &mut *guard;
        park.drain(entropy, now);
        guard.wake(now);
        drop(guard);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change of the state is complete before anything that could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the poll was held until now.
    fn cancel(&mut self, id: HoldId) -> bool {
        let Self { park, hub, holds, .. } = self;
        holds.remove(&id).is_some() && park.cancel(id, hub)
    }

    /// Wakes who has something to read and answers held polls whose time has come.
    fn wake(&mut self, now: Instant) {
        while let Some(id) = self.hub.next_ready() {
            match self.streams.get(&id) {
                Some(news) => news.notify_one(),
                None => {
                    self.park.woken(id, &mut self.hub);
                }
            }
        }
        // Groups take turns, so several editions are under way at a time.
        let mut editions = HashMap::new();
        while let Some(answered) = self.park.next_answer(&mut self.hub, now) {
            let encode = || Arc::new(Reply::encode(answered.answer, false));
            let reply = editions.entry(answered.edition).or_insert_with(encode);
            for hold in answered.holds {
                if let Some(sender) = self.holds.remove(hold) {
                    // Who is gone asks again with the same cursor.
                    let _ = sender.send(Arc::clone(reply));
                }
            }
        }
    }
}
