//! Who comes late: reading what the log keeps of a topic, from its beginning, beside looking at each event.

use std::collections::VecDeque;
use std::hint::black_box;

use bytes::Bytes;
use tidewire::core::Instant;
use tidewire::hub::{Batch, Hub, Read, Start};

use super::EVENT;
use crate::sheet::{Rank, Sheet};
use crate::stopwatch::busy;

pub(crate) fn sheets(title: &str, rounds: usize) -> Vec<Sheet> {
    let mut sparse = Sheet::new(format!("{title}: 10 among"), &EVENTS, SPARSE);
    let mut dense = Sheet::new(format!("{title}: all of"), &EVENTS, DENSE);
    for events in EVENTS {
        let mut hub = Hub::new(tidewire::hub::Config::default(), 7);
        let mut scanned = VecDeque::new();
        for number in 0..events {
            let topic = if number % events.div_ceil(MATCHES) == 0 { "rare" } else { "common" };
            let event = Bytes::from_static(&EVENT);
            hub.publish(topic, event.clone(), EVENT.len(), None, Instant::ORIGIN)
                .expect("within the limits");
            scanned.push_back((topic, event));
        }
        let all = &["rare", "common"];
        let rare = &all[..1];
        let rare_count = scanned.iter().filter(|(topic, _)| *topic == "rare").count();
        for _ in 0..rounds {
            let caught_up = || {
                (0..TIMES).for_each(|_| assert_eq!(read(&mut hub, rare), rare_count));
            };
            sparse.add("Hub", Rank::Fastest, events, busy(caught_up), TIMES * rare_count);
            let looked_through = || {
                let found = scanned.iter().filter(|(topic, _)| *topic == "rare");
                found.for_each(|(_, event)| _ = black_box(event.clone()));
            };
            sparse.add("look at each event", Rank::Peer, events, busy(looked_through), rare_count);
            let caught_up = || assert_eq!(read(&mut hub, all), events);
            dense.add("Hub, two topics", Rank::Aside, events, busy(caught_up), events);
        }
    }
    vec![sparse, dense]
}

/// Subscribes from the oldest event, reads until there is no more, and leaves. Returns how many there were.
fn read(hub: &mut Hub<Bytes>, topics: &[&str]) -> usize {
    let subscribed = hub.subscribe(topics, Start::Oldest, Instant::ORIGIN);
    let (reader, _) = subscribed.expect("within the limits");
    let mut count = 0;
    while let Read::Entries { entries, .. } = hub.read(reader, Batch::default()) {
        for record in entries {
            black_box(record.item.clone());
            count += 1;
        }
    }
    hub.unsubscribe(reader);
    count
}

const EVENTS: [usize; 2] = [4_096, 65_536];
const MATCHES: usize = 10;
/// How often the few are read in a round.
const TIMES: usize = 100;
const SPARSE: &str = "Subscribe from the oldest event, read the few of the topic, wait, unsubscribe: for each of \
    the few.\n  The other compares the topic of each event and clones those that match.";
const DENSE: &str = "The same for all events of two topics, in batches of 256.";
