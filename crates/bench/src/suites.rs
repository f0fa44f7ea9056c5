//! What is timed beside nobody: one small exchange. What has peers has a suite of its own.

use std::hint::black_box;

use bytes::{Buf, Bytes};
use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::http::{Body, Response, Server, ServerConfig};

use crate::Suite;
use crate::harness::Case;

type Cases = fn() -> Vec<Case>;

/// The suites, each with its name.
pub(crate) fn all() -> [(Suite, &'static str, Cases); 1] {
    [(Suite::Http, "http", http)]
}

const NOW: Instant = Instant::ORIGIN;

fn http() -> Vec<Case> {
    let mut config = ServerConfig::default();
    config.max_requests = u32::MAX;
    let (mut server, mut inbox, mut outbox) =
        (Server::new(config, NOW), Inbox::new(), Outbox::new());
    let request = b"GET /v1/poll?topic=demo&wait=0 HTTP/1.1\r\nHost: a.example\r\n\
        User-Agent: bench\r\nAccept: */*\r\n\r\n";
    let response = Response::new(200);
    let body = Bytes::from_static(b"{\"events\":[]}");
    vec![Case::new("server: request and response, keep-alive", move || {
        inbox.push(request);
        while let Ok(Some(event)) = server.next_event(&mut inbox, &mut outbox, NOW) {
            if let tidewire::http::server::Event::End = event {
                let body = Body::Full(body.clone());
                server.respond(&response, body, &mut outbox, NOW).expect("a response is due");
            }
        }
        drain(&mut outbox);
    })]
}

fn drain(outbox: &mut Outbox) {
    let len = outbox.remaining();
    outbox.advance(black_box(len));
}
