//! The park against a naive model: each held poll by itself, beside a list of all events.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Batch, Config, Cursor, Hub, Start};
use tidewire_poll::{Answer, Ask, Asked, Client, HoldId, Park, ParkConfig, Refused, Why};

const EPOCH: u64 = 5;
const TOPICS: [&str; 3] = ["a", "b", "c"];
const MAX_EVENTS: u64 = 6;
const MAX_HOLDS: usize = 8;

#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    Ask { topics: Vec<usize>, back: u64, wait: u64, events: usize, client: Option<(u64, u64)> },
    Cancel(prop::sample::Index),
    PassOn,
    Answer(usize),
    Advance(u64),
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let topics = prop::collection::vec(0..TOPICS.len(), 1..3);
    let client = prop::option::of((0..3_u64, 0..5_u64));
    let wait = prop_oneof![1 => Just(0), 4 => 1..60_000_u64];
    let back = prop_oneof![3 => Just(0), 1 => 0..10_u64];
    prop_oneof![
        30 => (0..TOPICS.len()).prop_map(Step::Publish),
        50 => (topics, back, wait, 1..4_usize, client).prop_map(
            |(topics, back, wait, events, client)| Step::Ask { topics, back, wait, events, client }
        ),
        10 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        20 => Just(Step::PassOn),
        30 => (0..5_usize).prop_map(Step::Answer),
        20 => (0..20_000_u64).prop_map(Step::Advance),
        1 => Just(Step::Drain),
    ]
}

/// A poll that is held: it was told all there is up to `position`.
#[derive(Clone)]
struct Held {
    topics: Vec<usize>,
    max: Batch,
    position: u64,
    asked: u64,
    wait: u64,
    client: Option<(u64, u64)>,
    superseded: bool,
}

/// The topics of all events, the first being that of offset 1; and who is held.
#[derive(Default)]
struct Model {
    now: u64,
    events: Vec<usize>,
    held: BTreeMap<HoldId, Held>,
    draining: bool,
}

impl Model {
    fn head(&self) -> u64 {
        self.events.len() as u64
    }

    fn floor(&self) -> u64 {
        self.head().saturating_sub(MAX_EVENTS) + 1
    }

    fn matching(&self, topics: &[usize], after: u64) -> Vec<u64> {
        let wanted = |&offset: &u64| topics.contains(&self.events[offset as usize - 1]);
        (after + 1..=self.head()).filter(wanted).collect()
    }

