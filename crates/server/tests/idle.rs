//! What a connection costs the server while nothing happens on it. Speed is measured elsewhere.

mod support;

use support::raw::{Publisher, Raw, UPGRADE};
use support::{Server, eventually};

const CONNECTIONS: usize = 500;
/// More than any idle connection may cost, for whatever an allocator keeps in reserve.
const BOUND_BYTES: usize = 8 * 1024;

#[tokio::test]
async fn an_idle_connection_costs_little() {
    let websocket = format!("GET /v1/ws?topic=tide HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n");
    for (what, request) in [
        ("WebSocket", &*websocket),
        ("event stream", "GET /v1/sse?topic=tide HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("kept alive", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"),
    ] {
        let each = cost(request, true).await;
        println!("{what}: {each} bytes of memory for each of {CONNECTIONS} connections");
        assert!(each < BOUND_BYTES, "{what}: {each} bytes");
    }
}

#[tokio::test]
async fn r4_a_held_poll_costs_no_more_than_is_documented() {
    let request = "GET /v1/poll?topic=tide&wait=55 HTTP/1.1\r\nHost: a\r\n\r\n";
    let each = cost(request, false).await;
    println!("held poll: {each} bytes of memory for each of {CONNECTIONS} connections");
    assert!(each < BOUND_BYTES, "{each} bytes");
}

/// What each of many connections with this request adds to the server's memory, in bytes.
async fn cost(request: &str, is_answered: bool) -> usize {
    let server = Server::start(&[]);
    // What the first event and the first connection make the server set up is no connection's.
    Publisher::new(server.address).publish("tide", "hello").await;
    let before = server.resident_bytes();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = Raw::connect(server.address).await;
        connection.send(request).await;
        if is_answered {
            connection.head().await;
        }
        connections.push(connection);
    }
    assert!(eventually(|| server.open_files() >= CONNECTIONS).await);
    server.resident_bytes().saturating_sub(before) / CONNECTIONS
}
