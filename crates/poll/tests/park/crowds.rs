//! Many polls: shared answers and limits.

use std::collections::BTreeSet;

use tidewire_core::Instant;
use tidewire_hub::{Config, Start, SubscribeError};
use tidewire_poll::{Answer, Ask, Asked, ParkConfig, Refused, Why};

use crate::Told::{Empty, Events};
use crate::{Driver, after, of_client, seconds};

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
fn b38_b52_a_client_whose_poll_is_held_can_ask_again_at_the_limits() {
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
