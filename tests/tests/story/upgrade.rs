//! An HTTP client and a server that become the two ends of a WebSocket.

use std::sync::Arc;

use tidewire::http::{Body, Client, ClientConfig, FieldName, FieldValue};
use tidewire::http::{Server, ServerConfig, client, server};
use tidewire::ws::handshake::client::{Offer, request, verify};
use tidewire::ws::handshake::server::{Policy, accept};
use tidewire::ws::handshake::{Key, Origins};
use tidewire::ws::{CloseCode, Config, Connection, Event};
use tidewire_core::{Instant, Protocol};
use tidewire_tests::dice::Dice;
use tidewire_tests::end::End;
use tidewire_tests::link::Link;

use crate::{SEEDS, secs};

#[test]
fn messages_flow_both_ways_and_none_is_lost_behind_the_heads() {
    for seed in SEEDS {
        let mut link = Link::new(asker(&Offer::default()), acceptor(), seed);
        link.run();
        assert_eq!(link.client.trace.lines(), ["101", "Upgraded"]);
        let mut link = become_websocket(link, seed);
        let client = &mut link.client;
        client.machine.send_text("from the client", &mut client.outbox).unwrap();
        link.run();
        assert_eq!(link.client.trace.lines(), [r#"Text("hello")"#, r#"Binary(b"at once")"#]);
        assert_eq!(link.server.trace.lines(), [r#"Text("from the client")"#]);

        let (now, server) = (link.now(), &mut link.server);
        server.machine.close(CloseCode::NORMAL, "enough", &mut server.outbox, now).unwrap();
        link.run();
        assert!(link.client.trace.lines()[2].contains("enough"));
        assert!(link.client.outbox.is_finished() && link.server.outbox.is_finished());
        assert_eq!(link.deadline(), None);
    }
}

#[test]
fn a_client_that_speaks_before_it_is_let_in_is_heard_after() {
    for seed in SEEDS {
        let mut link = Link::new(asker(&Offer::default()), acceptor(), seed);
        // A frame right behind the request, masked with zeros.
        link.client.outbox.push(b"\x81\x85\0\0\0\0early");
        link.run();
        let mut link = become_websocket(link, seed);
        link.run();
        assert_eq!(link.server.trace.lines(), [r#"Text("early")"#]);
    }
}

#[test]
fn what_follows_a_refused_handshake_is_never_read_as_a_request() {
    for seed in SEEDS {
        let mut offer = Offer::default();
        let origin = FieldName::from_static("Origin");
        offer.fields = vec![(origin, FieldValue::from_static("https://evil.example"))];
        let mut link = Link::new(asker(&offer), refuser(), seed);
        link.client.outbox.push(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        link.run();
        link.wait(secs(60));
        assert_eq!(link.client.trace.lines(), ["403", "End", "Closed"]);
        assert_eq!(link.server.trace.lines(), ["asked for /ws", "Http(End)", "Http(Closed)"]);
        assert!(link.client.outbox.is_finished() && link.server.outbox.is_finished());
    }
}

fn key() -> Key {
    Key::new(&mut Dice::new(1).entropy())
}

/// A client that has asked for a WebSocket.
fn asker(offer: &Offer) -> End<Client> {
    let client = Client::new(ClientConfig::default());
    let mut end = End::new(client, |_, event, _, _, trace| match event {
        client::Event::Response(head) => {
            let agrees = verify(&head, &key(), &Offer::default()).is_ok();
            assert_eq!(agrees, head.status() == 101);
            trace.event(head.status());
        }
        other => trace.event(other),
    });
    let request = request("/ws", "a", &key(), offer).unwrap();
    end.machine.request(&request, Body::Empty, &mut end.outbox, Instant::ORIGIN).unwrap();
    end
}

/// A server that accepts and speaks at once, in the same breath.
fn acceptor() -> End<Server> {
    let server = Server::new(ServerConfig::default(), Instant::ORIGIN);
    End::new(server, |server, event, outbox, _, _| {
        if let server::Event::Request(head) = event {
            let accepted = accept(&head, &Policy::default()).unwrap();
            server.upgrade(&accepted.response, outbox).unwrap();
            outbox.push(b"\x81\x05hello\x82\x07at once");
        }
    })
}

/// A server that lets no foreign page in.
fn refuser() -> End<tidewire::server::Connection> {
    let connection = tidewire::server::Connection::new(Arc::default(), Instant::ORIGIN);
    End::new(connection, |connection, event, outbox, now, trace| match event {
        tidewire::server::Event::Http(server::Event::Request(head)) => {
            let mut policy = Policy::default();
            policy.origins = Origins::Only(vec!["https://good.example".into()]);
            trace.event(format_args!("asked for {}", head.target()));
            let done = connection.accept_websocket(&head, &policy, [], outbox, now);
            assert!(matches!(done, Ok(tidewire::server::Handshake::Refused(_))), "{done:?}");
        }
        other => trace.event(other),
    })
}

/// Hands both inboxes over to the WebSocket's machines.
fn become_websocket(link: Link<Client, Server>, seed: u64) -> Link<Connection, Connection> {
    let now = link.now();
    let entropy = Dice::new(seed).entropy();
    let client = Connection::client(Config::default(), entropy, now);
    let server = Connection::server(Config::default(), now);
    Link::new(hand_over(link.client, client), hand_over(link.server, server), seed)
}

fn hand_over<M: Protocol>(from: End<M>, to: Connection) -> End<Connection> {
    let mut end = End::new(to, |_, event: Event<'_>, _, _, trace| trace.event(event));
    (end.inbox, end.outbox) = (from.inbox, from.outbox);
    end
}
