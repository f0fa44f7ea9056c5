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
    for (transport, request, is_answered) in [
        ("WebSocket", &*websocket, true),
        ("event stream", "GET /v1/sse?topic=tide HTTP/1.1\r\nHost: a\r\n\r\n", true),
        ("held poll", "GET /v1/poll?topic=tide&wait=55 HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("kept alive", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", true),
    ] {
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
        let each = server.resident_bytes().saturating_sub(before) / CONNECTIONS;
        println!("{transport}: {each} bytes of memory for each of {CONNECTIONS} connections");
        assert!(each < BOUND_BYTES, "{transport}: {each} bytes");
    }
}
