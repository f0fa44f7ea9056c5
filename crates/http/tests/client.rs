//! What a client does with its server's bytes and its caller's commands, each rule by itself.
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::time::Duration;

use bytes::Buf;
use support::{Rig, Seen};
use tidewire_core::Protocol;
use tidewire_http::{Body, Client, ClientConfig, Error, FieldName, FieldValue, Request, SendError};

fn client() -> Rig<Client> {
    Rig::new(Client::new(ClientConfig::default()))
}

fn request(method: &str) -> Request {
    Request::new(method, "/p?q")
        .unwrap()
        .field(FieldName::HOST, FieldValue::from_static("a.example:80"))
}

fn send(rig: &mut Rig<Client>, request: &Request, body: Body) -> String {
    rig.machine.request(request, body, &mut rig.outbox, rig.now).unwrap();
    rig.run();
    rig.take_written()
}

/// What is seen when these bytes answer a request of this method.
fn seen(method: &str, response: &[u8]) -> Vec<Seen> {
    let mut rig = client();
    send(&mut rig, &request(method), Body::Empty);
    rig.feed(response);
    rig.take_seen()
}

// Framing of requests.

#[test]
fn client_frames_each_kind_of_body() {
    for (method, body, expected) in [
        ("GET", Body::Empty, "\r\n"),
        ("POST", Body::Empty, "Content-Length: 0\r\n\r\n"),
        ("POST", Body::Full("hi".into()), "Content-Length: 2\r\n\r\nhi"),
        ("PUT", Body::Sized(5), "Content-Length: 5\r\n\r\n"),
        ("PATCH", Body::Stream, "Transfer-Encoding: chunked\r\n\r\n"),
    ] {
        let written = send(&mut client(), &request(method), body);
        assert_eq!(written, format!("{method} /p?q HTTP/1.1\r\nHost: a.example:80\r\n{expected}"));
    }
}

#[test]
fn client_sends_a_body_in_pieces() {
    let mut rig = client();
    send(&mut rig, &request("POST"), Body::Stream);
    rig.machine.send_body("hello".into(), &mut rig.outbox).unwrap();
    assert!(rig.machine.is_sending());
    rig.machine.finish(&mut rig.outbox).unwrap();
    assert_eq!(rig.take_written(), "5\r\nhello\r\n0\r\n\r\n");
    assert!(!rig.machine.is_sending());
}

#[test]
fn client_needs_one_good_host() {
    let bare = Request::new("GET", "/").unwrap();
    let twice = request("GET").field(FieldName::HOST, FieldValue::from_static("b"));
    let bad = bare.clone().field(FieldName::HOST, FieldValue::from_static("a/b"));
    let other = Request::new("GET", "http://a.example/p").unwrap();
    let other = other.field(FieldName::HOST, FieldValue::from_static("b.example"));
    for request in [bare, twice, bad, other] {
        let mut rig = client();
        let refused = rig.machine.request(&request, Body::Empty, &mut rig.outbox, rig.now);
        assert_eq!(refused, Err(SendError::MissingField { name: "Host" }));
        assert!(rig.outbox.is_empty() && rig.machine.is_idle());
    }
}

#[test]
fn client_names_the_host_of_an_absolute_target() {
    let request = Request::new("GET", "http://b:1?q").unwrap();
    let request = request.field(FieldName::HOST, FieldValue::from_static("b:1"));
    let written = send(&mut client(), &request, Body::Empty);
    assert_eq!(written, "GET http://b:1?q HTTP/1.1\r\nHost: b:1\r\n\r\n");
}

#[test]
fn client_refuses_fields_that_are_its_own_to_write() {
    for name in ["content-length", "Transfer-Encoding", "Connection", "Keep-Alive"] {
        let mut rig = client();
        let request = request("GET").field(FieldName::new(name).unwrap(), FieldValue::from(1));
        let refused = rig.machine.request(&request, Body::Empty, &mut rig.outbox, rig.now);
        assert_eq!((refused, rig.outbox.is_empty()), (Err(SendError::ReservedField), true));
    }
}

// Framing of responses. RFC 9112 §6.3.

