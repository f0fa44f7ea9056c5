//! Presence against a naive model: a list of all who are there, searched from the front.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use proptest::prelude::*;
use tidewire_core::Instant;
use tidewire_hub::{Presence, PresenceChange, PresenceConfig};

const TOPICS: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Step {
    Join(usize, u64),
    Leave(usize, u64),
    NextChange,
    Drain,
    Wait(u64),
    TurnBack(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let place = || (0..TOPICS.len(), 0..3_u64);
    prop_oneof![
        4 => place().prop_map(|(topic, member)| Step::Join(topic, member)),
        4 => place().prop_map(|(topic, member)| Step::Leave(topic, member)),
        2 => Just(Step::NextChange),
        2 => Just(Step::Drain),
        4 => (0..40_u64).prop_map(Step::Wait),
        1 => (0..40_u64).prop_map(Step::TurnBack),
    ]
}

#[derive(Default)]
struct Model {
    members: Vec<Here>,
    joined: VecDeque<(usize, u64)>,
    leaves: u64,
}

struct Here {
    topic: usize,
    member: u64,
    connections: u64,
    /// When the linger ends, in ticks, and how many lingers had begun before.
    goes: (u64, u64),
}

impl Model {
    fn find(&mut self, topic: usize, member: u64) -> Option<&mut Here> {
        self.members.iter_mut().find(|here| (here.topic, here.member) == (topic, member))
    }

    fn join(&mut self, topic: usize, member: u64, limit: usize) -> bool {
        if let Some(here) = self.find(topic, member) {
            here.connections += 1;
            return true;
        }
        if self.members.len() == limit {
            return false;
        }
        self.members.push(Here { topic, member, connections: 1, goes: (0, 0) });
        self.joined.push_back((topic, member));
        true
    }

    fn leave(&mut self, topic: usize, member: u64, end: u64) -> bool {
        let goes = (end / 4, self.leaves);
        let Some(here) = self.find(topic, member).filter(|here| here.connections > 0) else {
            return false;
        };
        here.connections -= 1;
        here.goes = goes;
        self.leaves += 1;
        true
    }

    fn next_change(&mut self, now: u64) -> Option<PresenceChange> {
        if let Some((topic, member)) = self.joined.pop_front() {
            return Some(PresenceChange::Joined { topic: TOPICS[topic].into(), member });
        }
        let lingering = self.members.iter().enumerate().filter(|(_, here)| here.connections == 0);
        let (first, here) = lingering.min_by_key(|(_, here)| here.goes)?;
        if here.goes.0 > now / 4 {
            return None;
        }
        let Here { topic, member, .. } = self.members.remove(first);
        Some(PresenceChange::Left { topic: TOPICS[topic].into(), member })
    }
}

proptest! {
    #[test]
    fn a_presence_is_as_a_naive_model_says(
        steps in prop::collection::vec(step(), 0..200),
        linger in 0..60_u64,
        limit in 1..8_usize,
    ) {
        let mut config = PresenceConfig::default();
        (config.linger, config.max_members) = (Duration::from_millis(linger), limit);
        let (mut presence, mut model) = (Presence::new(config), Model::default());
        let mut told = BTreeSet::new();
        let mut now = 0;
        for step in steps {
            let instant = Instant::from_origin(Duration::from_millis(now));
            let mut calls = 0;
            match step {
                Step::Join(topic, member) => {
                    let taken = presence.join(TOPICS[topic], member).is_ok();
                    prop_assert_eq!(taken, model.join(topic, member, limit));
                }
                Step::Leave(topic, member) => {
                    let left = presence.leave(TOPICS[topic], member, instant);
                    prop_assert_eq!(left, model.leave(topic, member, now + linger));
                }
                Step::NextChange => calls = 1,
                Step::Drain => calls = usize::MAX,
                Step::Wait(millis) => now += millis,
                Step::TurnBack(millis) => now = now.saturating_sub(millis),
            }
            for _ in 0..calls {
                let change = presence.next_change(instant);
                prop_assert_eq!(&change, &model.next_change(now));
                match change {
                    Some(PresenceChange::Joined { topic, member }) => {
                        prop_assert!(told.insert((topic, member)));
                    }
                    Some(PresenceChange::Left { topic, member }) => {
                        prop_assert!(told.remove(&(topic, member)));
                    }
                    None => {
                        prop_assert!(presence.deadline().is_none_or(|deadline| deadline > instant));
                        let here = TOPICS.iter().flat_map(|&topic| {
                            presence.members(topic).map(move |member| (topic.into(), member))
                        });
                        prop_assert_eq!(here.collect::<BTreeSet<_>>(), told.clone());
                        break;
                    }
                }
            }
            prop_assert_eq!(presence.len(), model.members.len());
            for (number, topic) in TOPICS.into_iter().enumerate() {
                let count = model.members.iter().filter(|here| here.topic == number).count();
                prop_assert_eq!(presence.count(topic), count);
            }
        }
    }
}
