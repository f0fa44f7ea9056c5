//! A client that changes between the ways to read one log, with the cursor all that it keeps.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::time::Duration;

use proptest::prelude::*;
use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Batch, Config, Cursor, Entries, Hub, Read, Start};
use tidewire_poll::{Answer, Ask, Asked, Park, ParkConfig};

#[derive(Clone, Debug)]
enum Step {
    Publish(usize),
    /// As an event stream or a WebSocket would, so many reads long.
    Stream(usize),
    LongPoll,
    IntervalPoll,
    /// The answer is lost on the way: nothing of it is taken.
    LostPoll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..TOPICS.len()).prop_map(Step::Publish),
        1 => (1..4_usize).prop_map(Step::Stream),
        1 => Just(Step::LongPoll),
        1 => Just(Step::IntervalPoll),
        1 => Just(Step::LostPoll),
    ]
}

/// What the client has taken, and where it stands.
struct Client {
    taken: Vec<u64>,
    cursor: Cursor,
}

impl Client {
    fn take(&mut self, entries: Entries<'_, ()>, next: Cursor) {
        self.taken.extend(entries.map(|record| record.offset));
        self.cursor = next;
    }

    fn take_answer(&mut self, answer: Answer<'_, ()>) {
        match answer {
            Answer::Events { entries, next, .. } => self.take(entries, next),
            Answer::Empty { next, .. } => self.cursor = next,
            Answer::Reset(reset) => panic!("nothing was dropped: {reset:?}"),
        }
    }
}

const TOPICS: [&str; 3] = ["mine", "also mine", "other"];
const MINE: &[&str] = &["mine", "also mine"];
const MAX: Batch = Batch { events: 2, bytes: 100 };

proptest! {
    #[test]
    fn b66_a_switch_of_transport_neither_loses_nor_repeats_an_event(
        steps in prop::collection::vec(step(), 1..100),
    ) {
        let (mut park, mut hub) =
            (Park::new(ParkConfig::default()), Hub::new(Config::default(), 1));
        let mut entropy = Entropy::new(|bytes| bytes.fill(90));
        let mut now = Instant::ORIGIN;
        let mut published = Vec::new();
        let mut client = Client { taken: Vec::new(), cursor: hub.head() };
        for step in steps.into_iter().chain([Step::Stream(usize::MAX)]) {
            let start = Start::After(client.cursor);
            let mut ask = Ask { max: MAX, ..Ask::new(MINE, start) };
            match step {
                Step::Publish(topic) => {
                    let done = hub.publish(TOPICS[topic], (), 1, None, now).unwrap();
                    published.extend((topic < MINE.len()).then_some(done.cursor.offset));
                }
                Step::Stream(reads) => {
                    let (id, _) = hub.subscribe(MINE, start, now).unwrap();
                    for _ in 0..reads {
                        let Read::Entries { entries, next, .. } = hub.read(id, MAX) else { break };
                        client.take(entries, next);
                    }
                    hub.unsubscribe(id);
                }
                Step::LongPoll => match park.ask(&ask, &mut hub, &mut entropy, now).unwrap() {
                    Asked::Answer(answer) => client.take_answer(answer),
                    Asked::Held(hold) => {
                        now += Duration::from_secs(30);
                        let answered = park.next_answer(&mut hub, now).unwrap();
                        prop_assert_eq!(answered.holds, [hold]);
                        client.take_answer(answered.answer);
                    }
                },
                Step::IntervalPoll | Step::LostPoll => {
                    ask.wait = Duration::ZERO;
                    let Ok(Asked::Answer(answer)) = park.ask(&ask, &mut hub, &mut entropy, now)
                    else {
                        panic!("a poll that does not wait is answered")
                    };
                    if matches!(step, Step::IntervalPoll) {
                        client.take_answer(answer);
                    }
                }
            }
        }
        prop_assert_eq!(client.taken, published);
    }
}
