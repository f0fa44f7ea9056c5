//! A client over an event stream: what it does when it is late, cut off, or cannot ask at all.
#![allow(clippy::unwrap_used, reason = "this is test code")]

use std::time::Duration;

use tidewire::bytes::Buf;
use tidewire::client::{Client, Config, Event, Transport};
use tidewire::core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire::http::FieldValue;
use tidewire::hub::Start;
use tidewire::sse::Reconnect;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

fn config(query: &str) -> Config {
    Config::new(FieldValue::from_static("a.example"), query)
}

fn client(config: Config) -> Client {
    let entropy = || Entropy::new(|bytes| bytes.fill(255));
    Client::new(config, Transport::EventStream, Start::Now, entropy, Instant::ORIGIN)
}

fn seconds(seconds: u64) -> Instant {
    Instant::from_origin(Duration::from_secs(seconds))
}

#[test]
fn what_was_read_late_was_not_silence() {
    let mut client = client(config("topic=news"));
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    client.connected(&mut outbox, Instant::ORIGIN).unwrap();
    outbox.advance(outbox.len());

    inbox.push(HEAD);
    let late = client.deadline().unwrap() + Duration::from_secs(1);
    assert!(matches!(client.next_event(&mut inbox, &mut outbox, late), Ok(Some(Event::Open))));

    inbox.push(b"data: x\n\n");
    let late = client.deadline().unwrap() + Duration::from_secs(1);
    let event = client.next_event(&mut inbox, &mut outbox, late);
    assert!(matches!(event, Ok(Some(Event::Received(event))) if event.data == "x"));
    assert_eq!(client.next_event(&mut inbox, &mut outbox, late), Ok(None));
    assert!(!outbox.is_ended());

    let silent = client.deadline().unwrap();
    assert!(silent > late);
    assert_eq!(client.next_event(&mut inbox, &mut outbox, silent), Ok(None));
    assert!(outbox.is_ended());
}

#[test]
fn a_request_that_cannot_be_sent_changes_nothing() {
    let mut client = client(config("topic=a b"));
    let mut outbox = Outbox::new();
    for now in [seconds(0), seconds(1)] {
        client.connected(&mut outbox, now).unwrap_err();
        assert_eq!((client.connect_at(), outbox.len()), (Some(seconds(0)), 0));
    }
    client.disconnected(seconds(1));
    assert!(client.connect_at().unwrap() > seconds(1));
}

#[test]
fn a_client_that_is_to_resume_or_stop_resumes_from_where_the_head_said() {
    let mut config = config("topic=news");
    config.event_stream.reconnect = Reconnect::IfResumable;
    let mut client = client(config);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    client.connected(&mut outbox, Instant::ORIGIN).unwrap();
    outbox.advance(outbox.len());
    inbox.push(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTidewire-Cursor: 7.3\r\n\r\n",
    );
    let opened = client.next_event(&mut inbox, &mut outbox, Instant::ORIGIN);
    assert_eq!(opened, Ok(Some(Event::Open)));
    client.disconnected(seconds(1));
    let at = client.connect_at().unwrap();

    let mut outbox = Outbox::new();
    client.connected(&mut outbox, at).unwrap();
    let request = outbox.copy_to_bytes(outbox.len());
    assert!(request.starts_with(b"GET /v1/sse?topic=news&after=7.3 HTTP/1.1\r\n"));
}
