//! Many clients at once, and slow ones among them. That one client loses nothing is tested in
//! `resume`.

mod support;

use std::sync::Arc;

use support::follower::{Follower, News, TRANSPORTS};
use support::raw::Publisher;
use support::{PATIENCE, Server};
use tidewire::client::Transport;
use tidewire::hub::Start;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

const EVENTS: u64 = 2_000;
/// The publisher and its quick readers meet so often, that the log may not run away from them.
const STEP: u64 = 200;
/// What a kernel buffers for a reader that does not read must be little next to what passes.
const EVENT_BYTES: usize = 4096;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_of_all_transports_see_exactly_their_topics_in_order() {
    let server = Server::start(&[]);
    let mut reading = JoinSet::new();
    for transport in TRANSPORTS {
        for index in 0..8 {
            let (query, topics): (_, &[&str]) = match index % 3 {
                0 => ("topic=ebb", &["ebb"]),
                1 => ("topic=flow", &["flow"]),
                _ => ("topic=ebb&topic=flow", &["ebb", "flow"]),
            };
            let mut follower = Follower::new(server.address, query, transport, Start::Oldest);
            reading.spawn(async move {
                for number in (1..=600).filter(|&number| topics.contains(&topic_of(number))) {
                    let (cursor, topic, data) = follower.event().await;
                    let heard = (cursor.offset, &*topic, data);
                    let expected = (number, topic_of(number), number.to_string());
                    assert_eq!(heard, expected, "{transport:?}");
                }
            });
        }
    }
    let mut publisher = Publisher::new(server.address);
    for number in 1..=600 {
        publisher.publish(topic_of(number), &number.to_string()).await;
    }
    let clients = timeout(PATIENCE, reading.join_all()).await.expect("all is read").len();
    println!("{clients} clients saw all of their topics");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_delays_nobody_and_gets_all_in_the_end() {
    let server = Server::start(&[]);
    let (slow, others) = pass_by_slow_readers(&server).await;
    println!("{others}");
    for (transport, mut follower) in slow {
        for number in 1..=EVENTS {
            assert_eq!(number_in(&follower.event().await.2), number, "{transport:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_is_too_slow_is_told_what_it_missed_and_goes_on() {
    let server = Server::start(&["--max-events", "500"]);
    let (slow, others) = pass_by_slow_readers(&server).await;
    println!("{others}");
    for (transport, mut follower) in slow {
        let mut expected = 1;
        let mut resets = 0;
        while expected <= EVENTS {
            match timeout(PATIENCE, follower.next()).await.expect("it goes on") {
                News::Event { data, .. } => {
                    assert_eq!(number_in(&data), expected, "{transport:?}");
                    expected += 1;
                }
                News::Reset { why, next } => {
                    assert_eq!(why, "expired", "{transport:?}");
                    assert!(next.offset >= expected, "{transport:?}: nothing was missed");
                    assert_eq!(next.offset, EVENTS - 500, "{transport:?}: more was missed");
                    resets += 1;
                    expected = next.offset + 1;
                }
                other @ (News::Open | News::Lost { .. }) => {
                    unreachable!("{transport:?}: {other:?}")
                }
            }
        }
        assert_eq!(resets, 1, "{transport:?}");
    }
}

/// Publishes while two clients read nothing and others read all; returns those that read
/// nothing, and how it went with the others.
async fn pass_by_slow_readers(server: &Server) -> (Vec<(Transport, Follower)>, String) {
    let mut slow = Vec::new();
    for transport in [Transport::WebSocket, Transport::EventStream] {
        let mut follower = Follower::new(server.address, "topic=tide", transport, Start::Oldest);
        follower.receive_buffer_bytes = Some(16 * 1024);
        assert_eq!(follower.next().await, News::Open);
        slow.push((transport, follower));
    }
    let meeting = Arc::new(Barrier::new(TRANSPORTS.len() + 1));
    let mut reading = JoinSet::new();
    for transport in TRANSPORTS {
        let mut follower = Follower::new(server.address, "topic=tide", transport, Start::Oldest);
        let meeting = Arc::clone(&meeting);
        reading.spawn(async move {
            for number in 1..=EVENTS {
                assert_eq!(number_in(&follower.event().await.2), number, "{transport:?}");
                if number.is_multiple_of(STEP) {
                    meeting.wait().await;
                }
            }
        });
    }
    let began = Instant::now();
    let mut publisher = Publisher::new(server.address);
    for number in 1..=EVENTS {
        publisher.publish("tide", &format!("{number:0EVENT_BYTES$}")).await;
        if number.is_multiple_of(STEP) {
            timeout(PATIENCE, meeting.wait()).await.expect("the quick ones have read all so far");
        }
    }
    let quick = timeout(PATIENCE, reading.join_all()).await.expect("all is read").len();
    (slow, format!("{quick} quick readers had all {EVENTS} events in {:.1?}", began.elapsed()))
}

fn topic_of(number: u64) -> &'static str {
    if number.is_multiple_of(3) { "ebb" } else { "flow" }
}

fn number_in(data: &str) -> u64 {
    data.parse().expect("the publisher sends numbers")
}
