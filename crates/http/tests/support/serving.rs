//! Requests, and a server that has read them.

use std::time::Duration;

use bytes::Bytes;
use tidewire_core::Instant;
use tidewire_http::{Body, Response, Server, ServerConfig};

use super::{Rig, Seen};

pub(crate) const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
pub(crate) const HEAD: &[u8] = b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
pub(crate) const GET_1_0: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
pub(crate) const UPGRADE: &[u8] =
    b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: x\r\n\r\n";
pub(crate) const POST_5: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
pub(crate) const CHUNKED: &[u8] =
    b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

pub(crate) fn server() -> Rig<Server> {
    Rig::new(Server::new(ServerConfig::default(), Instant::ORIGIN))
}

/// A server that has read these bytes, and whose events so far are forgotten.
pub(crate) fn server_after(bytes: &[u8]) -> Rig<Server> {
    let mut rig = server();
    rig.feed(bytes);
    rig.take_seen();
    rig
}

/// What the server writes when it answers `request` so. Pieces follow an unfinished body.
pub(crate) fn answer(
    request: &[u8],
    status: u16,
    body: Body,
    pieces: &[&'static str],
) -> (Rig<Server>, String) {
    let mut rig = server_after(request);
    rig.machine.respond(&Response::new(status), body, &mut rig.outbox, rig.now).unwrap();
    for piece in pieces {
        rig.machine.send_body(Bytes::from(*piece), &mut rig.outbox).unwrap();
    }
    if rig.machine.is_sending() {
        rig.machine.finish(&mut rig.outbox, rig.now).unwrap();
    }
    rig.run();
    let written = rig.take_written();
    (rig, written)
}

pub(crate) fn ok(rig: &mut Rig<Server>) -> String {
    rig.machine.respond(&Response::new(204), Body::Empty, &mut rig.outbox, rig.now).unwrap();
    rig.run();
    rig.take_written()
}

pub(crate) fn request(line: &str) -> Seen {
    Seen::Request { line: line.to_owned(), host: "a".to_owned() }
}

pub(crate) fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}
