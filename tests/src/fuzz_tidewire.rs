//! Fuzz bodies for the compositions: a server's connection and a client that follows a log, under
//! any bytes, at any time, with commands in between. Their parts have bodies of their own.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use bytes::Buf;
use tidewire::client::{Client, Transport};
use tidewire::hub::Cursor;
use tidewire::{Entry, server};
use tidewire_core::{Instant, Protocol};

use crate::chop::feed;
use crate::end::End;
use crate::ends::{connection, follower};

/// A server's connection: the first byte picks the limits, the rest is its input, once cut in
/// several ways, and once as a script of bytes, waits, reads and commands.
pub fn server_connection(data: &[u8]) {
    let Some((&plan, data)) = data.split_first() else { return };
    let mut config = server::Config::default();
    config.http.max_outbox_bytes = MAX_OUTBOX_BYTES;
    let websocket = Arc::make_mut(&mut config.websocket);
    websocket.max_outbox_bytes = MAX_OUTBOX_BYTES;
    websocket.max_message_bytes = MAX_OUTBOX_BYTES;
    if plan % 2 == 1 {
        config.event_stream.max_lifetime = Some(Duration::from_secs(30));
        config.http.max_requests = 2;
        config.http.max_body_bytes = 20;
    }
    check_chop(|| connection(config.clone()), data);
    run_script(connection(config), data, |end, command, now| {
        let (machine, outbox) = (&mut end.machine, &mut end.outbox);
        if command % 4 == 0 {
            machine.leave(Duration::from_secs(1), outbox, now);
        } else {
            let cursor = Cursor { epoch: 7, offset: command.into() };
            let entry = Entry::new(cursor, "message", None, "data\nline");
            // Refused unless the connection is a stream, which is as good here.
            let _ = machine.send(&entry, outbox, now);
        }
    });
}

/// A client that follows a log: the first byte picks the transport, the rest is its input, once cut
/// in several ways, and once as a script of bytes, waits, reads and commands.
pub fn client(data: &[u8]) {
    let Some((&plan, data)) = data.split_first() else { return };
    let transport = |pick| match pick % 4 {
        0 => Transport::WebSocket,
        1 => Transport::EventStream,
        2 => Transport::LongPoll,
        _ => Transport::IntervalPoll,
    };
    // Between two polls, bytes that come before the second is asked are nobody's: there the moment at
    // which they come matters.
    if let Transport::WebSocket | Transport::EventStream = transport(plan) {
        check_chop(|| follower(transport(plan)), data);
    }
    run_script(follower(transport(plan)), data, |end, command, now| {
        let before = end.machine.position();
        if command % 4 == 0 {
            end.machine.switch(transport(command / 4), now);
        } else {
            end.machine.disconnected(now);
        }
        reconnect(end, now);
        assert_eq!(end.machine.position(), before, "a lost connection moves nobody");
    });
}

/// Opens the next connection, if it is time for one.
fn reconnect(end: &mut End<Client>, now: Instant) {
    end.renew();
    if end.machine.connect_at().is_some_and(|at| at <= now) {
        assert_eq!(end.machine.connected(&mut end.outbox, now), Ok(()));
    }
}

/// Chop: whole, byte by byte and in pieces of seven, all the same.
fn check_chop<M: Protocol<Error: Debug>>(make: impl Fn() -> End<M>, data: &[u8]) {
    let outcome = |width: usize| {
        let cutting: Vec<usize> = data.chunks(width).map(<[u8]>::len).collect();
        let mut solo = feed(make(), data, &cutting);
        solo.finish();
        solo.wait(Duration::from_secs(100));
        solo.outcome()
    };
    let whole = outcome(data.len().max(1));
    assert_eq!(outcome(1), whole, "Chop: byte by byte");
    assert_eq!(outcome(7), whole, "Chop: in pieces of seven");
}

/// Takes the script's steps; the end itself watches the other laws.
fn run_script<M: Protocol<Error: Debug>>(
    mut end: End<M>,
    mut data: &[u8],
    mut command: impl FnMut(&mut End<M>, u8, Instant),
) {
    let mut now = Instant::ORIGIN;
    while let Some((&step, rest)) = data.split_first() {
        data = rest;
        match step {
            0..160 => {
                let len = usize::from(step).min(data.len()).min(end.inbox.room());
                end.inbox.push(&data[..len]);
                data = &data[len..];
            }
            160..200 => end.outbox.advance(end.outbox.len() * usize::from(step - 160) / 39),
            200..220 => now += Duration::from_secs(1 << ((step - 200) / 4)),
            220..230 => end.inbox.end(),
            _ => command(&mut end, step - 230, now),
        }
        end.run(now);
        let at_most = 4 * MAX_OUTBOX_BYTES;
        assert!(end.outbox.len() <= at_most, "Bound: {} bytes wait", end.outbox.len());
    }
}

const MAX_OUTBOX_BYTES: usize = 8 * 1024;
