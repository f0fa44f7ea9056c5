//! A park, its hub, and a crowd that polls. What happens to it is the other files' business.

use std::hint::black_box;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use tidewire::core::{Entropy, Instant};
use tidewire::hub::{Config, Hub, Start};
use tidewire::poll::{Ask, Asked, Client, HoldId, Park, ParkConfig};

use super::life::Queue;
use super::load::{END, Stay, WAIT, fill_from};
use super::queues::remember;

pub(crate) struct Crowd {
    pub(crate) park: Park,
    pub(crate) hub: Hub<Bytes>,
    entropy: Entropy,
    topics: Vec<String>,
    /// As whoever read the request found it.
    start: Start,
    makeup: Makeup,
    holds: Vec<HoldId>,
}

/// How the polls of a crowd differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Makeup {
    /// They ask for so many topics, each for one.
    pub(crate) topics: Topics,
    /// They ask for at most so many different numbers of events, so that as many answers are made.
    pub(crate) limits: usize,
    pub(crate) names: Names,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topics {
    Shared(usize),
    /// As many as polls.
    Own,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// They say nothing of themselves.
    Anonymous,
    /// Each names its client.
    Client,
    /// Each names its client; so many count against one peer.
    ClientAndPeer(u32),
}

impl Makeup {
    /// What leads a life beside the other queues.
    pub(crate) const ALL: [(&str, Self); 5] = [
        ("Park, one topic, unnamed", Self::new(Topics::Shared(1), Names::Anonymous)),
        ("Park, 1,000 topics, unnamed", Self::new(Topics::Shared(1_000), Names::Anonymous)),
        ("Park, one topic, client", Self::new(Topics::Shared(1), Names::Client)),
        ("Park, one topic, client, peer", Self::new(Topics::Shared(1), Names::ClientAndPeer(1))),
        (
            "Park, 1,000 topics, client, peer",
            Self::new(Topics::Shared(1_000), Names::ClientAndPeer(1)),
        ),
    ];

    pub(crate) const fn new(topics: Topics, names: Names) -> Self {
        Self { topics, limits: 1, names }
    }
}

impl Crowd {
    /// Nobody is there yet of the crowd of `len`, whose topics and place are taken beforehand.
    pub(crate) fn new(makeup: Makeup, len: usize) -> Self {
        let mut hub = Config::default();
        hub.max_subscribers = usize::MAX;
        let mut park = ParkConfig::default();
        (park.max_holds, park.shed_above) = (usize::MAX, usize::MAX);
        let mut random = SmallRng::seed_from_u64(9);
        let topics = match makeup.topics {
            Topics::Shared(topics) => topics,
            Topics::Own => len,
        };
        Self {
            park: Park::new(park),
            hub: Hub::new(hub, 7),
            entropy: Entropy::new(move |bytes| fill_from(&mut random, bytes)),
            topics: (0..topics).map(|topic| format!("topic-{topic:07}")).collect(),
            start: black_box(Start::Now),
            makeup,
            holds: Vec::with_capacity(len),
        }
    }

    /// The name of the first topic.
    pub(crate) fn topic(&self) -> &str {
        &self.topics[0]
    }
}

impl Queue for Crowd {
    #[inline]
    fn hold(&mut self, who: u32, stay: Stay) {
        let Self { park, hub, entropy, topics, start, makeup, holds } = self;
        let number = who as usize;
        let topics = [topics[number % topics.len()].as_str()];
        let mut ask = Ask { wait: WAIT, ..Ask::new(&topics, *start) };
        ask.max.events -= number % makeup.limits;
        let id = u64::from(who).wrapping_mul(ODD);
        (ask.client, ask.peer) = match makeup.names {
            Names::Anonymous => (None, None),
            Names::Client => (Some(Client { id, seq: 1 }), None),
            Names::ClientAndPeer(polls) => {
                (Some(Client { id, seq: 1 }), Some(u64::from(who / polls).wrapping_mul(ODD)))
            }
        };
        let Ok(Asked::Held(hold)) = park.ask(&ask, hub, entropy, stay.from) else {
            unreachable!("there is room, and no news");
        };
        remember(holds, who, hold);
    }

    #[inline]
    fn cancel(&mut self, who: u32) {
        assert!(self.park.cancel(self.holds[who as usize], &mut self.hub), "it is held");
    }

    fn expire(&mut self) -> usize {
        let mut count = 0;
        while let Some(answered) = self.park.next_answer(&mut self.hub, END) {
            count += black_box(answered.holds).len();
        }
        count
    }
}

/// Who comes now and waits.
pub(crate) const NOW: Stay = Stay { from: Instant::ORIGIN, until: END };

/// Names in a row become names all over the place, as hashes are.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
