//! Held polls, one behaviour a test.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails it")]

use std::collections::BTreeSet;
use std::time::Duration;

use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Batch, Config, Cursor, Hub, ResetReason, Start, SubscribeError};
use tidewire_poll::{Answer, Ask, Asked, Client, HoldId, Park, ParkConfig, Refused, Why};

const TICK: Duration = Duration::from_millis(4);

/// A park, its hub and the time they are driven by. Random draws are the longest.
struct Driver {
    park: Park,
    hub: Hub<&'static str>,
    now: Instant,
    entropy: Entropy,
}

/// An answer in short.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Events(Vec<u64>, u64, bool),
    Empty(u64, Why),
    Reset(ResetReason),
}
use Told::{Empty, Events};

impl Driver {
    fn new() -> Self {
        Self::with(ParkConfig::default(), Config::default())
    }

    fn with(park: ParkConfig, hub: Config) -> Self {
        let mut driver = Self {
            park: Park::new(park),
            hub: Hub::new(hub, 5),
            now: Instant::ORIGIN,
            entropy: Entropy::new(|bytes| bytes.fill(255)),
        };
        driver.wait(seconds(1_000));
        driver
    }

    fn try_ask(&mut self, ask: &Ask<'_>) -> Result<Result<Told, HoldId>, Refused> {
        let Self { park, hub, now, entropy } = self;
        park.ask(ask, hub, entropy, *now).map(|asked| match asked {
            Asked::Answer(answer) => Ok(told(&answer)),
            Asked::Held(hold) => Err(hold),
        })
    }

    fn hold(&mut self, ask: &Ask<'_>) -> HoldId {
        self.try_ask(ask).unwrap().unwrap_err()
    }

    fn answer(&mut self, ask: &Ask<'_>) -> Told {
        self.try_ask(ask).unwrap().unwrap()
    }

    /// Publishes, without telling the park.
    fn publish(&mut self, topic: &str) {
        self.hub.publish(topic, "", 10, None, self.now).unwrap();
    }

    fn publish_all(&mut self, topics: &[&str]) {
        topics.iter().for_each(|topic| self.publish(topic));
    }

    /// Passes on whom the hub names.
    fn pass_on(&mut self) {
        while let Some(reader) = self.hub.next_ready() {
            assert!(self.park.woken(reader, &mut self.hub));
        }
    }

    fn next(&mut self) -> Option<(Vec<HoldId>, Told)> {
        let answered = self.park.next_answer(&mut self.hub, self.now)?;
        Some((answered.holds.to_vec(), told(&answered.answer)))
    }

    fn all(&mut self) -> Vec<(Vec<HoldId>, Told)> {
        let all = std::iter::from_fn(|| self.next()).collect();
        assert!(self.park.deadline().is_none_or(|deadline| deadline > self.now));
        all
    }

    fn wait(&mut self, wait: Duration) {
        self.now += wait;
    }

    /// Nothing is left of any poll.
    fn assert_empty(&self) {
        assert_eq!((self.park.len(), self.park.groups(), self.park.deadline()), (0, 0, None));
        assert_eq!(self.hub.subscribers(), 0);
    }
}

fn told(answer: &Answer<'_, &'static str>) -> Told {
    match answer {
        Answer::Events { entries, next, more } => {
            let offsets = entries.clone().map(|record| record.offset).collect();
            Events(offsets, next.offset, *more)
        }
        Answer::Empty { next, why, .. } => Empty(next.offset, *why),
        Answer::Reset(reset) => Told::Reset(reset.reason),
    }
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn after<'a>(topics: &'a [&'a str], offset: u64) -> Ask<'a> {
    Ask::new(topics, Start::After(Cursor { epoch: 5, offset }))
}

fn of_client(id: u64, seq: u64) -> Ask<'static> {
    Ask { client: Some(Client { id, seq }), ..Ask::new(&["a"], Start::Now) }
}

#[test]
fn b1_b3_a_poll_behind_the_head_is_answered_at_once() {
    let mut driver = Driver::new();
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 1)), Events(vec![2], 2, false));
    driver.assert_empty();
}

#[test]
fn b2_an_event_right_after_asking_wakes_the_poll() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    driver.assert_empty();
}

#[test]
fn b2_news_that_nobody_passed_on_are_found_at_the_deadline() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    assert_eq!(driver.next(), None);
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
}

#[test]
fn b4_a_poll_at_the_head_is_held() {
    let mut driver = Driver::new();
    driver.publish("a");
    driver.hold(&after(&["a"], 1));
    assert_eq!((driver.park.len(), driver.park.groups(), driver.next()), (1, 1, None));
}

