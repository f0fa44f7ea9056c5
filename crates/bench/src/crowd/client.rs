//! One client of a crowd: asks, waits, and tells what comes. What that amounts to is `crowd`'s business.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;

use super::{EVENT, TOPIC, now};

/// The way in which a crowd waits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    LongPoll,
    EventStream,
    WebSocket,
}

/// What a client tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    /// It has asked, and heard of it where the server says so.
    Open,
    /// The event came.
    Event(Instant),
    /// The event came once more.
    Again,
    /// The connection is over.
    Gone,
}

/// What all clients of a crowd have in common.
pub(super) struct Client {
    transport: Transport,
    server: SocketAddr,
    request: String,
}

impl Transport {
    pub(super) const ALL: [Self; 3] = [Self::LongPoll, Self::EventStream, Self::WebSocket];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LongPoll => "held poll",
            Self::EventStream => "event stream",
            Self::WebSocket => "WebSocket",
        }
    }

    /// Whether the server answers before there is an event.
    fn opens_with_a_head(self) -> bool {
        match self {
            Self::LongPoll => false,
            Self::EventStream | Self::WebSocket => true,
        }
    }
}

impl Client {
    /// One that has heard all up to `cursor`.
    pub(super) fn new(transport: Transport, server: SocketAddr, cursor: &str) -> Self {
        let (path, fields) = match transport {
            Transport::LongPoll => ("poll", "Accept: application/json\r\n"),
            Transport::EventStream => ("sse", "Accept: text/event-stream\r\n"),
            Transport::WebSocket => (
                "ws",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            ),
        };
        let request = format!(
            "GET /v1/{path}?topic={TOPIC}&after={cursor}&wait=55 HTTP/1.1\r\nHost: {server}\r\n\
             User-Agent: tidewire-bench\r\n{fields}\r\n"
        );
        Self { transport, server, request }
    }

    /// Waits for the event for ever.
    pub(super) async fn follow(self: Arc<Self>, tell: UnboundedSender<Told>) {
        // Who measures may have seen enough.
        let _ = self.listen(&tell).await;
        let _ = tell.send(Told::Gone);
    }

    async fn listen(&self, tell: &UnboundedSender<Told>) -> io::Result<()> {
        let mut socket = TcpStream::connect(self.server).await?;
        socket.write_all(self.request.as_bytes()).await?;
        let mut heard = Vec::new();
        while self.transport.opens_with_a_head() && memmem::find(&heard, b"\r\n\r\n").is_none() {
            if socket.read_buf(&mut heard).await? == 0 {
                return Ok(());
            }
        }
        let _ = tell.send(Told::Open);
        let mut events = 0;
        while socket.read_buf(&mut heard).await? > 0 {
            let told = memmem::find_iter(&heard, EVENT).count();
            for event in events..told {
                let _ = tell.send(if event == 0 { Told::Event(now()) } else { Told::Again });
            }
            events = told;
        }
        Ok(())
    }
}
