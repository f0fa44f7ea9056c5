//! Every limit, at its bound and one past it, on both sides.
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::time::Duration;

use bytes::{Buf, Bytes};
use support::{Rig, Seen};
use tidewire_core::{Inbox, Instant, Protocol};
use tidewire_http::{
    Body, Client, ClientConfig, Error, FieldName, FieldValue, Request, Response, SendError, Server,
    ServerConfig,
};

fn serve_with(config: ServerConfig, request: &str) -> Option<Error> {
    let mut rig = Rig::new(Server::new(config, Instant::ORIGIN));
    rig.feed(request.as_bytes());
    rig.error()
}

fn serve(request: &str) -> Option<Error> {
    serve_with(ServerConfig::default(), request)
}

fn ask_with(config: ClientConfig, response: &str) -> Option<Error> {
    let mut rig = Rig::new(Client::new(config));
    let host = FieldValue::from_static("a");
    let request = Request::new("GET", "/").unwrap().field(FieldName::HOST, host);
    rig.machine.request(&request, Body::Empty, &mut rig.outbox, rig.now).unwrap();
    rig.take_written();
    rig.feed(response.as_bytes());
    rig.error()
}

fn ask(response: &str) -> Option<Error> {
    ask_with(ClientConfig::default(), response)
}

#[test]
fn a_request_line_has_8192_bytes_and_no_more() {
    let request = |len: usize| {
        let line = format!("GET /{} HTTP/1.1", "a".repeat(len - "GET / HTTP/1.1".len()));
        format!("{line}\r\nHost: a\r\n\r\n")
    };
    assert_eq!(serve(&request(8192)), None);
    assert_eq!(serve(&request(8193)), Some(Error::LineTooLong { limit_bytes: 8192 }));
    assert_eq!(serve(&"G".repeat(8192)), None);
    assert_eq!(serve(&"G".repeat(8193)), Some(Error::LineTooLong { limit_bytes: 8192 }));
}

#[test]
fn a_head_has_16384_bytes_and_no_more() {
    let head = |start: &str, len: usize| {
        let rest = format!("{start}\r\nHost: a\r\nX: ");
        format!("{rest}{}\r\n\r\n", "a".repeat(len - rest.len() - 4))
    };
    let large = Some(Error::HeadTooLarge { limit_bytes: 16_384 });
    assert_eq!(serve(&head("GET / HTTP/1.1", 16_384)), None);
    assert_eq!(serve(&head("GET / HTTP/1.1", 16_385)), large);
    assert_eq!(ask(&head("HTTP/1.1 204 ", 16_384)), None);
    assert_eq!(ask(&head("HTTP/1.1 204 ", 16_385)), large);
}

