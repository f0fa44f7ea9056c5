//! Serves a log of events over axum. A client that comes back gets what it missed, or is told what it
//! cannot get: `cargo run -p tidewire-tokio --features axum --example axum_resume`, then
//! `curl -N http://127.0.0.1:8080/`, and with `-H 'Last-Event-ID: …'` from there on.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use tidewire::Entry;
use tidewire::core::Instant;
use tidewire::hub::{Batch, Config, Cursor, Hub, Start, SubscribeError};
use tidewire_sse::{EventName, Resume, StreamConfig};
use tidewire_tokio::{Clock, Sse, SseRequest};
use tokio::net::TcpListener;
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::interval;

/// The log, and the waking of all who wait for more of it.
pub(crate) type Log = Sender<Hub<Entry>>;

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut config = Config::default();
    config.max_events = 20;
    // A fresh epoch for each life of the log, and never that of `NOWHERE`.
    let epoch = RandomState::new().hash_one(()) | 1;
    let log = Log::new(Hub::new(config, epoch));
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    tokio::spawn(count(log.clone()));
    axum::serve(listener, router(log)).await
}

async fn count(log: Log) {
    let (clock, mut second) = (Clock::start(), interval(Duration::from_secs(1)));
    for number in 0_u64.. {
        second.tick().await;
        publish(&log, &number.to_string(), clock.now());
    }
}

pub(crate) fn publish(log: &Log, text: &str, now: Instant) {
    log.send_modify(|hub| {
        let encode = |cursor| Entry::new(cursor, text, None, text);
        // It is refused if it alone is larger than the whole log.
        let _ = hub.publish_with(TOPIC, text.len(), None, now, encode);
    });
}

pub(crate) fn router(log: Log) -> Router {
    Router::new().route("/", get(events)).with_state(log)
}

async fn events(
    State(log): State<Log>,
    request: SseRequest,
) -> Sse<impl Stream<Item = Result<Bytes, SubscribeError>>> {
    let start = match request.resume() {
        Resume::After(id) => Start::After(id.parse().unwrap_or(NOWHERE)),
        Resume::Lost => Start::After(NOWHERE),
        Resume::Fresh => Start::Oldest,
    };
    let mut config = StreamConfig::default();
    config.max_lifetime = Some(Duration::from_secs(10)); // short, to see clients come back
    Sse::with_config(follow(log.subscribe(), start), config)
}

/// The events from `start` on, for ever. A client that is slow to take them keeps a place in the log,
/// and no queue.
fn follow(
    log: Receiver<Hub<Entry>>,
    start: Start,
) -> impl Stream<Item = Result<Bytes, SubscribeError>> {
    let batches = stream::try_unfold((log, start), async |(mut log, mut start)| {
        loop {
            let (frames, next) = read(&log.borrow_and_update(), start)?;
            start = Start::After(next);
            if !frames.is_empty() {
                let frames = stream::iter(frames.into_iter().map(Ok));
                return Ok(Some((frames, (log, start))));
            }
            if log.changed().await.is_err() {
                return Ok(None);
            }
        }
    });
    batches.try_flatten()
}

/// What the log has from `start` on, and the place behind it.
fn read(hub: &Hub<Entry>, start: Start) -> Result<(Vec<Bytes>, Cursor), SubscribeError> {
    match hub.slice(&[TOPIC], start, Batch::default()) {
        Ok(slice) => {
            let frames = slice.entries.map(|record| record.item.frame().clone());
            Ok((frames.collect(), slice.next))
        }
        // Its ID is where the stream goes on, so that the client does not come back to the gap.
        Err(SubscribeError::Reset(reset)) => {
            let gap = Entry::new(reset.resume(), "", Some(&RESET), "events are missing");
            Ok((vec![gap.frame().clone()], reset.resume()))
        }
        Err(other) => Err(other),
    }
}

const TOPIC: &str = "numbers";
const RESET: EventName = EventName::from_static("reset");

/// What an ID stands for that this log never gave: no log has this place, so the client is told.
const NOWHERE: Cursor = Cursor { epoch: 0, offset: 0 };
