//! Many polls: shared answers and limits.

use std::collections::BTreeSet;
use std::time::Duration;

use tidewire_core::Instant;
use tidewire_hub::{Config, Start, SubscribeError};
use tidewire_poll::{Ask, ParkConfig, Refused, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, after, of_client, seconds};

fn in_steps_of(max_holds_per_answer: usize) -> Driver {
    let mut config = ParkConfig::default();
    config.max_holds_per_answer = max_holds_per_answer;
    Driver::with(config, Config::default())
}

#[test]
fn b47_many_wakes_come_in_steps_and_none_is_forgotten() {
    let mut driver = in_steps_of(4);
    let many: Vec<_> = (0..10).map(|_| driver.hold(&Ask::new(&["a"], Start::Now))).collect();
    driver.publish("a");
    driver.pass_on();
    let first = driver.next();
    assert_eq!(first, Some((many[..4].to_vec(), Events(vec![1], 1, false))));
    assert_eq!(driver.park.deadline(), Some(Instant::ORIGIN), "there is something to do now");
    assert!(driver.park.cancel(many[5], &mut driver.hub));
    let rest: BTreeSet<_> = driver.all().into_iter().flat_map(|(holds, _)| holds).collect();
    let left = many[4..].iter().copied().filter(|&hold| hold != many[5]).collect();
    assert_eq!(rest, left);
    driver.assert_empty();
}

