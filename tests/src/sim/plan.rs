//! What a seed decides once: who takes part, and the limits of the machines. What goes wrong during a run
//! is `mishap`'s business.

use std::sync::Arc;
use std::time::Duration;

use tidewire::client;
use tidewire::http::FieldValue;
use tidewire::hub::{self, Batch, SlowPolicy};
use tidewire::poll::ParkConfig;
use tidewire::{server, sse, ws};

use super::document::TOPICS;
use crate::dice::Dice;

/// What holds for a whole run. The periods are shorter than the defaults, so that a minute holds more.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) readers: usize,
    pub(super) publishers: usize,
    pub(super) hub: hub::Config,
    pub(super) park: ParkConfig,
    pub(super) server: Arc<server::Config>,
    /// What a stream reads from the log at once.
    pub(super) batch: Batch,
    /// Credit of streams, if they read on credit.
    pub(super) credit: Option<u64>,
    pub(super) slow: SlowPolicy,
    /// Bytes that are under way on a wire at most.
    pub(super) window: usize,
}

/// The server's: how long a poll is held at most.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(12);
/// The readers': how long they ask for.
pub(super) const WAIT: Duration = Duration::from_secs(8);
/// The period of interval polls.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// The least time between two polls.
pub(super) const MIN_GAP: Duration = Duration::from_millis(50);
/// How long the server drains.
pub(super) const DRAIN: Duration = Duration::from_secs(2);

impl Plan {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut hub = hub::Config::default();
        hub.max_events = [4, 8, 16, 40, 1000][dice.roll(5)];
        hub.max_bytes = [4096, 1 << 20][dice.roll(2)];
        hub.max_age = [None, None, Some(secs(6)), Some(secs(20))][dice.roll(4)];
        let mut park = ParkConfig::default();
        park.max_wait = MAX_WAIT;
        park.max_batch =
            Batch { events: [1, 2, 5, 256][dice.roll(4)], bytes: [300, 1 << 18][dice.roll(2)] };
        park.max_holds_per_answer = [1, 2, 1024][dice.roll(3)];
        park.shed_above = if dice.roll(8) == 0 { 2 } else { 1000 };
        park.drain_within = DRAIN / 2;
        park.linger = [Duration::ZERO, Duration::from_millis(60)][dice.roll(2)];
        let mut server = server::Config::default();
        server.event_stream.keep_alive_every = Some(secs(5));
        let websocket = Arc::make_mut(&mut server.websocket);
        keep_alive(websocket);
        Self {
            readers: 5 + dice.roll(4),
            publishers: 2,
            hub,
            park,
            server: Arc::new(server),
            batch: Batch { events: [1, 3, 64][dice.roll(3)], bytes: 1 << 16 },
            credit: [None, Some(1), Some(400)][dice.roll(3)],
            slow: [SlowPolicy::Reset, SlowPolicy::Latest][dice.roll(2)],
            window: [600, 4096, 1 << 16][dice.roll(3)],
        }
    }
}

/// The configuration of the reader with this number, who follows these topics.
pub(super) fn client(reader: usize, topics: u8) -> client::Config {
    let topics: String = followed(topics).map(|topic| format!("topic={topic}&")).collect();
    let query = format!("{topics}client={reader}");
    let mut config = client::Config::new(FieldValue::from_static("a"), &query);
    config.wait = WAIT;
    config.every = EVERY;
    config.http.head_timeout = MAX_WAIT + secs(5);
    config.http.body_timeout = Some(secs(5));
    keep_alive(Arc::make_mut(&mut config.websocket));
    config.event_stream = source();
    config.event_stream.status_policy = sse::StatusPolicy::Resilient;
    config.poll.grace = secs(3);
    config.poll.take_within = secs(5);
    config.poll.min_gap = MIN_GAP;
    config
}

/// The configuration of event streams' readers.
pub(super) fn source() -> sse::SourceConfig {
    let mut source = sse::SourceConfig::default();
    source.retry = secs(1);
    source.max_wait = secs(15);
    source.stable_after = secs(5);
    source.connect_timeout = Some(secs(5));
    source.idle_timeout = Some(secs(8));
    source
}

/// The names of the topics whose bits are set.
pub(super) fn followed(topics: u8) -> impl Iterator<Item = &'static str> {
    (0..).zip(TOPICS).filter(move |(bit, _)| topics & 1 << bit != 0).map(|(_, topic)| topic)
}

fn keep_alive(websocket: &mut ws::Config) {
    websocket.ping_every = Some(secs(6));
    websocket.pong_timeout = secs(4);
    websocket.close_timeout = secs(3);
    websocket.linger = secs(1);
}

pub(super) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
