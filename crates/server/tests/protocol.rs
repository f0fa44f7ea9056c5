//! What the server answers to bytes that no well-behaved client sends. That events arrive is tested
//! elsewhere.

mod support;

use support::raw::{Publisher, Raw, UPGRADE, data};
use support::{PATIENCE, Server, eventually};
use tokio::time::{Instant, timeout};

const HELD: &str = "GET /v1/poll?topic=tide&wait=20 HTTP/1.1\r\nHost: a\r\n\r\n";
const STREAM: &str = "GET /v1/sse?topic=tide HTTP/1.1\r\nHost: a\r\n\r\n";
const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn broken_requests_are_told_what_is_wrong_and_cut_off() {
    let server = Server::start(&["--max-event-bytes", "1000"]);
    let long_line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(9000));
    let long_head = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {}\r\n\r\n", "x".repeat(17_000));
    let many_fields = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(101));
    let both_lengths = "POST /v1/publish?topic=t HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\
        Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let cases = [
        ("\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03 tls\r\n\r\n", 400),
        ("hello\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/2.7\r\nHost: a\r\n\r\n", 505),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
        (both_lengths, 400),
        (&long_line, 414),
        (&long_head, 431),
        (&many_fields, 431),
        (&publication(1001), 413),
        (
            "POST /v1/publish?topic=t HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n\
            and so on",
            413,
        ),
    ];
    for (request, status) in cases {
        let mut client = Raw::connect(server.address).await;
        client.send(request).await;
        let response = client.response().await;
        assert_eq!(response.status, status, "{request:.60}");
        assert!(response.head.contains("connection: close"), "{request:.60}: {response:?}");
        client.end().await;
        assert_eq!(client.rest().await, b"", "{request:.60}");
    }
}

#[tokio::test]
async fn a_client_that_asks_far_ahead_gets_every_answer() {
    let server = Server::start(&[]);
    let mut publisher = Publisher::new(server.address);
    let big = "x".repeat(60_000);
    for _ in 0..4 {
        publisher.publish("tide", &big).await;
    }
    let mut client = Raw::connect(server.address).await;
    let poll = "GET /v1/poll?topic=tide&after=oldest&wait=0 HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(poll.repeat(50)).await;
    for _ in 0..50 {
        assert_eq!(client.response().await.status, 200);
    }
}

#[tokio::test]
async fn a_body_at_the_limit_is_published() {
    let server = Server::start(&["--max-event-bytes", "1000"]);
    let mut client = Raw::connect(server.address).await;
    client.send(publication(1000)).await;
    assert_eq!(client.response().await.status, 201);
    client.send(HEALTH).await;
    assert_eq!(client.response().await.status, 200, "the connection is kept");
}

