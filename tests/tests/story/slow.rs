//! A server whose client takes nothing of what it is sent.

use std::sync::Arc;
use std::time::Duration;

use bytes::Buf;
use tidewire::Entry;
use tidewire::http::server::Event as Http;
use tidewire::hub::Cursor;
use tidewire::server::{Config, Connection, Event, SendError};
use tidewire_core::Instant;
use tidewire_tests::dice::Dice;
use tidewire_tests::end::End;

use crate::secs;

#[test]
fn a_stream_that_is_left_ends_behind_a_full_outbox() {
    let mut end = full_stream(Config::default());
    end.machine.leave(LATER, &mut end.outbox, Instant::ORIGIN);
    end.run(Instant::ORIGIN);
    assert!(end.outbox.is_ended());
    assert_ends_in_order(&mut end);
}

#[test]
fn a_stream_that_is_over_in_time_ends_behind_a_full_outbox() {
    let mut config = Config::default();
    config.event_stream.max_lifetime = Some(secs(60));
    let mut end = full_stream(config);
    end.run(Instant::ORIGIN + Duration::from_secs(60));
    assert_eq!(end.trace.lines(), ["StreamEnded"]);
    assert!(end.machine.http().is_some(), "the connection is ready for another request");
    assert_ends_in_order(&mut end);
}

/// A hint that is longer than the shortest event.
const LATER: Duration = secs(100_000);

/// A stream whose outbox takes no more.
fn full_stream(mut config: Config) -> End<Connection> {
    config.http.max_outbox_bytes = 1024;
    config.event_stream.retry = Some(LATER);
    let connection = Connection::new(Arc::new(config), Instant::ORIGIN);
    let mut end = End::new(connection, |connection, event, outbox, now, trace| match event {
        Event::Http(Http::Request(_)) => {
            let mut jitter = Dice::new(1).entropy();
            connection.open_event_stream([], &mut jitter, outbox, now).unwrap();
        }
        Event::Http(Http::End) => {}
        other => trace.event(other),
    });
    end.inbox.push(b"GET /sse HTTP/1.1\r\nHost: a\r\n\r\n");
    end.run(Instant::ORIGIN);
    for data in ["x".repeat(100), "x".into()] {
        let entry = Entry::new(Cursor { epoch: 7, offset: 1 }, "", None, &data);
        while let Ok(()) = end.machine.send(&entry, &mut end.outbox, Instant::ORIGIN) {}
        let full = end.machine.send(&entry, &mut end.outbox, Instant::ORIGIN);
        assert!(matches!(full, Err(SendError::Http(_))), "{full:?}");
    }
    end
}

/// The last event is whole, and behind it stands the last chunk: the hint found no room.
fn assert_ends_in_order(end: &mut End<Connection>) {
    let sent = end.outbox.copy_to_bytes(end.outbox.len());
    let sent = std::str::from_utf8(&sent).unwrap();
    assert!(sent.ends_with("x\n\n\r\n0\r\n\r\n"), "{sent}");
}
