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
const MAX_AGE: u64 = 30_000;
const MAX_HOLDS: usize = 8;
const MAX_HOLDS_PER_PEER: usize = 3;

#[derive(Clone, Debug)]
struct Poll {
    topics: Vec<usize>,
    back: u64,
    wait: u64,
    events: usize,
    client: Option<(u64, u64)>,
    peer: Option<u64>,
}

#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    Ask(Poll),
    Cancel(prop::sample::Index),
    PassOn,
    Answer(usize),
    Advance(u64),
    Rewind(u64),
    Trim,
    Drain,
}

fn step() -> impl Strategy<Value = Step> {
    let topics = prop::collection::vec(0..TOPICS.len(), 1..3);
    let client = prop::option::of((0..3_u64, 0..5_u64));
    let wait = prop_oneof![1 => Just(0), 4 => 1..60_000_u64];
    let back = prop_oneof![3 => Just(0), 1 => 0..10_u64];
    prop_oneof![
        30 => (0..TOPICS.len()).prop_map(Step::Publish),
        50 => (topics, back, wait, 1..4_usize, client, prop::option::of(0..2_u64)).prop_map(
            |(topics, back, wait, events, client, peer)| {
                Step::Ask(Poll { topics, back, wait, events, client, peer })
            }
        ),
        10 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        20 => Just(Step::PassOn),
        30 => (0..5_usize).prop_map(Step::Answer),
        20 => (0..20_000_u64).prop_map(Step::Advance),
        2 => (0..20_000_u64).prop_map(Step::Rewind),
        2 => Just(Step::Trim),
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
    peer: Option<u64>,
    superseded: bool,
    /// When nobody was left to be answered although it has news, at the latest.
    lingers_since: Option<u64>,
}

/// The topics of all events and when they came, the first being that of offset 1; and who is held.
#[derive(Default)]
struct Model {
    now: u64,
    /// Before it ran backwards.
    latest: u64,
    linger: u64,
    shed_above: usize,
    /// When the place of who was sent away is vacant again.
    shed_until: u64,
    events: Vec<(usize, u64)>,
    floor: u64,
    held: BTreeMap<HoldId, Held>,
    draining: bool,
    /// Whether all whom the hub had named were passed on, and nothing was published since.
    passed_on: bool,
}

impl Model {
    fn head(&self) -> u64 {
        self.events.len() as u64
    }

    fn floor(&self) -> u64 {
        self.floor + 1
    }

    /// Drops what is too old or too much, if so many events more are to have room.
    fn trim(&mut self, more: u64) {
        let is_kept = |model: &Self| {
            let &(_, at) = &model.events[model.floor as usize];
            model.head() - model.floor + more <= MAX_EVENTS && model.now < at + MAX_AGE
        };
        while self.floor < self.head() && !is_kept(self) {
            self.floor += 1;
        }
    }

    fn publish(&mut self, topic: usize) {
        self.trim(1);
        self.events.push((topic, self.now));
        self.passed_on = false;
    }

    /// The polls that take a place.
    fn waiting(&self) -> impl Iterator<Item = &Held> {
        self.held.values().filter(|held| !held.superseded)
    }

    /// Lets an earlier poll of the client go; whether there is a later one.
    fn supersede(&mut self, client: Option<(u64, u64)>) -> bool {
        let Some((id, seq)) = client else { return false };
        let same = |other: &&mut Held| other.client.is_some_and(|other| other.0 == id);
        let rival = self.held.values_mut().filter(|other| !other.superseded).find(same);
        let Some(rival) = rival else { return false };
        rival.superseded = rival.client.is_some_and(|held| held.1 <= seq);
        !rival.superseded
    }

    /// Nobody is to be answered now: nobody is overdue, and who has news lingers with them.
    fn check_quiet(&mut self) {
        assert!(!self.held.values().any(|held| held.superseded));
        let (now, latest, linger, passed_on) = (self.now, self.latest, self.linger, self.passed_on);
        let has_news: Vec<usize> = self
            .held
            .values()
            .map(|held| self.matching(&held.topics, held.position).len())
            .collect();
        for (held, news) in self.held.values_mut().zip(has_news) {
            assert!(held.asked + held.wait >= now);
            if news > 0 && passed_on {
                assert!(linger > 0 && news < held.max.events);
                let since = *held.lingers_since.get_or_insert(latest);
                assert!(now < since + linger, "it lingers since {since}");
            }
        }
    }

    fn matching(&self, topics: &[usize], after: u64) -> Vec<u64> {
        let wanted = |&offset: &u64| topics.contains(&self.events[offset as usize - 1].0);
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
                    Why::Closed | Why::Revoked => panic!("nothing was closed or revoked"),
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn b37_the_park_does_what_each_poll_by_itself_would(
        steps in prop::collection::vec(step(), 1..120),
        linger in prop_oneof![Just(0), 1..5_000_u64],
        shed_above in MAX_HOLDS - 1..=MAX_HOLDS,
        fill: u8,
    ) {
        let mut limits = ParkConfig::default();
        (limits.max_holds_per_answer, limits.max_holds) = (2, MAX_HOLDS);
        (limits.shed_above, limits.max_holds_per_peer) = (shed_above, MAX_HOLDS_PER_PEER);
        limits.comeback_polls_per_second = 1;
        limits.linger = Duration::from_millis(linger);
        let mut config = Config::default();
        config.max_events = MAX_EVENTS as usize;
        config.max_age = Some(Duration::from_millis(MAX_AGE));
        let (mut park, mut hub) = (Park::new(limits), Hub::new(config, EPOCH));
        let mut entropy = Entropy::new(move |bytes| bytes.fill(fill));
        let mut model = Model { linger, shed_above, ..Model::default() };
        let mut editions = BTreeMap::new();
        for step in steps {
            let now = Instant::from_origin(Duration::from_millis(model.now));
            match step {
                Step::Publish(topic) => {
                    hub.publish(TOPICS[topic], (), 1, None, now).unwrap();
                    model.publish(topic);
                }
                Step::Ask(poll) => ask(poll, &mut model, &mut park, &mut hub, &mut entropy, now),
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
                        prop_assert!(park.woken(reader, &mut hub));
                    }
                    model.passed_on = true;
                }
                Step::Answer(times) => {
                    for _ in 0..times {
                        let Some(answered) = park.next_answer(&mut hub, now) else {
                            prop_assert!(park.deadline().is_none_or(|deadline| deadline > now));
                            model.check_quiet();
                            break;
                        };
                        prop_assert!((1..=2).contains(&answered.holds.len()));
                        let told = format!("{:?}", answered.answer);
                        let edition = editions.entry(answered.edition).or_insert(told.clone());
                        prop_assert_eq!(edition, &told);
                        for id in answered.holds {
                            let held = model.held.remove(id).expect("it is held");
                            model.check_news(&held, &answered.answer);
                        }
                    }
                }
                Step::Advance(millis) => {
                    model.now += millis;
                    model.latest = model.latest.max(model.now);
                }
                Step::Rewind(millis) => model.now = model.now.saturating_sub(millis),
                Step::Trim => {
                    hub.trim(now);
                    model.trim(0);
                }
                Step::Drain => {
                    park.drain(&mut entropy, now);
                    model.draining = true;
                }
            }
            prop_assert_eq!(hub.floor().offset, model.floor());
            let stats = park.stats();
            prop_assert_eq!((park.len(), stats.holds), (model.held.len(), model.waiting().count()));
            let clients = model.waiting().filter(|held| held.client.is_some()).count();
            prop_assert_eq!(stats.clients, clients);
        }
        for &id in model.held.keys() {
            prop_assert!(park.cancel(id, &mut hub));
        }
        prop_assert_eq!((park.len(), park.stats().groups, park.deadline()), (0, 0, None));
        prop_assert_eq!((hub.subscribers(), park.stats().peers), (0, 0));
    }
}