    /// Whether the answer is right for who stands there, and if there is news.
    fn check_news<T>(&self, held: &Held, answer: &Answer<'_, T>) {
        let news = self.matching(&held.topics, held.position);
        match answer {
            Answer::Events { entries, next, more } => {
                let told: Vec<_> = entries.clone().map(|record| record.offset).collect();
                let fitting = &news[..news.len().min(held.max.events)];
                assert_eq!(told, fitting);
                assert!(!told.is_empty() && told[0] >= self.floor());
                assert_eq!(*more, news.len() > told.len());
                let reached = if *more { told[told.len() - 1] } else { self.head() };
                assert_eq!(next.offset, reached);
            }
            Answer::Reset(reset) => {
                assert!(news[0] < self.floor(), "news were dropped: {reset:?}");
                assert_eq!((reset.floor.offset, reset.head.offset), (self.floor(), self.head()));
            }
            Answer::Empty { next, why, poll_after } => {
                assert_eq!(poll_after.is_some(), *why != Why::Timeout);
                let told = self.matching(&held.topics, held.position);
                assert!(told.iter().all(|&offset| offset > next.offset), "{next:?} skips {told:?}");
                assert!(next.offset >= held.position && next.offset <= self.head());
                let late_enough = self.now + 4 > held.asked + held.wait * 9 / 10;
                match why {
                    Why::Superseded => assert!(held.superseded),
                    Why::Timeout => assert!(late_enough && !held.superseded && told.is_empty()),
                    Why::Drain => assert!(self.draining && !held.superseded && told.is_empty()),
                    Why::Shed => panic!("a held poll is never sent away"),
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn the_park_does_what_each_poll_by_itself_would(
        steps in prop::collection::vec(step(), 1..120),
        fill: u8,
    ) {
        let mut limits = ParkConfig::default();
        (limits.max_holds_per_answer, limits.max_holds) = (2, MAX_HOLDS);
        let mut config = Config::default();
        config.max_events = MAX_EVENTS as usize;
        let (mut park, mut hub) = (Park::new(limits), Hub::new(config, EPOCH));
        let mut entropy = Entropy::new(move |bytes| bytes.fill(fill));
        let mut model = Model::default();
        for step in steps {
            let now = Instant::from_origin(Duration::from_millis(model.now));
            match step {
                Step::Publish(topic) => {
                    hub.publish(TOPICS[topic], (), 1, None, now).unwrap();
                    model.events.push(topic);
                }
                Step::Ask { topics, back, wait, events, client } => {
                    let names: Vec<_> = topics.iter().map(|&topic| TOPICS[topic]).collect();
                    let offset = model.head().saturating_sub(back);
                    let max = Batch { events, bytes: 1_000 };
                    let ask = Ask {
                        wait: Duration::from_millis(wait),
                        max,
                        client: client.map(|(id, seq)| Client { id, seq }),
                        ..Ask::new(&names, Start::After(Cursor { epoch: EPOCH, offset }))
                    };
                    let wait = wait.min(55_000);
                    let (position, asked, superseded) = (offset, model.now, false);
                    let held = Held { topics, max, position, asked, wait, client, superseded };
                    let mut outdated = false;
                    if let Some((id, seq)) = client {
                        let rival = model.held.values_mut().find(|other| {
                            !other.superseded && other.client.is_some_and(|other| other.0 == id)
                        });
                        if let Some(rival) = rival {
                            outdated = rival.client.unwrap().1 > seq;
                            rival.superseded = !outdated;
                        }
                    }
                    let has_news = !model.matching(&held.topics, offset).is_empty();
                    let expired = offset + 1 < model.floor();
                    match park.ask(&ask, &mut hub, &mut entropy, now) {
                        Ok(Asked::Answer(Answer::Reset(_))) => prop_assert!(expired),
                        Ok(Asked::Answer(answer @ Answer::Events { .. })) => {
                            prop_assert!(!expired);
                            model.check_news(&held, &answer);
                        }
                        Ok(Asked::Answer(Answer::Empty { next, why, poll_after })) => {
                            prop_assert_eq!(poll_after.is_some(), why != Why::Timeout);
                            prop_assert!(!has_news && !expired);
                            prop_assert_eq!(next.offset, model.head());
                            let expected = match () {
                                () if outdated => Why::Superseded,
                                () if model.draining => Why::Drain,
                                () => Why::Timeout,
                            };
                            prop_assert_eq!(why, expected);
                            prop_assert!(why != Why::Timeout || wait == 0);
                        }
                        Ok(Asked::Held(id)) => {
                            prop_assert!(!has_news && !expired && !outdated && wait > 0);
                            let held = Held { position: model.head(), ..held };
                            prop_assert!(model.held.insert(id, held).is_none());
                        }
                        Err(refused) => {
                            let full = matches!(refused, Refused::Full { .. });
                            let waiting = model.held.values().filter(|held| !held.superseded);
                            prop_assert!(full && waiting.count() == MAX_HOLDS);
                        }
                    }
                }
                Step::Cancel(which) => {
                    let ids: Vec<_> = model.held.keys().copied().collect();
                    if !ids.is_empty() {
                        let id = ids[which.index(ids.len())];
                        model.held.remove(&id);
                        prop_assert!(park.cancel(id, &mut hub));
                        prop_assert!(!park.cancel(id, &mut hub));
                    }
                }
                Step::PassOn => {
                    while let Some(reader) = hub.next_ready() {
                        park.woken(reader, &mut hub);
                    }
                }
                Step::Answer(times) => {
                    for _ in 0..times {
                        let Some(answered) = park.next_answer(&mut hub, now) else {
                            prop_assert!(park.deadline().is_none_or(|deadline| deadline > now));
                            let late = |held: &Held| held.asked + held.wait < model.now;
                            prop_assert!(!model.held.values().any(late));
                            prop_assert!(!model.held.values().any(|held| held.superseded));
                            break;
                        };
                        prop_assert!((1..=2).contains(&answered.holds.len()));
                        for id in answered.holds {
                            let held = model.held.remove(id).expect("it is held");
                            model.check_news(&held, &answered.answer);
                        }
                    }
                }
                Step::Advance(millis) => model.now += millis,
                Step::Drain => {
                    park.drain(&mut entropy, now);
                    model.draining = true;
                }
            }
            prop_assert_eq!(park.len(), model.held.len());
        }
        for &id in model.held.keys() {
            prop_assert!(park.cancel(id, &mut hub));
        }
        prop_assert_eq!((park.len(), park.groups(), park.deadline()), (0, 0, None));
        prop_assert_eq!(hub.subscribers(), 0);
    }
}
