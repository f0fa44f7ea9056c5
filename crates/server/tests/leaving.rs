//! A server that is asked to go says goodbye to everyone, in the way of each transport, also to those who
//! were just about to come. One that is killed is tested in `restart`.

mod support;

use std::time::Duration;

use support::Server;
use support::raw::{Raw, UPGRADE};
use tokio::net::TcpStream;
use tokio::time::timeout;

const HOLD: &str = "GET /v1/poll?topic=tide&wait=20 HTTP/1.1\r\nHost: a\r\n\r\n";
const FOLLOW: &str = "GET /v1/sse?topic=tide HTTP/1.1\r\nHost: a\r\n\r\n";

fn upgrade() -> String {
    format!("GET /v1/ws?topic=tide HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n")
}

/// Everything until the server ended the connection, in lower case.
async fn last_words(client: &mut Raw) -> String {
    let words = timeout(Duration::from_secs(10), client.rest()).await.expect("it is let go");
    String::from_utf8_lossy(&words).to_ascii_lowercase()
}

/// A Close frame with 1001, going away.
fn is_going_away(client_read: &[u8]) -> bool {
    client_read.ends_with(b"\x88\x02\x03\xe9")
}

#[tokio::test]
async fn each_transport_is_told_in_its_own_way() {
    // Half of it is for the polls, one after the other.
    let mut server = Server::start(&["--drain", "8"]);
    let mut idle = Raw::connect(server.address).await;
    let mut poll = Raw::connect(server.address).await;
    poll.send(HOLD).await;
    let mut stream = Raw::connect(server.address).await;
    stream.send(FOLLOW).await;
    stream.head().await;
    let mut socket = Raw::connect(server.address).await;
    socket.send(upgrade()).await;
    socket.head().await;
    poll.stays_silent().await;

    server.terminate();
    let answer = last_words(&mut poll).await;
    assert!(answer.contains("connection: close") && answer.contains("\"events\":[]"), "{answer}");
    let end = last_words(&mut stream).await;
    assert!(end.contains("retry: 1000\n") && end.ends_with("\r\n0\r\n\r\n"), "{end}");
    assert!(is_going_away(&socket.bytes(4).await));
    socket.send(b"\x88\x82\0\0\0\0\x03\xe9").await;
    assert_eq!(socket.rest().await, b"");
    assert_eq!(idle.rest().await, b"");
    assert!(server.is_gone().await);
}

#[tokio::test]
async fn a_stream_that_was_on_its_way_begins_and_is_told_to_come_back() {
    // It would wait for long for who does not go.
    let mut server = Server::start(&["--drain", "600"]);
    let (begun, rest) = FOLLOW.split_at(30);
    let mut stream = Raw::connect(server.address).await;
    stream.send(begun).await;
    let upgrade = upgrade();
    let (begun, rest_of_upgrade) = upgrade.split_at(30);
    let mut socket = Raw::connect(server.address).await;
    socket.send(begun).await;
    let with_body = FOLLOW.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n");
    let mut slow = Raw::connect(server.address).await;
    slow.send(&with_body).await;
    slow.send("o").await;
    slow.stays_silent().await;

    server.terminate();
    let is_deaf = async || TcpStream::connect(server.address).await.is_err();
    while !is_deaf().await {
        stream.stays_silent().await;
    }
    stream.stays_silent().await;
    stream.send(rest).await;
    slow.send("k").await;
    for client in [&mut stream, &mut slow] {
        let words = last_words(client).await;
        assert!(words.starts_with("http/1.1 200 ok\r\n"), "{words}");
        assert!(words.contains("retry: 1000\n") && words.ends_with("\r\n0\r\n\r\n"), "{words}");
    }
    socket.send(rest_of_upgrade).await;
    assert!(socket.head().await.starts_with("http/1.1 101 "));
    assert!(is_going_away(&socket.bytes(4).await));
    drop(socket);
    assert!(server.is_gone().await);
}
