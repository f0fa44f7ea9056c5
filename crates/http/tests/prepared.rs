//! Pieces of a body that were framed before: who gets which form, and what that costs.
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use allocation_counter::measure;
use bytes::Buf;
use support::Rig;
use support::serving::*;
use tidewire_core::Instant;
use tidewire_http::{Body, Chunk, Response, SendError, Server, ServerConfig};

/// A server that answers `request` with `body` and has written the head.
fn answering(request: &[u8], body: Body) -> Rig<Server> {
    let mut rig = server_after(request);
    rig.machine.respond(&Response::new(200), body, &mut rig.outbox, rig.now).unwrap();
    rig.take_written();
    rig
}

#[test]
fn a_chunked_body_takes_the_chunk_and_others_its_piece() {
    let chunk = Chunk::new(&b"hello world, hello"[..]);
    for (request, body, expected) in [
        (GET, Body::Stream, "12\r\nhello world, hello\r\n"),
        (GET, Body::Sized(18), "hello world, hello"),
        (GET_1_0, Body::Stream, "hello world, hello"),
    ] {
        let mut rig = answering(request, body);
        rig.machine.send_chunk(&chunk, &mut rig.outbox).unwrap();
        assert_eq!(rig.outbox.chunk(), expected.as_bytes(), "in one run of bytes");
    }
}

#[test]
fn an_empty_chunk_does_not_end_the_body() {
    let mut rig = answering(GET, Body::Stream);
    rig.machine.send_chunk(&Chunk::new(&b""[..]), &mut rig.outbox).unwrap();
    assert!(rig.outbox.is_empty() && rig.machine.is_sending());
}

#[test]
fn a_chunk_is_refused_where_its_piece_would_be() {
    let chunk = Chunk::new(&b"12345"[..]);
    let mut rig = answering(HEAD, Body::Stream);
    assert_eq!(rig.machine.send_chunk(&chunk, &mut rig.outbox), Err(SendError::NotOpen));
    let mut rig = answering(GET, Body::Sized(4));
    let refused = rig.machine.send_chunk(&chunk, &mut rig.outbox);
    assert_eq!(refused, Err(SendError::WrongLength { left_bytes: 4 }));
    assert!(rig.outbox.is_empty());
}

#[test]
fn a_chunk_fills_the_outbox_up_to_its_limit() {
    for (limit_bytes, fits) in [(15, true), (14, false)] {
        let mut config = ServerConfig::default();
        config.max_outbox_bytes = limit_bytes;
        let mut rig = Rig::new(Server::new(config, Instant::ORIGIN));
        rig.feed(GET);
        rig.machine.respond(&Response::new(200), Body::Stream, &mut rig.outbox, rig.now).unwrap();
        rig.take_written();
        let chunk = Chunk::new(&b"12345"[..]);
        rig.machine.send_chunk(&chunk, &mut rig.outbox).unwrap();
        let second = rig.machine.send_chunk(&chunk, &mut rig.outbox);
        assert_eq!(second.is_ok(), fits, "10 bytes and 5 of {limit_bytes}");
        assert_eq!(rig.outbox.len(), if fits { 20 } else { 10 });
    }
}

#[test]
fn a_chunk_costs_no_connection_an_allocation() {
    for len in [20, 400, 5_000] {
        let mut rig = answering(GET, Body::Stream);
        let chunk = Chunk::new(&vec![b'x'; len][..]);
        rig.machine.send_chunk(&chunk, &mut rig.outbox).unwrap();
        rig.outbox.advance(rig.outbox.len());
        let chunk = Chunk::new(&vec![b'x'; len][..]);
        let used = measure(|| {
            rig.machine.send_chunk(&chunk, &mut rig.outbox).unwrap();
        });
        assert_eq!(used.count_total, 0, "{len} bytes");
    }
}