#[tokio::test]
async fn a_refused_request_leaves_a_connection_that_can_be_used() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    for (request, status) in [
        ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", 404),
        ("DELETE /v1/poll?topic=t HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("DELETE /v1/sse?topic=t HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("GET /v1/sse?topic=t HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n", 406),
        ("GET /v1/poll HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /v1/poll?topic=t&after=1.1&wait=0 HTTP/1.1\r\nHost: a\r\n\r\n", 410),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nOrigin: http://evil.example\r\n\r\n", 403),
        ("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
        (HEALTH, 200),
    ] {
        client.send(request).await;
        assert_eq!(client.response().await.status, status, "{request}");
    }
}

#[tokio::test]
async fn a_head_request_for_an_event_stream_is_answered_without_one() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    client.send("HEAD /v1/sse?topic=tide HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let head = client.head().await;
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(head.contains("content-type: text/event-stream\r\n"), "{head}");
    Publisher::new(server.address).publish("tide", "hello").await;
    client.stays_silent().await;
    client.send(HEALTH).await;
    assert_eq!(client.response().await.status, 200, "the connection is kept");
}

#[tokio::test]
async fn an_event_id_that_is_none_of_ours_is_answered_with_a_reset_and_what_there_is() {
    let server = Server::start(&[]);
    Publisher::new(server.address).publish("tide", "hello").await;
    for id in ["yesterday", &"9".repeat(2000), "\u{2026}", "1.1"] {
        let mut client = Raw::connect(server.address).await;
        let fields = format!("Host: a\r\nLast-Event-ID: {id}\r\n");
        client.send(format!("GET /v1/sse?topic=tide HTTP/1.1\r\n{fields}\r\n")).await;
        assert!(client.head().await.starts_with("http/1.1 200 "), "{id:.20}");
        client.reads_until("event: reset").await;
        client.reads_until("data: hello").await;
    }
}

#[tokio::test]
async fn r18_an_event_stream_ends_in_time_and_says_when_to_come_back() {
    let server = Server::start(&["--max-stream-age", "1"]);
    let mut client = Raw::connect(server.address).await;
    client.send(STREAM).await;
    assert!(client.head().await.starts_with("http/1.1 200 "));
    let hint = "retry: 3000\n\n";
    client.reads_until(&format!("{:x}\r\n{hint}\r\n0\r\n\r\n", hint.len())).await;
    client.send(HEALTH).await;
    assert!(client.head().await.starts_with("http/1.1 200 "), "the connection can be used again");
}

#[tokio::test]
async fn a_head_that_takes_too_long_is_answered_408() {
    let server = Server::start(&[]);
    let began = Instant::now();
    let mut client = Raw::connect(server.address).await;
    client.send("GET /healthz HTTP/1.1\r\nHo").await;
    assert_eq!(client.response().await.status, 408);
    let waited = began.elapsed();
    assert!((10..20).contains(&waited.as_secs()), "{waited:?}");
    client.end().await;
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn an_upgrade_with_a_body_is_refused() {
    let server = Server::start(&[]);
    let head = format!("GET /v1/ws?topic=tide HTTP/1.1\r\nHost: a\r\n{UPGRADE}");
    for body in ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] {
        let mut client = Raw::connect(server.address).await;
        client.send(format!("{head}{body}{HEALTH}")).await;
        let response = client.response().await;
        assert_eq!(response.status, 400, "{body}");
        client.end().await;
        assert_eq!(client.rest().await, b"", "what follows is not read as a request");
    }
}

#[tokio::test]
async fn an_upgrade_that_is_none_is_refused() {
    let server = Server::start(&[]);
    for (fields, status) in [
        (UPGRADE.replace("13", "8"), 426),
        (UPGRADE.replace("Connection: Upgrade\r\n", ""), 400),
        (UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"), 400),
    ] {
        let mut client = Raw::connect(server.address).await;
        client.send(format!("GET /v1/ws?topic=t HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await;
        assert_eq!(client.response().await.status, status, "{fields}");
    }
}

#[tokio::test]
async fn bytes_behind_the_upgrade_are_frames() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    let head = format!("GET /v1/ws?topic=tide HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n");
    // A ping "hi" with an all-zero mask, in the same write as the head.
    client.send([head.as_bytes(), b"\x89\x82\0\0\0\0hi"].concat()).await;
    assert!(client.head().await.starts_with("http/1.1 101 "));
    assert_eq!(client.bytes(4).await, b"\x8a\x02hi");
    // A frame without a mask ends the connection: 1002. RFC 6455 §5.1.
    client.send(b"\x89\x02hi").await;
    assert_eq!(client.bytes(4).await[..1], *b"\x88");
}

#[tokio::test]
async fn a_client_that_ended_its_side_still_gets_the_answer_to_a_held_poll() {
    let server = Server::start(&[]);
    let mut client = Raw::connect(server.address).await;
    client.send(HELD).await;
    client.stays_silent().await;
    client.end().await;
    let answer = timeout(PATIENCE, client.response()).await.unwrap();
    assert_eq!((answer.status, data(&answer.body).len()), (200, 0));
    assert!(answer.head.contains("connection: close"), "{answer:?}");
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn clients_that_vanish_leave_nothing_behind() {
    let server = Server::start(&[]);
    let mut publisher = Publisher::new(server.address);
    publisher.publish("tide", "before").await;
    let files = server.open_files();
    let requests = [
        HELD.to_owned(),
        "GET /v1/sse?topic=tide HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
        format!("GET /v1/ws?topic=tide HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n"),
        "GET /v1/poll?topic=ti".to_owned(),
    ];
    let mut gone = Vec::new();
    for round in 0..20 {
        for request in &requests {
            let mut client = Raw::connect(server.address).await;
            if round % 2 == 0 {
                client.dies_with_a_reset();
            }
            client.send(request).await;
            gone.push(client);
        }
    }
    assert!(eventually(|| server.open_files() >= files + gone.len()).await, "all are there");
    drop(gone);
    publisher.publish("tide", "after").await;
    assert!(eventually(|| server.open_files() <= files).await, "{} files", server.open_files());
    publisher.publish("tide", "later").await;
}

#[tokio::test]
async fn a_big_event_behind_a_small_one_reaches_every_stream() {
    let server = Server::start(&["--max-event-bytes", "3000000"]);
    let mut publisher = Publisher::new(server.address);
    let big = "x".repeat(2_500_000);
    for data in ["small", &big, "small", &big, "last"] {
        publisher.publish("tide", data).await;
    }
    for (path, fields) in [("ws", UPGRADE), ("sse", "")] {
        let target = format!("/v1/{path}?topic=tide&after=oldest");
        let mut client = Raw::connect(server.address).await;
        client.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await;
        client.head().await;
        assert!(client.reads_until("last").await > 5_000_000, "{path}");
    }
}

/// A request that publishes so many bytes.
fn publication(len: usize) -> String {
    let data = "x".repeat(len);
    format!("POST /v1/publish?topic=t HTTP/1.1\r\nHost: a\r\nContent-Length: {len}\r\n\r\n{data}")
}
