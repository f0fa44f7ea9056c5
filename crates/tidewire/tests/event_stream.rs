//! A server's connection as an event stream: what it writes, and what each event costs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

use std::sync::Arc;
use std::time::Duration;

use allocation_counter::measure;
use tidewire::Entry;
use tidewire::bytes::Buf;
use tidewire::core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire::http::server::Event as Http;
use tidewire::hub::Cursor;
use tidewire::server::{Config, Connection, Event, SendError};
use tidewire::sse::EventName;
use tidewire::ws::handshake::server::Policy;

const GET: &[u8] = b"GET /sse HTTP/1.1\r\nHost: a\r\n\r\n";
const HEAD: &[u8] = b"HEAD /sse HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_1_0: &[u8] = b"GET /sse HTTP/1.0\r\n\r\n";
const UPGRADE: &[u8] =
    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

struct Link {
    connection: Connection,
    inbox: Inbox,
    outbox: Outbox,
    now: Instant,
}

impl Link {
    /// A connection that has answered `request` with a stream.
    fn open(config: Config, request: &[u8]) -> Self {
        let now = Instant::ORIGIN;
        let connection = Connection::new(Arc::new(config), now);
        let mut link = Self { connection, inbox: Inbox::new(), outbox: Outbox::new(), now };
        link.ask(request);
        link
    }

    fn ask(&mut self, request: &[u8]) {
        self.inbox.push(request);
        let Self { connection, inbox, outbox, now } = self;
        let Ok(Some(Event::Http(Http::Request(head)))) = connection.next_event(inbox, outbox, *now)
        else {
            panic!("no request")
        };
        if head.path() == "/ws" {
            let accepted = connection.accept_websocket(&head, &Policy::default(), [], outbox, *now);
            assert_eq!(accepted, Ok(tidewire::server::Handshake::Accepted));
        } else {
            let mut jitter = Entropy::new(|bytes| bytes.fill(0));
            connection.open_event_stream([], &mut jitter, outbox, *now).unwrap();
        }
        self.run();
        assert!(self.take().ends_with("\r\n\r\n"), "the head");
    }

    fn run(&mut self) {
        while let Ok(Some(_)) =
            self.connection.next_event(&mut self.inbox, &mut self.outbox, self.now)
        {}
    }

    fn send(&mut self, entry: &Entry) -> Result<(), SendError> {
        self.connection.send(entry, &mut self.outbox, self.now)
    }

    fn take(&mut self) -> String {
        let taken = self.outbox.copy_to_bytes(self.outbox.len());
        String::from_utf8_lossy(&taken).into_owned()
    }
}

fn entry(data: &str) -> Entry {
    Entry::new(Cursor { epoch: 7, offset: 2 }, "message", None, data)
}

#[test]
fn one_event_is_one_chunk_in_one_run_of_bytes() {
    let mut link = Link::open(Config::default(), GET);
    link.send(&entry("hello")).unwrap();
    assert_eq!(link.outbox.chunk(), b"15\r\nid: 7.2\ndata: hello\n\n\r\n");
    link.take();
    let large = entry(&"x".repeat(5_000));
    link.send(&large).unwrap();
    assert_eq!(link.outbox.chunk().as_ptr(), large.chunk().as_chunk().as_ptr(), "not copied");
    assert_eq!(link.outbox.chunk().len(), link.outbox.len());
}

#[test]
fn a_body_without_chunks_takes_the_bare_frame() {
    let mut link = Link::open(Config::default(), GET_1_0);
    link.send(&entry("hello")).unwrap();
    assert_eq!(link.take(), "id: 7.2\ndata: hello\n\n");
}

#[test]
fn an_event_costs_no_connection_an_allocation() {
    for (request, len) in [(GET, 5), (GET, 400), (GET, 5_000), (GET_1_0, 5), (GET_1_0, 5_000)] {
        let data = "x".repeat(len);
        let mut links: Vec<_> = (0..10).map(|_| Link::open(Config::default(), request)).collect();
        let mut round = |entry: &Entry| {
            for link in &mut links {
                link.send(entry).unwrap();
                link.run();
                link.outbox.advance(link.outbox.len());
            }
        };
        round(&entry(&data));
        let next = entry(&data);
        assert_eq!(measure(|| round(&next)).count_total, 0, "{len} bytes");
    }
}

#[test]
fn a_head_request_gets_the_head_and_leaves_the_connection_as_it_is() {
    let mut config = Config::default();
    config.http.idle_timeout = Duration::from_secs(60);
    let mut link = Link::open(config, HEAD);
    assert!(matches!(link.send(&entry("hello")), Err(SendError::WrongStage)));
    link.now += Duration::from_secs(20);
    link.run();
    assert_eq!(link.take(), "", "no sign of life without a stream");
    assert!(link.connection.http().is_some());
    link.ask(GET);
    link.send(&entry("hello")).unwrap();
}

#[test]
fn a_gap_has_the_name_that_is_set_and_moves_the_client() {
    let mut config = Config::default();
    let behind = Cursor { epoch: 7, offset: 9 };
    for name in ["reset", "missed"] {
        config.event_stream.gap_name = EventName::from_static(name);
        let mut link = Link::open(config.clone(), GET);
        link.connection.send_gap(behind, "lost", &mut link.outbox, link.now).unwrap();
        let frame = format!("event: {name}\nid: 7.9\ndata: lost\n\n");
        assert_eq!(link.take(), format!("{:x}\r\n{frame}\r\n", frame.len()));
    }
    let mut link = Link::open(config, UPGRADE);
    link.connection.send_gap(behind, "lost", &mut link.outbox, link.now).unwrap();
    assert_eq!(link.outbox.chunk(), b"\x81\x04lost");
}

#[test]
fn a_sign_of_life_is_a_chunk_of_its_own_and_only_in_silence() {
    let mut link = Link::open(Config::default(), GET);
    link.now += Duration::from_secs(10);
    link.send(&entry("hello")).unwrap();
    link.take();
    link.now += Duration::from_secs(5);
    link.run();
    assert_eq!(link.take(), "");
    link.now += Duration::from_secs(10);
    link.run();
    assert_eq!(link.take(), "2\r\n:\n\r\n");
}

#[test]
fn the_end_of_a_stream_is_a_chunk_with_a_hint_and_the_last_chunk() {
    let mut link = Link::open(Config::default(), GET);
    link.connection.leave(Duration::from_secs(1), &mut link.outbox, link.now);
    link.run();
    assert_eq!(link.take(), "d\r\nretry: 1000\n\n\r\n0\r\n\r\n");
    assert!(link.outbox.is_finished());
}

/// What a client has read of a response it may have to keep, so none lasts for ever.
#[test]
fn r18_a_response_that_streams_ends_in_time_and_the_connection_stays() {
    let mut config = Config::default();
    config.event_stream.max_lifetime = Some(Duration::from_secs(60));
    let mut link = Link::open(config, GET);
    link.now += Duration::from_secs(60);
    let Link { connection, inbox, outbox, now } = &mut link;
    let event = connection.next_event(inbox, outbox, *now).unwrap();
    assert!(matches!(event, Some(Event::StreamEnded)), "{event:?}");
    assert!(link.take().ends_with("0\r\n\r\n"), "the last chunk");
    assert!(!link.outbox.is_ended());
    link.ask(GET);
}
