//! HTTP by hand, for what no well-behaved client sends, and a publisher on top. Nothing is judged
//! here.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// The fields that ask for a WebSocket.
pub(crate) const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A TCP connection to the server.
pub(crate) struct Raw(BufReader<TcpStream>);

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The status line and the fields, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    /// Whether the head has this line, in lower case.
    pub(crate) fn has(&self, line: &str) -> bool {
        self.head.lines().any(|is| is == line)
    }
}

/// The data of the events in a poll's answer.
pub(crate) fn data(body: &str) -> Vec<String> {
    let answer: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let events = answer["events"].as_array().expect("an answer lists events").iter();
    events.map(|event| event["data"].as_str().expect("text").to_owned()).collect()
}

impl Raw {
    pub(crate) async fn connect(server: SocketAddr) -> Self {
        let socket = TcpStream::connect(server).await.expect("the server listens");
        socket.set_nodelay(true).expect("the kernel takes it");
        Self(BufReader::new(socket))
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("the server reads");
    }

    /// Ends our side; the server may still answer.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await.expect("the connection stands");
    }

    /// Reads one response whose length is declared.
    pub(crate) async fn response(&mut self) -> Response {
        let head = self.head().await;
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
        let read = timeout(PATIENCE, self.0.read_exact(&mut body)).await;
        read.expect("the server is quick").expect("the body is whole");
        let body = String::from_utf8(body).expect("the server speaks UTF-8");
        Response { status: status.expect("a status line"), head, body }
    }

    /// Reads the head of a response.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let line = timeout(PATIENCE, self.0.read_line(&mut head)).await;
            let bytes = line.expect("the server is quick").expect("the connection stands");
            assert_ne!(bytes, 0, "the connection ended behind {head:?}");
        }
        head.to_ascii_lowercase()
    }

    /// Reads so many bytes.
    pub(crate) async fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        let read = timeout(PATIENCE, self.0.read_exact(&mut bytes)).await;
        read.expect("the server is quick").expect("the connection stands");
        bytes
    }

    /// Reads until the server ends the connection.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await;
        read.expect("the server is quick").expect("the connection ends in order");
        bytes
    }

    /// Reads until `words` come; returns how many bytes that were.
    pub(crate) async fn reads_until(&mut self, words: &str) -> usize {
        let words = words.as_bytes();
        let mut bytes = Vec::new();
        while !bytes.windows(words.len()).rev().take(1 << 16).any(|window| window == words) {
            let read = timeout(PATIENCE, self.0.read_buf(&mut bytes)).await;
            let read = read.expect("the server goes on").expect("the connection stands");
            assert_ne!(read, 0, "the connection ended behind {} bytes", bytes.len());
        }
        bytes.len()
    }

    /// Sends a `GET` with some field lines and reads the answer.
    pub(crate) async fn get(&mut self, target: &str, fields: &str) -> Response {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).await;
        self.response().await
    }

    /// Checks that the server has nothing to say for a moment.
    pub(crate) async fn stays_silent(&mut self) {
        let heard = timeout(Duration::from_millis(150), self.bytes(1)).await;
        assert!(heard.is_err(), "the server said something");
    }

    /// Lets the end of this value be an RST.
    pub(crate) fn dies_with_a_reset(&self) {
        self.0.get_ref().set_zero_linger().expect("the kernel takes it");
    }
}

/// Publishes one event after the other over kept connections.
pub(crate) struct Publisher {
    server: SocketAddr,
    connection: Option<Raw>,
}

impl Publisher {
    pub(crate) fn new(server: SocketAddr) -> Self {
        Self { server, connection: None }
    }

    /// Publishes one event and waits for its cursor.
    pub(crate) async fn publish(&mut self, topic: &str, data: &str) -> String {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Raw::connect(self.server).await,
        };
        let length = data.len();
        let target = format!("/v1/publish?topic={topic}");
        let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        connection.send(head + data).await;
        let response = connection.response().await;
        assert_eq!(response.status, 201, "{response:?}");
        if !response.head.contains("connection: close") {
            self.connection = Some(connection);
        }
        let document: serde_json::Value = serde_json::from_str(&response.body).expect("JSON");
        document["cursor"].as_str().expect("a cursor").to_owned()
    }
}
