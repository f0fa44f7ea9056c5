//! One event for all who wait: until each has its answer in hand. How they came to wait is `crowd`'s
//! business.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use tidewire::core::Instant;
use tidewire::poll::Answer;

use super::crowd::{Crowd, Makeup, NOW, Names, Topics};
use super::life::Queue;
use crate::sheet::{Rank, Sheet, grouped};
use crate::stopwatch::busy;

/// What it took to tell all.
#[derive(Default)]
struct Told {
    took: Duration,
    polls: usize,
    /// How many different answers were encoded.
    encoded: usize,
    /// In how many steps the answers were handed out.
    steps: usize,
}

/// Times and prints; whether all targets hold.
pub(crate) fn run(sizes: &[(usize, usize)], is_named: &impl Fn(&str) -> bool) -> bool {
    let columns: Vec<usize> = sizes.iter().map(|&(size, _)| size).collect();
    let mut sheet = Sheet::new("one event, until all have an answer", &columns, NOTE);
    let anonymous = Makeup::new(Topics::Shared(1), Names::Anonymous);
    let cases = [
        ("wake, one topic", 1, anonymous),
        ("wake, one topic, client", 1, Makeup { names: Names::Client, ..anonymous }),
        (
            "wake, one topic, client, peer",
            1,
            Makeup { names: Names::ClientAndPeer(1), ..anonymous },
        ),
        ("wake, one topic, 10 groups", 10, Makeup { limits: 10, ..anonymous }),
    ];
    for (name, answers, makeup) in cases.into_iter().filter(|(name, ..)| is_named(name)) {
        for &(size, rounds) in sizes {
            let mut crowd = Crowd::new(makeup, size);
            for _ in 0..rounds.div_ceil(2) {
                (0..size as u32).for_each(|who| crowd.hold(who, NOW));
                let told = tell(&mut crowd);
                assert_eq!((told.polls, told.encoded), (size, answers), "{name}");
                sheet.add(name, Rank::Within(250.0), size, told.took, size);
                let (encoded, steps) = (told.encoded, grouped(told.steps));
                sheet.remark(name, format!("encoded {encoded}x, handed out in {steps} steps"));
            }
        }
    }
    sheet.print()
}

fn tell(crowd: &mut Crowd) -> Told {
    let topic = crowd.topic().to_owned();
    let Crowd { park, hub, .. } = crowd;
    // Groups get their answers in turns, so each answer is kept until all have theirs.
    let (mut told, mut encoded) = (Told::default(), BTreeMap::new());
    told.took = busy(|| {
        let event = Bytes::from_static(&[b'x'; 64]);
        hub.publish(&topic, event, 64, None, Instant::ORIGIN).expect("within the limits");
        while let Some(reader) = hub.next_ready() {
            assert!(park.woken(reader, hub), "all readers are the park's");
        }
        while let Some(answered) = park.next_answer(hub, Instant::ORIGIN) {
            let encoded = encoded.entry(answered.edition).or_insert_with(|| {
                let Answer::Events { entries, .. } = answered.answer else {
                    unreachable!("there is news");
                };
                let mut encoded = Vec::new();
                entries.for_each(|record| encoded.extend_from_slice(&record.item));
                encoded
            });
            answered.holds.iter().for_each(|hold| _ = black_box((hold, &encoded)));
            (told.polls, told.steps) = (told.polls + answered.holds.len(), told.steps + 1);
        }
        told.encoded = encoded.len();
    });
    told
}

const NOTE: &str = "Publish, next_ready, woken, and next_answer until there is none; 64 bytes are copied for \
    each different answer.\n  Groups: polls that want different numbers of events, and so get answers of \
    their own. The last column is remarked on.";