#[test]
fn b6_b8_b9_a_cursor_that_cannot_be_continued_is_never_held() {
    let mut config = Config::default();
    config.max_events = 1;
    let mut driver = Driver::with(ParkConfig::default(), config);
    driver.publish("a");
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Told::Reset(ResetReason::Expired));
    assert_eq!(driver.answer(&after(&["a"], 3)), Told::Reset(ResetReason::Ahead));
    let foreign = Ask::new(&["a"], Start::After(Cursor { epoch: 6, offset: 2 }));
    assert_eq!(driver.answer(&foreign), Told::Reset(ResetReason::Epoch));
    driver.assert_empty();
}

#[test]
fn b13_an_answer_keeps_to_the_smaller_of_both_limits() {
    let mut config = ParkConfig::default();
    config.max_batch.events = 2;
    let mut driver = Driver::with(config, Config::default());
    driver.publish_all(&["a", "a", "a"]);
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1, 2], 2, true));
    let one = Ask { max: Batch { events: 1, bytes: 100 }, ..after(&["a"], 0) };
    assert_eq!(driver.answer(&one), Events(vec![1], 1, true));
}

#[test]
fn b15_b16_an_empty_answer_moves_past_other_topics_and_no_further() {
    let mut driver = Driver::new();
    let hold = driver.hold(&after(&["a"], 0));
    driver.publish("b");
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![hold], Empty(1, Why::Timeout))]);
    driver.publish("b");
    let ask = Ask { wait: Duration::ZERO, ..after(&["a"], 1) };
    assert_eq!(driver.answer(&ask), Empty(2, Why::Timeout));
}

#[test]
fn b17_news_that_were_dropped_before_the_answer_are_a_reset() {
    let mut config = Config::default();
    config.max_events = 2;
    let mut driver = Driver::with(ParkConfig::default(), config);
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    driver.publish_all(&["a", "a"]);
    assert_eq!(driver.all(), [(vec![hold], Told::Reset(ResetReason::Expired))]);
    driver.assert_empty();
}

#[test]
fn b19_several_topics_come_in_one_answer_in_the_order_of_the_log() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["b", "a"], Start::Now));
    driver.publish_all(&["a", "b", "x", "a"]);
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1, 2, 4], 4, false))]);
}

#[test]
fn b21_b74_no_wait_is_answered_at_once() {
    let mut driver = Driver::new();
    let ask = Ask { wait: Duration::ZERO, ..Ask::new(&["a"], Start::Now) };
    assert_eq!(driver.answer(&ask), Empty(0, Why::Timeout));
    driver.assert_empty();
    assert_eq!(driver.hub.topics(), 0);
}

#[test]
fn b22_a_longer_wait_than_allowed_is_cut_and_told() {
    let mut config = ParkConfig::default();
    config.jitter_percent = 0;
    let mut driver = Driver::with(config, Config::default());
    assert_eq!(driver.park.wait(seconds(54)), seconds(54));
    assert_eq!(driver.park.wait(Duration::MAX), seconds(55));
    driver.hold(&Ask { wait: Duration::MAX, ..Ask::new(&["a"], Start::Now) });
    assert_eq!(driver.park.deadline(), Some(driver.now + seconds(55)));
}

#[test]
fn b23_jitter_is_taken_off_the_wait() {
    for (fill, held) in [(0, 25_000), (255, 22_500)] {
        let mut driver = Driver::new();
        driver.entropy = Entropy::new(move |bytes| bytes.fill(fill));
        driver.hold(&Ask::new(&["a"], Start::Now));
        let deadline = driver.now + Duration::from_millis(held);
        assert_eq!(driver.park.deadline(), Some(deadline));
    }
}

#[test]
fn b24_news_and_deadline_at_once_are_one_answer_with_the_news() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.wait(seconds(25));
    driver.publish("a");
    assert_eq!(driver.all(), [(vec![hold], Events(vec![1], 1, false))]);
    driver.pass_on();
    assert_eq!(driver.all(), []);
    driver.assert_empty();
}

#[test]
fn b25_b29_a_deadline_fires_once_and_not_a_tick_before() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.wait(Duration::from_millis(22_500) - TICK);
    assert_eq!(driver.all(), []);
    driver.wait(TICK);
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
    assert_eq!(driver.all(), []);
    driver.assert_empty();
}

#[test]
fn b26_time_that_runs_backwards_ends_nothing_early() {
    let mut driver = Driver::new();
    let hold = driver.hold(&Ask::new(&["a"], Start::Now));
    let asked = driver.now;
    for back in [500, 1_000] {
        driver.now = Instant::from_origin(seconds(1_000 - back));
        assert_eq!(driver.all(), []);
    }
    driver.now = asked + seconds(25);
    assert_eq!(driver.all(), [(vec![hold], Empty(0, Why::Timeout))]);
}

