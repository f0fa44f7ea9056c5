//! What is timed: one small exchange per machine. WebSocket and Server-Sent
//! Events, which have peers, are in `ws` and `sse`.

use std::hint::black_box;

use bytes::{Buf, Bytes};
use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::http::{Body, Response, Server, ServerConfig};
use tidewire::hub::{Batch, Config, Hub, Read, Start};

use crate::Suite;
use crate::harness::Case;

type Cases = fn() -> Vec<Case>;

/// The suites, each with its name.
pub(crate) fn all() -> [(Suite, &'static str, Cases); 2] {
    [(Suite::Http, "http", http), (Suite::Hub, "hub", hub)]
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

fn hub() -> Vec<Case> {
    let mut config = Config::default();
    config.max_events = 1024;
    let mut alone = Hub::new(config.clone(), 7);
    let publish = Case::new("publish, nobody waits", move || {
        alone.publish("news", (), 64, None, NOW).expect("within the limits");
    });
    let mut crowd = Hub::new(config, 7);
    for _ in 0..1000 {
        let (id, _) = crowd.subscribe(&["news"], Start::Now, NOW).expect("within the limits");
        assert!(matches!(crowd.read(id, Batch::default()), Read::Waiting));
    }
    let fan_out = Case::new("publish, 1,000 wait, read and wait again", move || {
        crowd.publish("news", (), 64, None, NOW).expect("within the limits");
        while let Some(id) = crowd.next_ready() {
            while !matches!(crowd.read(id, Batch::default()), Read::Waiting) {}
        }
    });
    vec![publish, fan_out]
}

fn drain(outbox: &mut Outbox) {
    let len = outbox.remaining();
    outbox.advance(black_box(len));
}
