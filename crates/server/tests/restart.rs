//! A server that is killed and started again has another log: every client is told so and goes on
//! with the new one. Orderly leaving is not tested here.

mod support;

use support::follower::{Follower, Kill, News, TRANSPORTS};
use support::raw::{Publisher, Raw};
use support::{PATIENCE, Server};
use tidewire::client::Transport;
use tidewire::hub::{Cursor, Start};
use tokio::task::JoinSet;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_are_told_of_the_new_log_and_read_it_from_its_first_event() {
    let server = Server::start(&[]);
    let address = server.address;
    let mut publisher = Publisher::new(address);
    for number in 1..=20 {
        publisher.publish("tide", &format!("old {number}")).await;
    }
    let mut reading = JoinSet::new();
    for transport in TRANSPORTS {
        let mut follower = Follower::new(address, "topic=tide", transport, Start::Oldest);
        reading.spawn(async move {
            for number in 1..=20 {
                assert_eq!(follower.event().await.2, format!("old {number}"), "{transport:?}");
            }
            (transport, follower)
        });
    }
    let followers = timeout(PATIENCE, reading.join_all()).await.expect("all is read");

    drop(publisher);
    server.kill();
    let server = Server::start_at(&address.to_string(), &[]);
    assert_eq!(server.address, address);
    let mut publisher = Publisher::new(address);
    for number in 1..=20 {
        publisher.publish("tide", &format!("new {number}")).await;
    }
    let mut reading = JoinSet::new();
    for (transport, mut follower) in followers {
        reading.spawn(async move {
            let next = told_of_another_log(&mut follower, transport).await;
            for number in 1..=20 {
                let (cursor, _, data) = follower.event().await;
                assert_eq!(data, format!("new {number}"), "{transport:?}");
                assert_eq!(cursor, Cursor { epoch: next.epoch, offset: number }, "{transport:?}");
            }
        });
    }
    timeout(PATIENCE, reading.join_all()).await.expect("all is read");
}

/// The head of the response tells where the stream begins, and the reset comes behind it. A client
/// that takes the one for the other would never hear of its loss if it died in between.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_killed_between_the_head_and_the_reset_is_told_again() {
    let server = Server::start(&[]);
    let stale = Start::After(Cursor { epoch: 1, offset: 5 });
    for transport in [Transport::WebSocket, Transport::EventStream] {
        let head = head_bytes(&server, transport).await;
        let mut follower = Follower::new(server.address, "topic=tide", transport, stale);
        follower.kill = Kill::Read(head);
        assert_eq!(follower.next().await, News::Open, "{transport:?}");
        assert_eq!(follower.next().await, News::Lost { killed: true }, "{transport:?}");
        follower.kill = Kill::Never;
        follower.switch(transport);
        let told = timeout(PATIENCE, told_of_another_log(&mut follower, transport)).await;
        assert!(told.is_ok(), "{transport:?}: nothing was told");
    }
}

/// Waits for the reset, before which nothing but losses may come.
async fn told_of_another_log(follower: &mut Follower, transport: Transport) -> Cursor {
    loop {
        match follower.next().await {
            News::Open | News::Lost { .. } => {}
            News::Reset { why, next } => {
                assert_eq!(why, "epoch", "{transport:?}");
                assert_eq!(next.offset, 0, "{transport:?}");
                return next;
            }
            event @ News::Event { .. } => unreachable!("{transport:?}: {event:?}"),
        }
    }
}

/// How long the head is that opens a stream behind a stale cursor.
async fn head_bytes(server: &Server, transport: Transport) -> usize {
    let mut raw = Raw::connect(server.address).await;
    let (path, fields) = match transport {
        Transport::WebSocket => ("ws", support::raw::UPGRADE),
        _ => ("sse", ""),
    };
    let target = format!("/v1/{path}?topic=tide&envelope=true&after=1.5");
    raw.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await;
    raw.head().await.len()
}
