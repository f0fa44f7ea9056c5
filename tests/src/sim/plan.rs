//! What a seed decides once: who takes part, and the limits of the machines. What goes wrong during a run
//! is `mishap`'s business.

use std::sync::Arc;
use std::time::Duration;

use tidewire::client;
use tidewire::core::Backoff;
use tidewire::http::{self, FieldValue};
use tidewire::hub::{self, Batch, SlowPolicy};
use tidewire::poll::{ParkConfig, PollerConfig};
use tidewire::{server, sse, ws};

use super::document::TOPICS;
use super::ends::Who;
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
    /// Topics are closed, and passes lose some.
    pub(super) is_guarded: bool,
    /// How long someone is there after the last connection, if that is counted.
    pub(super) linger: Option<Duration>,
    /// How long an event stream lives at most.
    pub(super) lifetime: Option<Duration>,
}

/// The server's: how long a poll is held at most.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(12);
/// The readers': how long they ask for.
pub(super) const WAIT: Duration = Duration::from_secs(8);
/// The period of interval polls.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// The period of pollers at which nobody looks.
pub(super) const HIDDEN_EVERY: Duration = Duration::from_secs(4);
/// The least time between two polls.
pub(super) const MIN_GAP: Duration = Duration::from_millis(50);
/// The longest time that a poller stays away because it is told to, but for a fifth.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_secs(4);
/// The longest that it stays away after failures.
pub(super) const MAX_BACKOFF: Duration = Duration::from_secs(4);
/// How long the server drains.
pub(super) const DRAIN: Duration = Duration::from_secs(2);

/// How long someone is there after the last connection.
const LINGER: Duration = Duration::from_millis(1500);
const SHORT_LINGER: Duration = Duration::from_millis(20);

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
        // Whoever is refused comes back late, so few may be held in few runs only.
        if dice.roll(10) == 0 {
            park.max_holds = [1, 2, 1000][dice.roll(3)];
            park.max_holds_per_peer = [1, 2][dice.roll(2)];
        }
        let mut server = server::Config::default();
        let lifetime =
            [None, None, None, None, None, None, Some(secs(7)), Some(secs(12))][dice.roll(8)];
        server.event_stream.max_lifetime = lifetime;
        server.event_stream.retry = Some(secs(1));
        server.event_stream.keep_alive_every = Some(secs(5));
        server.websocket = Arc::new(websocket());
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
            is_guarded: dice.roll(3) == 0,
            linger: [None, None, None, None, None, None, Some(LINGER), Some(SHORT_LINGER)]
                [dice.roll(8)],
            lifetime,
        }
    }

    /// Whether polls are refused at times, for only few are held.
    pub(super) fn is_crowded(&self) -> bool {
        self.park.max_holds_per_peer < 8
    }
}

/// The configuration of a reader.
pub(super) fn client(who: Who) -> client::Config {
    let mut config = client::Config::new(FieldValue::from_static("a"), &query(who));
    config.wait = WAIT;
    config.every = EVERY;
    config.http = http();
    config.websocket = Arc::new(websocket());
    config.event_stream = source();
    config.event_stream.status_policy = sse::StatusPolicy::Resilient;
    config.poll = poller();
    config
}

/// The limits of HTTP for those who poll.
pub(super) fn http() -> http::ClientConfig {
    let mut http = http::ClientConfig::default();
    http.head_timeout = MAX_WAIT + secs(5);
    http.body_timeout = Some(secs(9));
    http
}

/// The configuration of pollers.
pub(super) fn poller() -> PollerConfig {
    let mut poller = PollerConfig::default();
    poller.grace = secs(3);
    poller.take_within = secs(3);
    poller.min_gap = MIN_GAP;
    poller.hidden_every = HIDDEN_EVERY;
    poller.max_retry_after = MAX_RETRY_AFTER;
    poller.backoff = Backoff::new(Duration::from_millis(500), MAX_BACKOFF);
    poller
}

/// What everyone asks for, whatever the transport.
pub(super) fn query(who: Who) -> String {
    let topics: String = followed(who.topics).map(|topic| format!("topic={topic}&")).collect();
    format!("{topics}client={}", who.member)
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

/// The bits of topics by their names.
pub(super) fn bits<'a>(names: impl IntoIterator<Item = &'a str>) -> u8 {
    names.into_iter().fold(0, |bits, name| bits | 1 << number(name))
}

/// Which topic a name is of.
pub(super) fn number(name: &str) -> u8 {
    match name.as_bytes() {
        [b't', digit @ b'0'..=b'3'] => digit - b'0',
        _ => panic!("garbled topic: {name:?}"),
    }
}

/// The configuration of WebSockets, on both sides.
pub(super) fn websocket() -> ws::Config {
    let mut websocket = ws::Config::default();
    websocket.ping_every = Some(secs(6));
    websocket.pong_timeout = secs(4);
    websocket.close_timeout = secs(3);
    websocket.linger = secs(1);
    websocket
}

pub(super) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
