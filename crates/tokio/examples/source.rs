//! Follows an event stream over reqwest, and connects again where it is lost:
//! `cargo run -p tidewire-tokio --example source 'http://127.0.0.1:8080/v1/sse?topic=demo'`
#![allow(clippy::print_stdout, reason = "it shows what comes")]

use std::error::Error;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};

use reqwest::{Client, RequestBuilder};
use tidewire_core::Entropy;
use tidewire_sse::{Action, Event, Item, ResponseHead, Source, SourceConfig, SourceState, Stop};
use tidewire_tokio::Clock;
use tokio::time::{sleep_until, timeout_at};

/// Tells every event that keeps the limits, over as many connections as it takes, until the source is
/// over.
pub(crate) async fn follow(
    url: &str,
    source: &mut Source,
    clock: Clock,
    mut told: impl FnMut(Event<'_>),
) -> Stop {
    let client = Client::new();
    loop {
        let action = source.next_action(clock.now());
        match (source.state(), source.deadline()) {
            (SourceState::Stopped(stop), _) => return stop,
            _ if action == Some(Action::Connect) => {
                let request = source.request_fields().fold(client.get(url), |request, field| {
                    let (name, value) = field;
                    request.header(name, value)
                });
                receive(request, source, clock, &mut told).await;
                source.on_end(clock.now());
            }
            (_, Some(at)) => sleep_until(clock.at(at)).await,
            (_, None) => {}
        }
    }
}

/// Receives over one connection. `None` is how each of them ends: refused, lost, or too late.
async fn receive(
    request: RequestBuilder,
    source: &mut Source,
    clock: Clock,
    told: &mut impl FnMut(Event<'_>),
) -> Option<()> {
    let mut response = in_time(source, clock, request.send()).await?.ok()?;
    let head = ResponseHead::new(response.status().as_u16(), response.headers());
    source.on_response(&head, clock.now());
    while source.state() == SourceState::Open {
        let piece = in_time(source, clock, response.chunk()).await?.ok()??;
        let mut piece = &piece[..];
        while let Ok(Some(item)) = source.decode(&mut piece, clock.now()) {
            if let Item::Event(event) = item {
                told(event);
            }
        }
    }
    None
}

/// What the work comes to, unless the source's deadline comes before it.
async fn in_time<T>(source: &Source, clock: Clock, work: impl Future<Output = T>) -> Option<T> {
    match source.deadline() {
        Some(at) => timeout_at(clock.at(at), work).await.ok(),
        None => Some(work.await),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: source URL")?;
    let clock = Clock::start();
    // The seeds of the standard library's maps are random enough to spread reconnects.
    let jitter = Entropy::new(|bytes| {
        bytes.fill_with(|| RandomState::new().build_hasher().finish() as u8);
    });
    let mut source = Source::new(SourceConfig::default(), jitter, clock.now());
    let stop = follow(&url, &mut source, clock, |event| {
        println!("{} {}: {}", event.last_event_id(), event.name(), event.data().to_str_lossy());
    });
    Err(stop.await.into())
}
