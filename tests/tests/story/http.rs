//! An HTTP client and a server.

use bytes::Bytes;
use tidewire::http::{
    Body, Client, ClientConfig, FieldName, FieldValue, Request, Response, Server,
};
use tidewire::http::{ServerConfig, client, server};
use tidewire_core::Instant;
use tidewire_tests::end::End;
use tidewire_tests::link::Link;
use tidewire_tests::solo::Solo;

use crate::{SEEDS, secs};

const SUM: FieldName = FieldName::from_static("X-Sum");

#[test]
fn one_connection_serves_request_after_request() {
    for seed in SEEDS {
        let mut link = Link::new(asker(), counter(), seed);
        for round in 1..=5 {
            let request = get(&format!("/{round}"));
            send(&mut link, &request, Body::Empty);
            link.run();
            assert!(link.client.machine.is_idle());
            link.wait(secs(14));
        }
        let told: Vec<String> = (1..=5)
            .flat_map(|round| ["200".into(), format!("body answer to /{round}"), "End".into()])
            .collect();
        assert_eq!(link.client.trace.lines(), told);

        // The server's patience with an idle connection ends both in order.
        link.wait(secs(1));
        assert_eq!(link.client.trace.lines().last().unwrap(), "Closed");
        assert_eq!(link.server.trace.lines().last().unwrap(), "Closed");
        assert!(link.client.outbox.is_finished() && link.server.outbox.is_finished());
        assert_eq!(link.deadline(), None);
    }
}

#[test]
fn bodies_stream_both_ways_with_trailers() {
    for seed in SEEDS {
        let mut link = Link::new(asker(), counter(), seed);
        send(&mut link, &post("/up"), Body::Stream);
        for piece in [vec![b'a'; 1000], vec![b'b'; 20_000], b"c".to_vec()] {
            let piece = Bytes::from(piece);
            link.client.machine.send_body(piece, &mut link.client.outbox).unwrap();
            link.run_for(2, Instant::ORIGIN);
        }
        let trailers = [(SUM, FieldValue::from_static("21001"))];
        link.client.machine.finish_with(&trailers, &mut link.client.outbox).unwrap();
        link.run();
        let heard = link.server.trace.lines();
        assert_eq!(heard[1].len(), "body ".len() + 21_001);
        assert_eq!(heard[2..], [r#"Trailers({"X-Sum": "21001"})"#, "End"]);
        let told = ["200", "body answer to /up", r#"Trailers({"X-Sum": "9"})"#, "End"];
        assert_eq!(link.client.trace.lines(), told);
    }
}

#[test]
fn a_client_that_expects_to_be_asked_sends_its_body_then() {
    for seed in SEEDS {
        let mut link = Link::new(asker(), counter(), seed);
        let expect = (FieldName::from_static("Expect"), FieldValue::from_static("100-continue"));
        send(&mut link, &post("/large").field(expect.0, expect.1), Body::Sized(5));
        link.run();
        assert_eq!(link.client.trace.lines(), ["100"]);
        let (machine, outbox) = (&mut link.client.machine, &mut link.client.outbox);
        machine.send_body("large".into(), outbox).unwrap();
        machine.finish(outbox).unwrap();
        link.run();
        assert_eq!(link.server.trace.lines()[1..], ["body large", "End"]);
        assert_eq!(link.client.trace.lines()[1..], ["200", "body answer to /large", "End"]);
    }
}

#[test]
fn requests_that_were_sent_ahead_are_answered_in_order() {
    let mut solo = Solo::new(counter());
    solo.feed(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3");
    solo.feed(b" HTTP/1.1\r\nHost: a\r\n\r\n");
    let sent = String::from_utf8(solo.outcome().sent).unwrap();
    let answers: Vec<usize> =
        (1..=3).map(|round| sent.find(&format!("answer to /{round}")).unwrap()).collect();
    assert!(answers.is_sorted());
}

#[test]
fn a_request_that_was_sent_ahead_waits_until_the_first_is_answered() {
    let server = Server::new(ServerConfig::default(), Instant::ORIGIN);
    let mut solo = Solo::new(End::new(server, |_, event, _, _, trace| trace.event(event)));
    solo.feed(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    let second = b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    solo.feed(second);
    solo.wait(secs(3600));
    assert_eq!(solo.end.trace.lines().len(), 2);
    assert_eq!(solo.left(), second);

    let now = solo.now();
    let response = Response::new(204);
    solo.end.machine.respond(&response, Body::Empty, &mut solo.end.outbox, now).unwrap();
    solo.wait(secs(0));
    assert_eq!(solo.end.trace.lines().len(), 4);
    assert_eq!(solo.left(), b"");
}

fn get(target: &str) -> Request {
    request("GET", target)
}

fn post(target: &str) -> Request {
    request("POST", target)
}

fn request(method: &str, target: &str) -> Request {
    let host = FieldValue::from_static("a");
    Request::new(method, target).unwrap().field(FieldName::HOST, host)
}

fn send(link: &mut Link<Client, Server>, request: &Request, body: Body) {
    let now = link.now();
    link.client.machine.request(request, body, &mut link.client.outbox, now).unwrap();
}

/// A client that notes statuses and bodies.
fn asker() -> End<Client> {
    End::new(Client::new(ClientConfig::default()), |_, event, _, _, trace| match event {
        client::Event::Response(head) | client::Event::Interim(head) => trace.event(head.status()),
        client::Event::Body(piece) => trace.piece("body", &piece),
        other => trace.event(other),
    })
}

/// A server that names the target in its answer; to a POST with a trailer.
fn counter() -> End<Server> {
    let mut target = String::new();
    let server = Server::new(ServerConfig::default(), Instant::ORIGIN);
    End::new(server, move |server, event, outbox, now, trace| {
        match event {
            server::Event::Request(head) => {
                target = head.target().to_owned();
                trace.event(head);
            }
            server::Event::Body(piece) => trace.piece("body", &piece),
            server::Event::End => {
                let answer = Bytes::from(format!("answer to {target}"));
                if target == "/up" {
                    server.respond(&Response::new(200), Body::Stream, outbox, now).unwrap();
                    server.send_body(answer, outbox).unwrap();
                    let trailer = (SUM, FieldValue::from_static("9"));
                    server.finish_with(&[trailer], outbox, now).unwrap();
                } else {
                    let response = Response::new(200);
                    server.respond(&response, Body::Full(answer), outbox, now).unwrap();
                }
                trace.event(server::Event::End);
            }
            other => trace.event(other),
        }
        if server.expects_continue() {
            server.interim(&Response::new(100), outbox).unwrap();
        }
    })
}
