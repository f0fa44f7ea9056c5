//! The laws over what has no bytes of its own: the park that holds polls, the hub that it holds them
//! for, and the poller that asks.

use std::time::Duration;

use allocation_counter::measure;
use proptest::collection::vec;
use proptest::prelude::*;
use tidewire::hub::{Config, Cursor, Hub, Start};
use tidewire::poll::{Ask, Asked, Mode, Park, ParkConfig, Poller, PollerConfig, ResponseHead};
use tidewire_core::Instant;
use tidewire_tests::dice::Dice;

/// Something that happens to a park and its hub.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask { topic: usize, start: u64, wait: u64 },
    Publish { topic: usize },
    Cancel { index: usize },
    Wait { millis: u64 },
    Drain,
}

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];
const AWAY: [(&str, &str); 1] = [("Retry-After", "3")];
const TOPICS: [&str; 3] = ["a", "b", "c"];

fn step() -> impl Strategy<Value = Step> {
    let topic = 0..TOPICS.len();
    prop_oneof![
        4 => (topic.clone(), 0..20_u64, 0..40_u64)
            .prop_map(|(topic, start, wait)| Step::Ask { topic, start, wait }),
        3 => topic.prop_map(|topic| Step::Publish { topic }),
        1 => (0..8_usize).prop_map(|index| Step::Cancel { index }),
        3 => (0..20_000_u64).prop_map(|millis| Step::Wait { millis }),
        1 => Just(Step::Drain),
    ]
}

/// Takes the steps and tells all that comes of them, deadlines included.
fn tell(steps: &[Step]) -> Vec<String> {
    let (mut hub, mut park) = (Hub::new(Config::default(), 7), Park::new(ParkConfig::default()));
    let (mut entropy, mut now) = (Dice::new(5).entropy(), Instant::ORIGIN);
    let (mut held, mut told) = (vec![], vec![]);
    for step in steps {
        match *step {
            Step::Ask { topic, start, wait } => {
                let topics = [TOPICS[topic]];
                let start = Start::After(Cursor { epoch: 7, offset: start });
                let ask = Ask { wait: Duration::from_secs(wait), ..Ask::new(&topics, start) };
                let asked = park.ask(&ask, &mut hub, &mut entropy, now);
                told.push(format!("{asked:?}"));
                held.extend(match asked {
                    Ok(Asked::Held(id)) => Some(id),
                    _ => None,
                });
            }
            Step::Publish { topic } => {
                hub.publish(TOPICS[topic], "item", 4, None, now).unwrap();
            }
            Step::Cancel { index } if index < held.len() => {
                told.push(park.cancel(held.swap_remove(index), &mut hub).to_string());
            }
            Step::Cancel { .. } => {}
            Step::Wait { millis } => now += Duration::from_millis(millis),
            Step::Drain => park.drain(&mut entropy, now),
        }
        while let Some(reader) = hub.next_ready() {
            park.woken(reader, &mut hub);
        }
        while let Some(answered) = park.next_answer(&mut hub, now) {
            told.push(format!("{answered:?}"));
        }
        let deadline = park.deadline();
        assert!(deadline.is_none_or(|at| at > now), "Quiet: at rest at {now:?}, due {deadline:?}");
        assert!(park.is_empty() || deadline.is_some(), "Quiet: held for ever");
        told.push(format!("{deadline:?}"));
    }
    told
}

proptest! {
    #[test]
    fn park_is_quiet_and_replays(steps in vec(step(), 0..60)) {
        prop_assert_eq!(tell(&steps), tell(&steps));
    }

    #[test]
    fn poller_is_quiet_and_replays(steps in vec((0..6_u8, 0..50_000_u64), 0..60), interval: bool) {
        let tell = || {
            let mut config = PollerConfig::default();
            if interval {
                config.mode = Mode::Interval { every: Duration::from_secs(1) };
            }
            let (mut now, mut told) = (Instant::ORIGIN, vec![]);
            let mut poller = Poller::new(config, Dice::new(5).entropy(), now);
            for (index, &(step, millis)) in steps.iter().enumerate() {
                match step {
                    0 => drop(poller.on_response(&ResponseHead::new(200, JSON), now)),
                    1 => drop(poller.on_response(&ResponseHead::new(503, AWAY), now)),
                    2 => {
                        let next = Cursor { epoch: 7, offset: index as u64 };
                        poller.delivered(next, millis % 2 == 0, None, now);
                    }
                    3 => poller.failed(now),
                    _ => now += Duration::from_millis(millis),
                }
                told.extend(poller.next_ask(now).map(|ask| format!("{ask:?}")));
                let deadline = poller.deadline();
                assert!(deadline.is_some_and(|at| at > now), "Quiet: {now:?}, due {deadline:?}");
                told.push(format!("{deadline:?}"));
            }
            told
        };
        prop_assert_eq!(tell(), tell());
    }
}

#[test]
fn hub_and_park_are_bounded_by_their_limits_however_much_is_asked_and_published() {
    let (mut limits, mut config) = (ParkConfig::default(), Config::default());
    (limits.max_holds, limits.shed_above) = (64, 64);
    (config.max_events, config.max_bytes, config.max_keys) = (64, 64 * 1024, 64);
    let used = measure(|| {
        let (mut hub, mut park) = (Hub::new(config.clone(), 7), Park::new(limits.clone()));
        let mut entropy = Dice::new(5).entropy();
        for round in 0..20_000_u64 {
            let now = Instant::from_origin(Duration::from_millis(round));
            let name = format!("topic-{round}");
            let topics = [name.as_str()];
            // One that is refused is as good here as one that is held.
            let _ = park.ask(&Ask::new(&topics, Start::Now), &mut hub, &mut entropy, now);
            let key = round.to_be_bytes();
            hub.publish(&name, round, 8, Some(&key), now).unwrap();
        }
    });
    assert!(used.bytes_max < 192 * 1024, "{} bytes", used.bytes_max);
}
