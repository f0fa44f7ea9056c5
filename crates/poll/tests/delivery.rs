//! How long an event takes from the log to a client over a network with one latency, and what a client
//! costs that cannot keep up.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Config, Cursor, Hub, Start};
use tidewire_poll::{
    Answer, Ask, Asked, Park, ParkConfig, PollRequest, Poller, PollerConfig, ResponseHead, Verdict,
};

/// How long anything takes from one side to the other.
const TRANSIT: Duration = Duration::from_millis(10);
const STEP: Duration = Duration::from_millis(1);

/// A server with its log, a client, and what is between them.
struct World {
    hub: Hub<Instant>,
    park: Park,
    poller: Poller,
    entropy: Entropy,
    now: Instant,
    /// The poll on its way and when it arrives.
    asked: Option<(PollRequest, Instant)>,
    /// The answer on its way and when it arrives.
    answered: Option<(Batch, Instant)>,
    polls: usize,
    /// How long each event took.
    took: Vec<Duration>,
}

/// An answer: when its events were published, and where the log goes on.
type Batch = (Vec<Instant>, Cursor, bool);

impl World {
    fn new() -> Self {
        let entropy = || Entropy::new(|bytes| bytes.fill(90));
        let now = Instant::ORIGIN;
        Self {
            hub: Hub::new(Config::default(), 5),
            park: Park::new(ParkConfig::default()),
            poller: Poller::new(PollerConfig::default(), entropy(), now),
            entropy: entropy(),
            now,
            asked: None,
            answered: None,
            polls: 0,
            took: Vec::new(),
        }
    }

    /// Lets a step of time pass.
    fn step(&mut self) {
        self.now += STEP;
        if let Some(batch) = self.answered.take_if(|(_, arrives)| *arrives <= self.now) {
            self.take(batch.0);
        }
        if let Some(ask) = self.poller.next_ask(self.now) {
            self.polls += 1;
            self.asked = Some((ask, self.now + TRANSIT));
        }
        if let Some((ask, _)) = self.asked.take_if(|(_, arrives)| *arrives <= self.now) {
            let ask = Ask { wait: ask.wait, ..Ask::new(&["a"], ask.after) };
            let asked = self.park.ask(&ask, &mut self.hub, &mut self.entropy, self.now);
            if let Asked::Answer(answer) = asked.unwrap() {
                self.answered = Some((batch(answer), self.now + TRANSIT));
            }
        }
        while let Some(reader) = self.hub.next_ready() {
            self.park.woken(reader, &mut self.hub);
        }
        if let Some(answered) = self.park.next_answer(&mut self.hub, self.now) {
            self.answered = Some((batch(answered.answer), self.now + TRANSIT));
        }
    }

    fn take(&mut self, (published, next, more): Batch) {
        let head = ResponseHead::new(200, [("Content-Type", "application/json")]);
        assert_eq!(self.poller.on_response(&head, self.now), Verdict::ReadBody);
        self.took.extend(published.iter().map(|at| self.now.saturating_duration_since(*at)));
        self.poller.delivered(next, more, None, self.now);
    }

    fn publish(&mut self) {
        self.hub.publish("a", self.now, 100, None, self.now).unwrap();
    }

    fn run(&mut self, steps: usize) {
        (0..steps).for_each(|_| self.step());
    }
}

fn batch(answer: Answer<'_, Instant>) -> Batch {
    match answer {
        Answer::Events { entries, next, more } => {
            (entries.map(|record| record.item).collect(), next, more)
        }
        Answer::Empty { next, .. } => (Vec::new(), next, false),
        Answer::Reset(reset) => panic!("{reset:?}"),
    }
}

#[test]
fn r2_an_event_takes_one_transit_and_never_more_than_three() {
    // A step of the simulation stands for each hop's own work.
    let steps = 3 * STEP;
    for pause in 1..100 {
        let mut world = World::new();
        world.run(100);
        assert_ne!(world.poller.start(), Start::Now);
        for _ in 0..2 {
            world.publish();
            world.run(pause);
        }
        world.run(200);
        assert_eq!(world.took.len(), 2);
        assert!(world.took[0] <= TRANSIT + steps, "{pause} ms: {:?}", world.took);
        assert!(world.took[1] <= 3 * TRANSIT + steps, "{pause} ms: {:?}", world.took);
        if pause > 25 {
            assert!(world.took[1] <= TRANSIT + steps, "{pause} ms: {:?}", world.took);
        }
    }
}

#[test]
fn r5_b55_the_faster_the_events_the_larger_the_batches_and_the_rate_stays() {
    let mut polls = Vec::new();
    for events_per_step in [1, 2, 10] {
        let mut world = World::new();
        world.run(100);
        world.polls = 0;
        for _ in 0..2_000 {
            (0..events_per_step).for_each(|_| world.publish());
            world.step();
        }
        world.run(5_000);
        assert_eq!(world.took.len(), 2_000 * events_per_step, "all arrive");
        polls.push(world.polls);
    }
    // In two seconds at most one in 50 ms, and the last events'.
    println!("polls for 1, 2 and 10 events a millisecond: {polls:?}");
    assert!(polls[..2].iter().all(|&polls| (38..=44).contains(&polls)), "{polls:?}");
    // Of ten a millisecond not all fit in; the rest is fetched at the same rate.
    assert!(polls[2] <= 20_000 / 256 + 10, "{polls:?}");
}