#[test]
fn client_reads_each_kind_of_body() {
    let hello = || Seen::Body(b"hello".to_vec());
    let head = Seen::Response(200);
    for (response, expected) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"[..], vec![hello(), Seen::End]),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", vec![Seen::End]),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a\r\nllo\r\n0\r\nX: a\r\n b\r\n\r\n",
            vec![
                hello(),
                Seen::Trailers(vec![("X".to_owned(), b"a   b".to_vec())]),
                Seen::End,
            ],
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", vec![hello()]),
    ] {
        let mut rig = client();
        send(&mut rig, &request("GET"), Body::Empty);
        rig.feed(response);
        let seen = rig.take_seen();
        assert_eq!((&seen[0], &seen[1..]), (&head, &expected[..]));
        assert_eq!(rig.machine.is_idle(), expected.contains(&Seen::End));
        rig.end();
        let last = if expected.contains(&Seen::End) { vec![] } else { vec![Seen::End] };
        assert_eq!(rig.take_seen(), [last, vec![Seen::Closed]].concat());
    }
}

#[test]
fn client_reads_no_body_where_none_can_be() {
    for (method, status) in [("HEAD", 200), ("GET", 204), ("GET", 304)] {
        let response = format!("HTTP/1.1 {status} \r\nContent-Length: 5\r\n\r\n");
        assert_eq!(seen(method, response.as_bytes()), [Seen::Response(status), Seen::End]);
    }
}

#[test]
fn client_tells_a_body_cut_short_from_its_end() {
    for response in [
        "H",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n",
    ] {
        let mut rig = client();
        send(&mut rig, &request("GET"), Body::Empty);
        rig.feed(response.as_bytes());
        rig.end();
        assert_eq!(rig.seen.last(), Some(&Seen::Failed(Error::Incomplete)), "{response}");
        assert!(rig.outbox.is_ended());
    }
}

#[test]
fn client_tells_an_end_before_the_response_from_one_inside_it() {
    let mut rig = client();
    for _ in 0..2 {
        send(&mut rig, &request("GET"), Body::Empty);
        rig.feed(b"HTTP/1.1 204 \r\n\r\n");
        rig.take_seen();
    }
    send(&mut rig, &request("GET"), Body::Empty);
    rig.end();
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::NoResponse)]);
    assert!(rig.outbox.is_ended());
}

// Whether the connection goes on.

#[test]
fn client_sends_one_request_after_the_other() {
    let mut rig = client();
    for _ in 0..3 {
        send(&mut rig, &request("GET"), Body::Empty);
        let again = rig.machine.request(&request("GET"), Body::Empty, &mut rig.outbox, rig.now);
        assert_eq!(again, Err(SendError::NotOpen));
        rig.feed(b"HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(rig.take_seen(), [Seen::Response(204), Seen::End]);
    }
    assert_eq!(rig.machine.deadline(), None);
}

#[test]
fn client_ends_a_connection_that_cannot_go_on() {
    for response in [
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    ] {
        let seen = seen("GET", response.as_bytes());
        assert_eq!(seen, [Seen::Response(200), Seen::End, Seen::Closed], "{response}");
    }
    let mut rig = client();
    send(&mut rig, &request("POST"), Body::Sized(5));
    rig.feed(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Response(403), Seen::End, Seen::Closed]);
    assert!(rig.outbox.is_ended());
}

