//! The two ends of a WebSocket.

use tidewire::ws::{CloseCode, Config, Connection, Event};
use tidewire_core::Instant;
use tidewire_tests::dice::Dice;
use tidewire_tests::end::End;
use tidewire_tests::link::Link;

use crate::{SEEDS, secs};

#[test]
fn both_may_close_at_once() {
    for seed in SEEDS {
        let mut link = link(seed);
        close(&mut link.client, CloseCode::NORMAL, "client");
        close(&mut link.server, CloseCode::GOING_AWAY, "server");
        link.run();
        assert_eq!(link.client.trace.lines(), [closed(1001, "server", "Local")]);
        assert_eq!(link.server.trace.lines(), [closed(1000, "client", "Local")]);
        assert_is_over(&link);
    }
}

#[test]
fn messages_before_a_close_arrive_and_those_that_cross_it_do_not() {
    for seed in SEEDS {
        let mut link = link(seed);
        let (client, server) = (&mut link.client, &mut link.server);
        client.machine.send_text("before", &mut client.outbox).unwrap();
        close(client, CloseCode::NORMAL, "done");
        server.machine.send_text("crosses", &mut server.outbox).unwrap();
        link.run();
        assert_eq!(
            link.server.trace.lines(),
            [r#"Text("before")"#.to_owned(), closed(1000, "done", "Peer")]
        );
        assert_eq!(link.client.trace.lines(), [closed(1000, "", "Local")]);
        assert_is_over(&link);
    }
}

#[test]
fn a_close_that_is_never_answered_is_given_up() {
    let mut link = link(1);
    close(&mut link.client, CloseCode::NORMAL, "");
    let mut client = link.client;
    client.outbox = tidewire_core::Outbox::new();
    let limit = Instant::ORIGIN + Config::default().close_timeout;
    client.run(Instant::ORIGIN);
    assert!(client.trace.lines().is_empty());
    assert_eq!(tidewire_core::Protocol::deadline(&client.machine), Some(limit));
    client.run(limit);
    assert!(client.trace.lines()[0].contains("clean: false, by: Local"));
    assert!(client.outbox.is_ended());
}

#[test]
fn silent_hours_keep_both_alive() {
    for seed in 0..3 {
        let mut link = link(seed);
        link.run();
        link.wait(secs(3 * 3600));
        assert!(link.client.machine.is_open() && link.server.machine.is_open());
        let is_ping = |line: &&String| line.starts_with("Ping");
        let pings = link.server.trace.lines().iter().filter(is_ping).count();
        assert!((200..=3 * 3600 / 25).contains(&pings), "{pings}");

        let client = &mut link.client;
        client.machine.send_text("still here", &mut client.outbox).unwrap();
        link.run();
        assert_eq!(link.server.trace.lines().last().unwrap(), r#"Text("still here")"#);
    }
}

#[test]
fn a_dead_peer_is_found_by_either_end_and_not_before_its_time() {
    let link = link(2);
    assert_finds_death(link.client);
    assert_finds_death(link.server);
}

/// The peer took everything and says nothing, ever.
fn assert_finds_death(end: End<Connection>) {
    let mut solo = tidewire_tests::solo::Solo::new(end);
    let config = Config::default();
    let (ping, pong) = (config.ping_every.unwrap(), config.pong_timeout);
    solo.wait(ping - secs(1));
    assert!(solo.outcome().sent.is_empty());
    solo.wait(secs(1));
    assert!(!solo.outcome().sent.is_empty(), "a ping");
    solo.wait(pong - secs(1));
    assert!(!solo.outcome().failed);
    solo.wait(secs(1));
    let outcome = solo.outcome();
    assert!(outcome.failed && outcome.ended);
    assert!(outcome.trace.lines()[0].contains("PongTimeout"));
}

fn link(seed: u64) -> Link<Connection, Connection> {
    let entropy = Dice::new(seed).entropy();
    let client = Connection::client(Config::default(), entropy, Instant::ORIGIN);
    let server = Connection::server(Config::default(), Instant::ORIGIN);
    Link::new(teller(client), teller(server), seed)
}

fn teller(connection: Connection) -> End<Connection> {
    End::new(connection, |_, event: Event<'_>, _, _, trace| trace.event(event))
}

fn close(end: &mut End<Connection>, code: CloseCode, reason: &str) {
    end.machine.close(code, reason, &mut end.outbox, Instant::ORIGIN).unwrap();
}

fn closed(code: u16, reason: &str, by: &str) -> String {
    format!(
        "Closed(Closed {{ code: Some(CloseCode({code})), reason: {reason:?}, clean: true, by: {by} }})"
    )
}

fn assert_is_over(link: &Link<Connection, Connection>) {
    assert!(link.client.outbox.is_finished() && link.server.outbox.is_finished());
    assert_eq!(link.deadline(), None);
}