#[test]
fn b27_a_leap_in_time_ends_all_one_answer_a_call() {
    let mut driver = Driver::new();
    let holds: BTreeSet<_> = (0..100).map(|_| driver.hold(&Ask::new(&["a"], Start::Now))).collect();
    driver.wait(seconds(3_600));
    let ended: Vec<_> = driver.all();
    assert!(ended.iter().all(|(holds, told)| holds.len() == 1 && *told == Empty(0, Why::Timeout)));
    assert_eq!(ended.into_iter().flat_map(|(holds, _)| holds).collect::<BTreeSet<_>>(), holds);
    driver.assert_empty();
}

#[test]
fn b33_a_poll_whose_connection_ended_leaves_nothing_behind() {
    let mut driver = Driver::new();
    for woken in [false, true] {
        let ask = Ask { peer: Some(9), ..of_client(1, 1) };
        let hold = driver.hold(&ask);
        if woken {
            driver.publish("a");
            driver.pass_on();
        }
        assert!(driver.park.cancel(hold, &mut driver.hub));
        driver.assert_empty();
    }
    assert_eq!(driver.hub.topics(), 1);
    assert_eq!(driver.all(), []);
}

#[test]
fn b34_an_answer_that_was_lost_is_given_again() {
    let mut driver = Driver::new();
    driver.hold(&after(&["a"], 0));
    driver.publish("a");
    driver.pass_on();
    driver.all();
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
}

#[test]
fn b36_cancelling_late_or_twice_does_not_touch_a_later_poll() {
    let mut driver = Driver::new();
    let old = driver.hold(&Ask::new(&["a"], Start::Now));
    assert!(driver.park.cancel(old, &mut driver.hub));
    let new = driver.hold(&Ask::new(&["a"], Start::Now));
    assert!(!driver.park.cancel(old, &mut driver.hub));
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(vec![new], Empty(0, Why::Timeout))]);
    assert!(!driver.park.cancel(new, &mut driver.hub));
    driver.assert_empty();
}

#[test]
fn b38_a_later_poll_of_a_client_supersedes_the_earlier() {
    let mut driver = Driver::new();
    let old = driver.hold(&of_client(1, 1));
    let other = driver.hold(&of_client(2, 1));
    let new = driver.hold(&of_client(1, 2));
    assert!(driver.park.deadline() <= Some(driver.now));
    assert_eq!(driver.all(), [(vec![old], Empty(0, Why::Superseded))]);
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![other, new], Events(vec![1], 1, false))]);
    driver.assert_empty();
}

#[test]
fn b39_an_earlier_poll_that_comes_late_does_not_displace_the_later() {
    let mut driver = Driver::new();
    let new = driver.hold(&of_client(1, 7));
    assert_eq!(driver.answer(&of_client(1, 6)), Empty(0, Why::Superseded));
    assert_eq!(driver.all(), []);
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![new], Events(vec![1], 1, false))]);
}

#[test]
fn b40_b41_a_retry_of_the_same_poll_takes_its_place() {
    let mut driver = Driver::new();
    let first = driver.hold(&of_client(1, 3));
    let retry = driver.hold(&of_client(1, 3));
    assert_eq!(driver.all(), [(vec![first], Empty(0, Why::Superseded))]);
    driver.publish("a");
    let again = Ask { start: Start::Oldest, ..of_client(1, 3) };
    assert_eq!(driver.answer(&again), Events(vec![1], 1, false));
    assert_eq!(driver.all(), [(vec![retry], Empty(0, Why::Superseded))]);
    driver.assert_empty();
}

#[test]
fn b42_draining_answers_all_within_its_time_and_holds_no_more() {
    let mut driver = Driver::new();
    let short = driver.hold(&Ask { wait: seconds(2), ..Ask::new(&["a"], Start::Now) });
    let long = driver.hold(&Ask::new(&["b"], Start::Now));
    let old = driver.hold(&of_client(1, 1));
    driver.hold(&of_client(1, 2));
    driver.park.drain(&mut driver.entropy, driver.now);
    assert_eq!(driver.all(), [(vec![old], Empty(0, Why::Superseded))]);
    assert_eq!(driver.answer(&Ask::new(&["a"], Start::Now)), Empty(0, Why::Drain));
    driver.wait(seconds(2));
    assert_eq!(driver.all(), [(vec![short], Empty(0, Why::Drain))]);
    driver.wait(seconds(8));
    let ended = driver.all();
    assert_eq!(ended.len(), 2);
    assert!(ended.contains(&(vec![long], Empty(0, Why::Drain))));
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
    driver.assert_empty();
}

