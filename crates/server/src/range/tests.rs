use tidewire::core::Instant;
use tidewire::hub::{Config, Cursor, ResetReason};

use super::*;

/// A log of the epoch 5 that keeps the events from 11 to 20 of 20; every fifth has a topic of its own.
fn log() -> Hub<Arc<Item>> {
    let mut config = Config::default();
    config.max_events = 10;
    let mut hub = Hub::new(config, 5);
    (1..=20)
        .for_each(|number| publish(&mut hub, if number % 5 == 0 { "rare" } else { "tide" }, 10));
    hub
}

fn publish(hub: &mut Hub<Arc<Item>>, topic: &str, weight: usize) {
    let entry = |cursor: Cursor| Arc::new(Item::new(cursor, &cursor.offset.to_string(), None, ""));
    hub.publish_with(topic, weight, None, Instant::ORIGIN, entry).unwrap();
}

fn query(topics: &[&str], from: &str, to: &str) -> RangeQuery {
    let topics = topics.iter().map(ToString::to_string).collect();
    RangeQuery { topics, from: from.parse().unwrap(), to: to.parse().unwrap() }
}

fn told(hub: &Hub<Arc<Item>>, topics: &[&str], from: &str, to: &str) -> Result<String, u16> {
    read(hub, &query(topics, from, to))
        .map(|body| String::from_utf8(body.into()).unwrap())
        .map_err(|refusal| refusal.status())
}

fn events(numbers: &str, next: &str) -> Result<String, u16> {
    Ok(format!("{{\"events\":[{numbers}],\"next\":\"{next}\",\"more\":false,\"poll_after\":0}}"))
}

#[test]
fn both_ends_are_of_the_range_and_nothing_else_is() {
    let hub = log();
    let tide = |from, to| told(&hub, &["tide"], from, to);
    assert_eq!(tide("5.11", "5.20"), events("11,12,13,14,16,17,18,19", "5.20"));
    assert_eq!(tide("5.13", "5.16"), events("13,14,16", "5.16"));
    assert_eq!(tide("5.12", "5.12"), events("12", "5.12"));
    assert_eq!(tide("5.15", "5.15"), events("", "5.15"));
    assert_eq!(told(&hub, &["rare", "tide"], "5.14", "5.15"), events("14,15", "5.15"));
    assert_eq!(told(&hub, &["nothing"], "5.11", "5.20"), events("", "5.20"));
}

#[test]
fn an_end_that_the_log_does_not_keep_is_a_reset() {
    let hub = log();
    for (from, to, reason) in [
        ("5.10", "5.12", ResetReason::Expired),
        ("5.12", "5.21", ResetReason::Ahead),
        ("5.21", "5.22", ResetReason::Ahead),
        ("6.12", "6.13", ResetReason::Epoch),
        ("5.12", "6.13", ResetReason::Epoch),
    ] {
        match read(&hub, &query(&["tide"], from, to)) {
            Err(Refusal::Reset(reset)) => assert_eq!(reset.reason, reason, "{from}"),
            other => panic!("{from}: {other:?}"),
        }
    }
    assert_eq!(told(&hub, &["tide"], "5.13", "5.12"), Err(400));
    assert_eq!(told(&hub, &["tide"], "5.0", "5.12"), Err(400));
    assert_eq!(told(&hub, &[], "5.11", "5.12"), Err(400));
}

#[test]
fn a_range_of_an_earlier_epoch_holds_up_to_the_fork() {
    let mut hub = log();
    hub.fork(6, 15).unwrap();
    publish(&mut hub, "tide", 10);
    assert_eq!(told(&hub, &["tide"], "5.14", "5.15"), events("14", "5.15"));
    assert_eq!(told(&hub, &["tide"], "5.14", "6.16"), events("14,16", "6.16"));
    assert_eq!(told(&hub, &["tide"], "5.14", "5.16"), Err(410));
}

#[test]
fn b69_a_range_that_is_too_large_is_refused_and_never_cut() {
    let mut hub = Hub::new(Config::default(), 5);
    (0..257).for_each(|_| publish(&mut hub, "tide", 10));
    publish(&mut hub, "big", MOST.bytes - 1);
    publish(&mut hub, "big", 1);
    publish(&mut hub, "big", 1);
    publish(&mut hub, "huge", 2 * MOST.bytes);
    let is_told = |topic, from, to| told(&hub, &[topic], from, to).map(drop);
    assert_eq!(is_told("tide", "5.1", "5.256"), Ok(()));
    assert_eq!(is_told("tide", "5.1", "5.257"), Err(400));
    assert_eq!(is_told("tide", "5.2", "5.261"), Ok(()), "other topics do not count");
    assert_eq!(is_told("big", "5.1", "5.259"), Ok(()));
    assert_eq!(is_told("big", "5.1", "5.260"), Err(400));
    assert_eq!(is_told("huge", "5.1", "5.261"), Ok(()), "a single event always fits");
}