/// Asks both the park and the model, and compares what becomes of the poll.
fn ask(
    poll: Poll,
    model: &mut Model,
    park: &mut Park,
    hub: &mut Hub<()>,
    entropy: &mut Entropy,
    now: Instant,
) {
    let Poll { topics, back, wait, events, client, peer } = poll;
    let names: Vec<_> = topics.iter().map(|&topic| TOPICS[topic]).collect();
    let offset = model.head().saturating_sub(back);
    let max = Batch { events, bytes: 1_000 };
    let ask = Ask {
        wait: Duration::from_millis(wait),
        max,
        client: client.map(|(id, seq)| Client { id, seq }),
        peer,
        ..Ask::new(&names, Start::After(Cursor { epoch: EPOCH, offset }))
    };
    let wait = if wait == 0 { 0 } else { wait.clamp(1_000, 55_000) };
    assert_eq!(park.wait(ask.wait), Duration::from_millis(wait));
    model.trim(0);
    let outdated = model.supersede(client);
    let news = model.matching(&topics, offset);
    let expired = offset + 1 < model.floor();
    let (waiting, of_peer) = (
        model.waiting().count(),
        model.waiting().filter(|held| peer.is_some() && held.peer == peer).count(),
    );
    let (asked, superseded, lingers_since) = (model.now, false, None);
    let places = model.shed_above..MAX_HOLDS;
    let may_shed = places.contains(&waiting) && model.shed_until <= model.now;
    let position = offset;
    let held = Held { topics, max, position, asked, wait, client, peer, superseded, lingers_since };
    match park.ask(&ask, hub, entropy, now) {
        Ok(Asked::Answer(Answer::Reset(_))) => assert!(expired),
        Ok(Asked::Answer(answer @ Answer::Events { .. })) => {
            assert!(!expired);
            model.check_news(&held, &answer);
        }
        Ok(Asked::Answer(Answer::Empty { next, why, poll_after })) => {
            assert_eq!(poll_after.is_some(), why != Why::Timeout);
            assert!(news.is_empty() && !expired);
            assert_eq!(next.offset, model.head());
            let expected = match () {
                () if outdated => Why::Superseded,
                () if model.draining => Why::Drain,
                () if wait == 0 => Why::Timeout,
                () => Why::Shed,
            };
            assert_eq!(why, expected);
            if why == Why::Shed {
                assert!(may_shed);
                model.shed_until = model.now + 1_000;
            }
        }
        Ok(Asked::Held(id)) => {
            assert!(news.is_empty() && !expired && !outdated && wait > 0 && !model.draining);
            assert!(waiting < model.shed_above && of_peer < MAX_HOLDS_PER_PEER);
            let held = Held { position: model.head(), ..held };
            assert!(model.held.insert(id, held).is_none());
        }
        Err(refused) => {
            assert!(news.is_empty() && !expired && !outdated && wait > 0 && !model.draining);
            match refused {
                Refused::Full { .. } => assert!(waiting >= model.shed_above && !may_shed),
                Refused::PeerFull { .. } => assert!(of_peer >= MAX_HOLDS_PER_PEER),
                other => panic!("{other:?}"),
            }
        }
    }
}