#[test]
fn b47_b48_a_million_wakes_come_in_steps_between_which_others_are_served() {
    let mut config = ParkConfig::default();
    config.max_holds_per_answer = 4;
    let mut driver = Driver::with(config, Config::default());
    let many: BTreeSet<_> = (0..10).map(|_| driver.hold(&Ask::new(&["a"], Start::Now))).collect();
    let one = driver.hold(&Ask::new(&["b"], Start::Now));
    driver.publish("a");
    driver.publish("b");
    driver.pass_on();
    assert_eq!(driver.park.deadline(), Some(Instant::ORIGIN), "there is something to do now");
    let answers = driver.all();
    let sizes: Vec<_> = answers.iter().map(|(holds, _)| holds.len()).collect();
    assert_eq!(sizes, [4, 1, 4, 2]);
    assert_eq!(answers[1], (vec![one], Events(vec![2], 2, false)));
    let named = answers.into_iter().flat_map(|(holds, _)| holds);
    assert_eq!(named.collect::<BTreeSet<_>>(), many.into_iter().chain([one]).collect());
    driver.assert_empty();
}

#[test]
fn b50_polls_that_want_the_same_share_a_reader_and_an_answer() {
    let mut driver = Driver::new();
    let first = driver.hold(&Ask::new(&["a", "b"], Start::Now));
    driver.publish("x");
    let second = driver.hold(&after(&["b", "a", "b"], 0));
    let third = driver.hold(&after(&["a"], 1));
    assert_eq!((driver.park.groups(), driver.hub.subscribers()), (2, 2));
    driver.publish("b");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![first, second], Events(vec![2], 2, false))]);
    assert!(driver.park.cancel(third, &mut driver.hub));
    driver.assert_empty();
}

#[test]
fn b50_a_poll_after_the_news_does_not_join_those_before() {
    let mut driver = Driver::new();
    let before = driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    let behind = driver.hold(&Ask::new(&["a"], Start::Now));
    assert_eq!(driver.all(), [(vec![before], Events(vec![1], 1, false))]);
    driver.publish("a");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![behind], Events(vec![2], 2, false))]);
}

#[test]
fn b51_b52_b53_polls_above_the_limits_are_sent_away_and_held_ones_stay() {
    let mut config = ParkConfig::default();
    (config.shed_above, config.max_holds, config.comeback_polls_per_second) = (2, 3, 1);
    let mut driver = Driver::with(config.clone(), Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    driver.hold(&ask);
    driver.hold(&ask);
    let Driver { park, hub, now, entropy } = &mut driver;
    let Ok(Asked::Answer(Answer::Empty { why: Why::Shed, poll_after, .. })) =
        park.ask(&ask, hub, entropy, *now)
    else {
        panic!("the poll is sent away")
    };
    assert_eq!(poll_after, Some(seconds(3)));
    assert_eq!((driver.park.len(), driver.all()), (2, vec![]));

    config.shed_above = usize::MAX;
    let mut driver = Driver::with(config, Config::default());
    for _ in 0..3 {
        driver.hold(&ask);
    }
    let refused = driver.try_ask(&ask).unwrap_err();
    assert_eq!((refused.status(), refused.retry_after()), (503, Some(seconds(4))));
    assert_eq!((driver.park.len(), driver.all()), (3, vec![]));
}

#[test]
fn b52_a_peer_holds_no_more_polls_than_its_share() {
    let mut config = ParkConfig::default();
    config.max_holds_per_peer = 2;
    let mut driver = Driver::with(config, Config::default());
    let ask = |client| Ask { peer: Some(9), ..of_client(client, 1) };
    let first = driver.hold(&ask(1));
    driver.hold(&ask(2));
    assert_eq!(driver.try_ask(&ask(3)).unwrap_err().status(), 429);
    driver.hold(&Ask { peer: Some(8), ..ask(3) });
    driver.hold(&ask(1));
    assert_eq!(driver.all(), [(vec![first], Empty(0, Why::Superseded))]);
    assert_eq!(driver.try_ask(&ask(4)).unwrap_err().status(), 429);
    driver.wait(seconds(25));
    driver.all();
    driver.hold(&ask(4));
}

#[test]
fn topics_beyond_the_limits_of_the_hub_are_refused() {
    let mut config = Config::default();
    (config.max_topics_per_subscriber, config.max_subscribers) = (2, 1);
    let mut driver = Driver::with(ParkConfig::default(), config);
    let refused = driver.try_ask(&Ask::new(&["a", "b", "c"], Start::Now)).unwrap_err();
    assert_eq!(refused, Refused::Topics(SubscribeError::TooManyTopics { limit: 2 }));
    assert_eq!((refused.status(), refused.retry_after()), (400, None));
    assert_eq!(driver.try_ask(&Ask::new(&[], Start::Now)).unwrap_err().status(), 400);
    driver.hold(&Ask::new(&["a", "b"], Start::Now));
    driver.hold(&Ask::new(&["b", "a"], Start::Now));
    assert_eq!(driver.try_ask(&Ask::new(&["a"], Start::Now)).unwrap_err().status(), 503);
    assert_eq!(driver.park.len(), 2);
}
