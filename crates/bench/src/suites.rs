//! What is timed: one small exchange per machine.

use std::hint::black_box;

use bytes::{Buf, Bytes};
use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::http::{Body, Response, Server, ServerConfig};
use tidewire::hub::{Batch, Config, Hub, Read, Start};
use tidewire::sse::{Decoder, EventId, EventName, Frame, Item, Limits};
use tidewire::ws::{self, Connection, FrameHeader, Opcode};

use crate::harness::Case;

type Suite = (&'static str, fn() -> Vec<Case>);

/// The suites by name.
pub(crate) fn all() -> [Suite; 4] {
    [("http", http), ("ws", ws), ("sse", sse), ("hub", hub)]
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

fn ws() -> Vec<Case> {
    let receive = |name, len: usize| {
        let (mut connection, mut inbox, mut outbox) =
            (Connection::server(ws::Config::default(), NOW), Inbox::new(), Outbox::new());
        let frame = masked_text(len);
        Case::new(name, move || {
            inbox.push(&frame);
            while let Ok(Some(event)) = connection.next_event(&mut inbox, &mut outbox, NOW) {
                black_box(&event);
            }
        })
    };
    let send = |name, len: usize| {
        let (mut connection, mut outbox) =
            (Connection::server(ws::Config::default(), NOW), Outbox::new());
        let text = "x".repeat(len);
        Case::new(name, move || {
            connection.send_text(&text, &mut outbox).expect("the connection is open");
            drain(&mut outbox);
        })
    };
    vec![
        receive("server: receive text, 16 B", 16),
        receive("server: receive text, 125 B", 125),
        receive("server: receive text, 16 KiB", 16 << 10),
        send("server: send text, 16 B", 16),
        send("server: send text, 125 B", 125),
        send("server: send text, 16 KiB", 16 << 10),
    ]
}

fn masked_text(len: usize) -> Vec<u8> {
    let key = [0x37, 0xfa, 0x21, 0x3d];
    let len_field = len as u64;
    let header = FrameHeader {
        fin: true,
        compressed: false,
        opcode: Opcode::Text,
        mask: Some(key),
        len: len_field,
    };
    let mut frame = header.encode(&mut [0; FrameHeader::MAX_LEN]).to_vec();
    let mut payload = vec![b'x'; len];
    ws::mask::apply(&mut payload, key);
    frame.extend_from_slice(&payload);
    frame
}

fn sse() -> Vec<Case> {
    let delta = r#"{"choices":[{"index":0,"delta":{"content":" tide"},"finish_reason":null}]}"#;
    let frame = Frame::new().data(delta).to_bytes();
    let mut decoder = Decoder::new(Limits::default());
    let decode = Case::new("decode: one JSON delta", move || {
        let mut input = &frame[..];
        while let Ok(Some(item)) = decoder.decode(&mut input) {
            if let Item::Event(event) = item {
                black_box(event.data().as_bytes());
            }
        }
    });
    let (name, id) = (EventName::from_static("delta"), EventId::from_static("7.42"));
    let mut outbox = Outbox::new();
    let encode = Case::new("encode: name, id and one JSON delta", move || {
        Frame::new().name(&name).id(&id).data(delta).encode(&mut outbox);
        drain(&mut outbox);
    });
    vec![decode, encode]
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