#[test]
fn b47_no_step_at_all_counts_as_one() {
    let mut driver = in_steps_of(0);
    driver.hold(&Ask::new(&["a"], Start::Now));
    driver.hold(&Ask::new(&["a"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    assert!(driver.all().iter().all(|(holds, _)| holds.len() == 1));
    driver.assert_empty();
}

#[test]
fn b48_those_who_wait_for_an_answer_take_turns() {
    let mut driver = in_steps_of(4);
    let topics = [["a"], ["b"], ["c"]];
    for topic in &topics {
        for _ in 0..10 {
            driver.hold(&Ask::new(topic, Start::Now));
        }
    }
    driver.publish_all(&["a", "b", "c"]);
    driver.pass_on();
    let told: Vec<_> = driver.all().into_iter().map(|(_, told)| told).collect();
    let turn = |offset| Events(vec![offset], 3, false);
    assert_eq!(told, [1, 2, 3, 1, 2, 3, 1, 2, 3].map(turn));
}

#[test]
fn b49_a_poll_of_another_topic_waits_for_one_step_of_a_crowd() {
    let mut driver = in_steps_of(100);
    for _ in 0..10_000 {
        driver.hold(&Ask { peer: None, ..Ask::new(&["a"], Start::Now) });
    }
    let one = driver.hold(&Ask::new(&["b"], Start::Now));
    driver.publish("a");
    driver.pass_on();
    driver.next();
    driver.publish("b");
    driver.pass_on();
    assert!(driver.next().is_some_and(|(holds, _)| holds.len() == 100));
    assert_eq!(driver.next(), Some((vec![one], Events(vec![2], 2, false))));
}

#[test]
fn b49_a_poll_whose_time_is_up_waits_for_one_step_of_those_with_news() {
    let mut driver = in_steps_of(1);
    let quiet = driver.hold(&Ask::new(&["quiet"], Start::Now));
    driver.wait(seconds(60));
    let mut told = Vec::new();
    for _ in 0..4 {
        driver.hold(&Ask::new(&["busy"], Start::Now));
        driver.publish("busy");
        driver.pass_on();
        told.extend(driver.next());
    }
    let [_, ended, ..] = &*told else { panic!("{told:?}") };
    assert_eq!(*ended, (vec![quiet], Empty(2, Why::Timeout)));
    assert_eq!(driver.all().len(), 1, "one is left of those with news");
    driver.assert_empty();
}

#[test]
fn b49_a_poll_of_a_crowd_whose_time_is_up_is_the_next_of_it() {
    let mut driver = in_steps_of(1);
    let crowd: Vec<_> = (0..10).map(|_| driver.hold(&Ask::new(&["busy"], Start::Now))).collect();
    let until =
        |seconds| Ask { wait: Duration::from_secs(seconds), ..Ask::new(&["busy"], Start::Now) };
    let brief = driver.hold(&until(5));
    let quiet = driver.hold(&Ask { topics: &["quiet"], ..until(10) });
    driver.wait(seconds(11));
    driver.publish("busy");
    driver.pass_on();
    let order: Vec<_> = (0..4).filter_map(|_| driver.next()).collect();
    let news = || Events(vec![1], 1, false);
    let expected = [
        (vec![crowd[0]], news()),
        (vec![brief], news()),
        // It has taken the place of the one that was next.
        (vec![crowd[2]], news()),
        (vec![quiet], Empty(1, Why::Timeout)),
    ];
    assert_eq!(order, expected);
    let rest: BTreeSet<_> = driver.all().into_iter().flat_map(|(holds, _)| holds).collect();
    assert_eq!(rest, [&crowd[1..2], &crowd[3..]].concat().into_iter().collect());
    driver.assert_empty();
}

#[test]
fn b50_polls_that_want_the_same_share_a_reader_and_an_answer() {
    let mut driver = Driver::new();
    let first = driver.hold(&Ask::new(&["a", "b"], Start::Now));
    driver.publish("x");
    let second = driver.hold(&after(&["b", "a", "b"], 0));
    let third = driver.hold(&after(&["a"], 1));
    assert_eq!((driver.park.stats().groups, driver.hub.subscribers()), (2, 2));
    driver.publish("b");
    driver.pass_on();
    assert_eq!(driver.all(), [(vec![first, second], Events(vec![2], 2, false))]);
    assert!(driver.park.cancel(third, &mut driver.hub));
    driver.assert_empty();
}

#[test]
fn b50_an_answer_in_steps_is_one_edition_as_long_as_the_log_is_the_same() {
    let mut driver = in_steps_of(4);
    for topic in [["a"], ["b"]] {
        for _ in 0..10 {
            driver.hold(&Ask::new(&topic, Start::Now));
        }
    }
    driver.publish_all(&["a", "b"]);
    driver.pass_on();
    assert_eq!(driver.editions(), [(1, 4), (2, 4), (1, 4), (2, 4), (1, 2), (2, 2)]);
    assert_eq!(driver.park.stats().editions, 2);

    for _ in 0..8 {
        driver.hold(&Ask::new(&["a"], Start::Now));
    }
    driver.publish("a");
    driver.pass_on();
    assert!(driver.next().is_some());
    driver.publish("b");
    assert_eq!(driver.editions(), [(4, 4)], "its cursor is another one");
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
fn b51_the_more_polls_are_held_the_longer_stay_away_who_are_not() {
    for held in [2, 20, 200] {
        let mut config = ParkConfig::default();
        (config.shed_above, config.comeback_polls_per_second) = (held, 2);
        let mut driver = Driver::with(config, Config::default());
        let ask = Ask::new(&["a"], Start::Now);
        for _ in 0..held {
            driver.hold(&ask);
        }
        assert_eq!(driver.pause_of(&ask), Some(seconds(1 + held as u64 / 2)));
    }
}

#[test]
fn b52_polls_above_the_limits_are_sent_away() {
    let mut config = ParkConfig::default();
    (config.shed_above, config.max_holds, config.comeback_polls_per_second) = (2, 3, 1);
    let mut driver = Driver::with(config.clone(), Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    driver.hold(&ask);
    driver.hold(&ask);
    assert_eq!(driver.answer(&ask), Empty(0, Why::Shed));
    let refused = driver.try_ask(&ask).unwrap_err();
    assert_eq!((refused.status(), refused.retry_after()), (503, Some(seconds(3))));
    assert_eq!(driver.park.len(), 2);

    config.shed_above = usize::MAX;
    let mut driver = Driver::with(config, Config::default());
    for _ in 0..3 {
        driver.hold(&ask);
    }
    let refused = driver.try_ask(&ask).unwrap_err();
    assert_eq!((refused.status(), refused.retry_after()), (503, Some(seconds(4))));
    assert_eq!(driver.park.len(), 3);
}

#[test]
fn b52_a_storm_of_polls_meets_both_limits_as_they_are_by_default() {
    let config = ParkConfig::default();
    let mut driver = Driver::with(config.clone(), Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    for _ in 0..config.shed_above {
        driver.hold(&ask);
    }
    for _ in config.shed_above..config.max_holds {
        assert_eq!(driver.answer(&ask), Empty(0, Why::Shed));
    }
    assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 503);
    driver.wait(seconds(1) / config.comeback_polls_per_second - Duration::from_nanos(1));
    assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 503);
    driver.wait(Duration::from_nanos(1));
    assert_eq!(driver.answer(&ask), Empty(0, Why::Shed));
    assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 503);
    driver.wait(seconds(2) / config.comeback_polls_per_second);
    assert_eq!(driver.answer(&ask), Empty(0, Why::Shed));
    assert_eq!(driver.answer(&ask), Empty(0, Why::Shed));
    assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 503);
    assert_eq!(driver.park.len(), config.shed_above);
}

#[test]
fn b52_who_was_sent_away_takes_no_place_of_a_held_poll() {
    let mut config = ParkConfig::default();
    (config.shed_above, config.max_holds, config.comeback_polls_per_second) = (1, 2, 1);
    let mut driver = Driver::with(config, Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    let hold = driver.hold(&ask);
    assert_eq!(driver.answer(&ask), Empty(0, Why::Shed));
    assert!(driver.park.cancel(hold, &mut driver.hub));
    driver.hold(&ask);
    assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 503);
}

#[test]
fn b52_with_no_room_at_all_only_polls_that_wait_are_refused() {
    let mut config = ParkConfig::default();
    (config.shed_above, config.max_holds) = (0, 0);
    let mut driver = Driver::with(config, Config::default());
    assert_eq!(driver.try_ask(&Ask::new(&["a"], Start::Now)).unwrap_err().status(), 503);
    driver.publish("a");
    assert_eq!(driver.answer(&after(&["a"], 0)), Events(vec![1], 1, false));
}

#[test]
fn b52_a_client_whose_poll_is_held_can_ask_again_at_the_limits() {
    for (shed_above, max_holds) in [(2, 9), (9, 2)] {
        let mut config = ParkConfig::default();
        (config.shed_above, config.max_holds) = (shed_above, max_holds);
        let mut driver = Driver::with(config, Config::default());
        let other = driver.hold(&of_client(2, 1));
        let first = driver.hold(&of_client(1, 1));
        let second = driver.hold(&of_client(1, 2));
        let third = driver.hold(&of_client(1, 3));
        let superseded = Empty(0, Why::Superseded);
        assert!(driver.park.cancel(first, &mut driver.hub));
        assert_eq!(driver.all(), [(vec![second], superseded)]);
        let more = driver.try_ask(&of_client(3, 1));
        assert!(!matches!(more, Ok(Err(_))), "no place is left: {more:?}");
        assert_eq!((driver.park.len(), driver.all()), (2, vec![]));
        driver.publish("a");
        driver.pass_on();
        assert_eq!(driver.all(), [(vec![other, third], Events(vec![1], 1, false))]);
        driver.assert_empty();
    }
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
fn b52_a_peers_share_is_at_most_what_can_be_counted() {
    let mut config = ParkConfig::default();
    (config.max_holds_per_peer, config.shed_above) = (usize::MAX, usize::MAX);
    let mut driver = Driver::with(config, Config::default());
    let ask = Ask { peer: Some(9), ..Ask::new(&["a"], Start::Now) };
    for _ in 0..u16::MAX {
        driver.hold(&ask);
    }
    assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 429);
}

#[test]
fn b53_polls_that_are_held_stay_so_when_others_are_sent_away() {
    let mut config = ParkConfig::default();
    (config.shed_above, config.max_holds) = (2, 2);
    let mut driver = Driver::with(config, Config::default());
    let ask = Ask::new(&["a"], Start::Now);
    let held = vec![driver.hold(&ask), driver.hold(&ask)];
    for _ in 0..9 {
        assert_eq!(driver.try_ask(&ask).unwrap_err().status(), 503);
    }
    assert_eq!(driver.all(), []);
    driver.wait(seconds(25));
    assert_eq!(driver.all(), [(held, Empty(0, Why::Timeout))]);
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
    assert_eq!(driver.try_ask(&Ask::new(&["a", "a", "b"], Start::Now)).unwrap_err(), refused);
    assert_eq!(driver.try_ask(&Ask::new(&["a"], Start::Now)).unwrap_err().status(), 503);
    assert_eq!(driver.park.len(), 2);
}