#[test]
fn a_head_has_100_fields_and_no_more() {
    let many = Some(Error::TooManyFields { limit: 100 });
    let fields = |count: usize| "X:\r\n".repeat(count);
    assert_eq!(serve(&format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", fields(99))), None);
    assert_eq!(serve(&format!("GET / HTTP/1.1\r\nHost: a\r\n{}", fields(100))), many);
    assert_eq!(ask(&format!("HTTP/1.1 204 \r\n{}\r\n", fields(100))), None);
    assert_eq!(ask(&format!("HTTP/1.1 204 \r\n{}", fields(101))), many);
}

#[test]
fn a_trailer_section_has_the_limits_of_a_head() {
    let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    assert_eq!(serve(&format!("{chunked}{}\r\n", "X:\r\n".repeat(100))), None);
    let many = Some(Error::TooManyFields { limit: 100 });
    assert_eq!(serve(&format!("{chunked}{}", "X:\r\n".repeat(101))), many);
    let section = |len: usize| format!("{chunked}X:{}\r\n\r\n", "a".repeat(len - 6));
    assert_eq!(serve(&section(16_384)), None);
    assert_eq!(serve(&section(16_385)), Some(Error::HeadTooLarge { limit_bytes: 16_384 }));
}

#[test]
fn a_body_has_65536_bytes_and_no_more_however_it_is_framed() {
    let large = Some(Error::BodyTooLarge { limit_bytes: 65_536 });
    let post = "POST / HTTP/1.1\r\nHost: a\r\n";
    assert_eq!(serve(&format!("{post}Content-Length: 65536\r\n\r\n")), None);
    assert_eq!(serve(&format!("{post}Content-Length: 65537\r\n\r\n")), large);
    let chunked = format!("{post}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    assert_eq!(serve(&format!("{chunked}FFFF\r\n")), None);
    assert_eq!(serve(&format!("{chunked}10000\r\n")), large);
    assert_eq!(serve(&format!("{chunked}FFFFFFFFFFFFFFFF\r\n")), large);
    let unending = "HTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(ask(&format!("{unending}{}", "a".repeat(65_536))), None);
    assert_eq!(ask(&format!("{unending}{}", "a".repeat(65_537))), large);
    assert_eq!(ask("HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n"), large);
}

#[test]
fn chunk_extensions_have_4096_bytes_in_all_chunks_together_and_no_more() {
    let body = |last: usize| {
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        format!("{chunked}1;{}\r\na\r\n1;{}\r\na\r\n0\r\n\r\n", "x".repeat(2047), "x".repeat(last))
    };
    assert_eq!(serve(&body(2047)), None);
    assert_eq!(serve(&body(2048)), Some(Error::BadChunk));
}

#[test]
fn a_head_longer_than_the_inbox_takes_by_itself_still_comes_through() {
    let mut config = ServerConfig::default();
    config.max_head_bytes = 2 * Inbox::DEFAULT_LIMIT;
    let mut rig = Rig::new(Server::new(config, Instant::ORIGIN));
    let value = "a".repeat(Inbox::DEFAULT_LIMIT + 1000);
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {value}\r\n\r\n");
    let mut rest = head.as_bytes();
    while !rest.is_empty() {
        let len = rest.len().min(rig.inbox.room());
        assert!(len > 0, "the inbox takes no more, and the head is not whole");
        rig.feed(&rest[..len]);
        rest = &rest[len..];
    }
    assert_eq!((rig.error(), rig.seen.len()), (None, 2));
}

#[test]
fn an_outbox_takes_a_command_up_to_its_limit_and_an_empty_one_takes_any() {
    let mut config = ServerConfig::default();
    config.max_outbox_bytes = 1000;
    let full = Err(SendError::OutboxFull { limit_bytes: 1000 });
    let mut rig = Rig::new(Server::new(config, Instant::ORIGIN));
    rig.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    rig.machine.respond(&Response::new(200), Body::Sized(5000), &mut rig.outbox, rig.now).unwrap();
    let room = 1000 - rig.outbox.len();
    assert_eq!(rig.machine.send_body(vec![0; room + 1].into(), &mut rig.outbox), full);
    assert_eq!(rig.outbox.len(), 1000 - room);
    assert_eq!(rig.machine.send_body(vec![0; room].into(), &mut rig.outbox), Ok(()));
    assert_eq!(rig.machine.send_body(Bytes::from("x"), &mut rig.outbox), full);
    rig.take_written();
    assert_eq!(rig.machine.send_body(vec![0; 5000 - room].into(), &mut rig.outbox), Ok(()));
    assert_eq!(rig.machine.finish(&mut rig.outbox, rig.now), Ok(()));

    rig.take_written();
    rig.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    rig.outbox.push(&[0; 1000]);
    let body = Body::Full("x".into());
    let refused = rig.machine.respond(&Response::new(200), body.clone(), &mut rig.outbox, rig.now);
    assert_eq!((refused, rig.machine.awaits_response()), (full, true));
    rig.take_written();
    rig.machine.respond(&Response::new(200), body, &mut rig.outbox, rig.now).unwrap();
}

#[test]
fn a_server_begins_no_request_while_its_outbox_is_more_than_half_full() {
    let mut config = ServerConfig::default();
    config.max_outbox_bytes = 1000;
    let mut rig =
        Rig::handled(Server::new(config, Instant::ORIGIN), |seen, server, outbox, now| {
            if *seen == Seen::End {
                let body = Body::Full(vec![b'x'; 500].into());
                server.respond(&Response::new(200), body, outbox, now).unwrap();
            }
        });
    rig.feed(&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(9));
    for _ in 1..9 {
        assert_eq!(rig.take_seen().len(), 2, "one request and its end");
        rig.wait(Duration::from_secs(100));
        rig.outbox.advance(rig.outbox.len() - 501);
        rig.run();
        assert_eq!(rig.take_seen(), []);
        assert_eq!(rig.machine.deadline(), Some(rig.now + Duration::from_secs(1)));
        rig.outbox.advance(1);
        rig.wait(Duration::from_secs(1));
    }
    assert_eq!((rig.take_seen().len(), rig.inbox.len()), (2, 0));
}

#[test]
fn a_machine_at_rest_is_small() {
    assert!(size_of::<Server>() <= 512, "{}", size_of::<Server>());
    assert!(size_of::<Client>() <= 512, "{}", size_of::<Client>());
}
