//! Held polls, one behaviour a test. What drives them lives here.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

mod access;
mod catch_up;
mod clients;
mod crowds;
mod drain;
mod time;

use std::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Config, Cursor, Hub, ResetReason, Start};
use tidewire_poll::{Answer, Ask, Asked, Client, HoldId, Park, ParkConfig, Refused, Why};

/// A park, its hub and the time they are driven by. Random draws are the longest.
struct Driver {
    park: Park,
    hub: Hub<&'static str>,
    now: Instant,
    entropy: Entropy,
}

/// An answer in short.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Events(Vec<u64>, u64, bool),
    Empty(u64, Why),
    Reset(ResetReason),
}

impl Driver {
    fn new() -> Self {
        Self::with(ParkConfig::default(), Config::default())
    }

    fn with(park: ParkConfig, hub: Config) -> Self {
        let mut driver = Self {
            park: Park::new(park),
            hub: Hub::new(hub, 5),
            now: Instant::ORIGIN,
            entropy: Entropy::new(|bytes| bytes.fill(255)),
        };
        driver.wait(seconds(1_000));
        driver
    }

    fn try_ask(&mut self, ask: &Ask<'_>) -> Result<Result<Told, HoldId>, Refused> {
        let Self { park, hub, now, entropy } = self;
        park.ask(ask, hub, entropy, *now).map(|asked| match asked {
            Asked::Answer(answer) => Ok(told(&answer)),
            Asked::Held(hold) => Err(hold),
        })
    }

    fn hold(&mut self, ask: &Ask<'_>) -> HoldId {
        self.try_ask(ask).unwrap().unwrap_err()
    }

    fn answer(&mut self, ask: &Ask<'_>) -> Told {
        self.try_ask(ask).unwrap().unwrap()
    }

    /// Publishes, without telling the park.
    fn publish(&mut self, topic: &str) {
        self.hub.publish(topic, "", 10, None, self.now).unwrap();
    }

    fn publish_all(&mut self, topics: &[&str]) {
        topics.iter().for_each(|topic| self.publish(topic));
    }

    /// Passes on whom the hub names.
    fn pass_on(&mut self) {
        while let Some(reader) = self.hub.next_ready() {
            assert!(self.park.woken(reader, &mut self.hub));
        }
    }

    fn next(&mut self) -> Option<(Vec<HoldId>, Told)> {
        let answered = self.park.next_answer(&mut self.hub, self.now)?;
        Some((answered.holds.to_vec(), told(&answered.answer)))
    }

    fn all(&mut self) -> Vec<(Vec<HoldId>, Told)> {
        let all = std::iter::from_fn(|| self.next()).collect();
        assert!(self.park.deadline().is_none_or(|deadline| deadline > self.now));
        all
    }

    /// Each answer's edition, and for how many polls it is.
    fn editions(&mut self) -> Vec<(u64, usize)> {
        let Self { park, hub, now, .. } = self;
        let next = || park.next_answer(hub, *now).map(|it| (it.edition, it.holds.len()));
        std::iter::from_fn(next).collect()
    }

    /// How long the next answer says to stay away.
    fn next_pause(&mut self) -> Option<Duration> {
        pause(&self.park.next_answer(&mut self.hub, self.now)?.answer)
    }

    /// How long the answer says to stay away that the poll gets at once.
    fn pause_of(&mut self, ask: &Ask<'_>) -> Option<Duration> {
        let Self { park, hub, now, entropy } = self;
        match park.ask(ask, hub, entropy, *now) {
            Ok(Asked::Answer(answer)) => pause(&answer),
            other => panic!("{other:?}"),
        }
    }

    fn wait(&mut self, wait: Duration) {
        self.now += wait;
    }

    /// Nothing is left of any poll.
    fn assert_empty(&self) {
        assert_eq!((self.park.len(), self.park.stats().groups, self.park.deadline()), (0, 0, None));
        assert_eq!(self.hub.subscribers(), 0);
    }
}

fn told(answer: &Answer<'_, &'static str>) -> Told {
    match answer {
        Answer::Events { entries, next, more } => {
            let offsets = entries.clone().map(|record| record.offset).collect();
            Told::Events(offsets, next.offset, *more)
        }
        Answer::Empty { next, why, .. } => Told::Empty(next.offset, *why),
        Answer::Reset(reset) => Told::Reset(reset.reason),
    }
}

fn pause(answer: &Answer<'_, &'static str>) -> Option<Duration> {
    match answer {
        Answer::Empty { poll_after, .. } => *poll_after,
        Answer::Events { .. } | Answer::Reset(_) => None,
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn after<'a>(topics: &'a [&'a str], offset: u64) -> Ask<'a> {
    Ask::new(topics, Start::After(Cursor { epoch: 5, offset }))
}

fn of_client(id: u64, seq: u64) -> Ask<'static> {
    Ask { client: Some(Client { id, seq }), ..Ask::new(&["a"], Start::Now) }
}