#[test]
fn client_closes_at_once_when_idle_and_else_after_the_response() {
    let mut rig = client();
    rig.machine.close(&mut rig.outbox);
    rig.run();
    assert_eq!((rig.take_seen(), rig.outbox.is_ended()), (vec![Seen::Closed], true));
    let mut rig = client();
    send(&mut rig, &request("GET"), Body::Empty);
    rig.machine.close(&mut rig.outbox);
    assert!(!rig.outbox.is_ended());
    rig.feed(b"HTTP/1.1 204 \r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Response(204), Seen::End, Seen::Closed]);
}

#[test]
fn client_never_takes_unasked_bytes_for_a_response() {
    let mut rig = client();
    rig.feed(b"HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::UnaskedBytes)]);
    assert_eq!(rig.inbox.as_slice(), b"HTTP/1.1 200 OK\r\n\r\n");

    let response = b"HTTP/1.1 204 \r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let expected = [Seen::Response(204), Seen::End, Seen::Failed(Error::UnaskedBytes)];
    assert_eq!(seen("GET", response), expected);
}

#[test]
fn client_that_asks_again_at_once_takes_no_smuggled_bytes_for_the_response() {
    let mut rig =
        Rig::handled(Client::new(ClientConfig::default()), |seen, client, outbox, now| {
            if *seen == Seen::End {
                let again = client.request(&request("GET"), Body::Empty, outbox, now);
                assert_eq!((again, client.is_idle()), (Err(SendError::NotOpen), false));
            }
        });
    send(&mut rig, &request("GET"), Body::Empty);
    rig.feed(b"HTTP/1.1 204 \r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let expected = [Seen::Response(204), Seen::End, Seen::Failed(Error::UnaskedBytes)];
    assert_eq!((rig.take_seen(), rig.take_written().as_str()), (expected.to_vec(), ""));
}

#[test]
fn client_takes_no_bytes_for_a_response_before_its_request_has_left() {
    let mut rig = client();
    send(&mut rig, &request("GET"), Body::Empty);
    rig.feed(b"HTTP/1.1 204 \r\n\r\n");
    rig.take_seen();
    rig.machine.request(&request("GET"), Body::Empty, &mut rig.outbox, rig.now).unwrap();
    rig.feed(b"HTTP/1.1 204 \r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::UnaskedBytes)]);

    let mut rig = client();
    rig.machine.request(&request("GET"), Body::Empty, &mut rig.outbox, rig.now).unwrap();
    rig.outbox.advance(1);
    rig.feed(b"HTTP/1.1 204 \r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Response(204), Seen::End]);
}

// Interim responses and upgrades.

#[test]
fn client_takes_eight_interim_responses_and_no_ninth() {
    let interim = "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n";
    let last = "HTTP/1.1 204 \r\n\r\n";
    let good = seen("GET", [interim.repeat(8), last.to_owned()].concat().as_bytes());
    assert_eq!(good[8..], [Seen::Response(204), Seen::End]);
    assert_eq!(good[..8], [const { Seen::Interim(103) }; 8]);
    let bad = seen("GET", interim.repeat(9).as_bytes());
    assert_eq!(bad[8..], [Seen::Failed(Error::TooManyInterim { limit: 8 })]);
}

#[test]
fn client_hands_the_connection_over_when_its_upgrade_is_granted() {
    let mut rig = client();
    let ask = request("GET").field(FieldName::UPGRADE, FieldValue::from_static("x"));
    let written = send(&mut rig, &ask, Body::Empty);
    assert!(written.ends_with("\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"));
    rig.feed(b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 3\r\n\r\nframes");
    assert_eq!(rig.take_seen(), [Seen::Response(101), Seen::Upgraded]);
    rig.end();
    rig.wait(Duration::from_secs(1000));
    assert_eq!((rig.take_seen(), rig.machine.deadline()), (vec![], None));
    assert_eq!((rig.inbox.as_slice(), rig.outbox.is_ended()), (&b"frames"[..], false));
}

#[test]
fn client_goes_on_when_its_upgrade_is_not_granted() {
    let mut rig = client();
    let ask = request("GET").field(FieldName::UPGRADE, FieldValue::from_static("x"));
    send(&mut rig, &ask, Body::Empty);
    rig.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    assert_eq!(rig.take_seen(), [Seen::Response(200), Seen::Body(b"hi".to_vec()), Seen::End]);
    assert!(rig.machine.is_idle());
}

#[test]
fn client_fails_on_a_switch_that_it_did_not_ask_for() {
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
    assert_eq!(seen("GET", switch), [Seen::Failed(Error::UnaskedUpgrade)]);
}

// Time.

#[test]
fn client_waits_for_a_head_and_then_for_a_body() {
    let mut rig = client();
    send(&mut rig, &request("GET"), Body::Empty);
    assert_eq!(rig.machine.deadline(), Some(rig.now + Duration::from_secs(75)));
    rig.wait(Duration::from_secs(74));
    rig.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
    assert_eq!(rig.machine.deadline(), Some(rig.now + Duration::from_secs(30)));
    rig.wait(Duration::from_secs(30));
    assert_eq!(rig.seen.last(), Some(&Seen::Failed(Error::BodyTimeout)));

    let mut rig = client();
    send(&mut rig, &request("GET"), Body::Empty);
    rig.wait(Duration::from_secs(75));
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::HeadTimeout)]);
}

#[test]
fn client_reads_a_stream_without_end_if_told_so() {
    let mut config = ClientConfig::default();
    (config.body_timeout, config.max_body_bytes) = (None, u64::MAX);
    let mut rig = Rig::new(Client::new(config));
    send(&mut rig, &request("GET"), Body::Empty);
    rig.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(rig.machine.deadline(), None);
    for _ in 0..100 {
        rig.wait(Duration::from_secs(3600));
        rig.feed(b"400\r\n");
        rig.feed(&[b'x'; 0x400]);
        rig.feed(b"\r\n");
    }
    assert_eq!(rig.error(), None);
}
