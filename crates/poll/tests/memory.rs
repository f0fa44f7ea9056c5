//! What held polls cost, counted at the allocator, against what their limits promise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::time::Duration;

use allocation_counter::measure;
use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Config, Hub, Start};
use tidewire_poll::{Ask, Asked, Client, HoldId, Park, ParkConfig};

/// Many polls, each from a client of its own, in so many sets of one topic.
struct Crowd {
    park: Park,
    hub: Hub<()>,
    entropy: Entropy,
    now: Instant,
    topics: Vec<String>,
    polls_of_a_peer: u64,
}

impl Crowd {
    fn new(sets: usize, polls_of_a_peer: u64) -> Self {
        let mut config = ParkConfig::default();
        config.shed_above = config.max_holds;
        Self {
            park: Park::new(config),
            hub: Hub::new(Config::default(), 1),
            entropy: Entropy::new(|bytes| bytes.fill(77)),
            now: Instant::ORIGIN,
            topics: (0..sets).map(|set| format!("{set:04}")).collect(),
            polls_of_a_peer,
        }
    }

    fn hold(&mut self, number: u64) -> HoldId {
        let topics = [self.topics[number as usize % self.topics.len()].as_str()];
        let client = Some(Client { id: number, seq: 1 });
        let peer = number.checked_div(self.polls_of_a_peer);
        let ask = Ask { client, peer, ..Ask::new(&topics, Start::Now) };
        match self.park.ask(&ask, &mut self.hub, &mut self.entropy, self.now) {
            Ok(Asked::Held(id)) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Holds so many polls, and returns the bytes that they take.
    fn fill(&mut self, polls: u64) -> u64 {
        let used = measure(|| {
            for number in 0..polls {
                self.hold(number);
            }
        });
        assert_eq!(self.park.len() as u64, polls);
        used.bytes_current as u64
    }
}

/// Just before their tables would grow, and right after.
#[test]
fn b54_held_polls_take_what_is_documented() {
    let (most, poll, client, peer) = (131_072, 56, 6, 13);
    assert_eq!(ParkConfig::default().max_holds as u64, most);
    for polls in [most / 8 * 7, most / 2 + 1, most] {
        let shared = Crowd::new(1, 128).fill(polls) / polls;
        let apart = Crowd::new(1, 1).fill(polls) / polls;
        assert!(shared <= 2 * (poll + client) + 1, "{shared} bytes a poll");
        assert!(apart <= 2 * (poll + client + peer), "{apart} bytes a poll of a peer of its own");
    }
    assert_eq!(Crowd::new(1, 0).fill(most) / most, poll + 2 * (client - 1));
}

#[test]
fn b54_sets_of_topics_take_what_is_documented() {
    let (polls, sets) = (16_384, 4_096);
    let more = Crowd::new(sets, 0).fill(polls) - Crowd::new(1, 0).fill(polls);
    let set = more / sets as u64;
    assert!(set <= 500, "{set} bytes a set of topics");
}

/// A set of topics in which a poll stays takes no room for those that were held for it once.
#[test]
fn b54_sets_of_topics_that_a_crowd_walks_over_take_what_is_documented() {
    const SETS: u64 = 32;
    const POLLS: u64 = 5_000;
    let walk = |sets: u64| {
        let used = measure(|| {
            let mut crowd = Crowd::new(SETS as usize, 0);
            for set in 0..SETS {
                crowd.hold(set);
            }
            for set in 0..sets {
                let crowd_of_set = (1..=POLLS).map(|number| crowd.hold(set + number * SETS));
                for hold in crowd_of_set.collect::<Vec<_>>() {
                    assert!(crowd.park.cancel(hold, &mut crowd.hub));
                }
            }
            std::mem::forget(crowd);
        });
        used.bytes_current as u64
    };
    let (one, all) = (walk(1), walk(SETS));
    // The table of clients may have grown meanwhile.
    assert!(all <= one + 2 * 6 * POLLS + 64 * SETS, "{all} bytes, of one set {one}");
}

/// Once a crowd was held, holding and cancelling one as large takes no memory, and ending it next to
/// none.
#[test]
fn b30_in_a_park_that_was_full_once_nothing_allocates() {
    for polls in [1_000, 10_000] {
        let mut crowd = Crowd::new(1, 0);
        let stays = crowd.hold(0);
        let mut holds: Vec<HoldId> = (1..polls).map(|number| crowd.hold(number)).collect();
        let used = measure(|| {
            for (number, hold) in (1..).zip(&mut holds) {
                assert!(crowd.park.cancel(*hold, &mut crowd.hub));
                *hold = crowd.hold(number);
            }
        });
        assert_eq!(used.count_total, 0, "{polls} polls");
        assert!(crowd.park.cancel(stays, &mut crowd.hub));
        crowd.now += Duration::from_secs(60);
        let mut answers = 0;
        let mut take = || {
            let Crowd { park, hub, now, .. } = &mut crowd;
            while park.next_answer(hub, *now).is_some() {
                answers += 1;
            }
        };
        // The first answer's list of polls grows, and the timers' of what they may use again; the set's
        // shrinks.
        let used = measure(&mut take);
        assert!(used.count_total <= 24, "{} allocations", used.count_total);
        assert_eq!(answers, polls.div_ceil(1_024).max(1));
    }
}
