//! The laws over the server's side of HTTP.

use proptest::prelude::*;
use tidewire::http::{Body, Client, ClientConfig, FieldName, FieldValue};
use tidewire::http::{Request, Response, Server, ServerConfig, server::Event};
use tidewire_core::{Instant, Outbox};
use tidewire_tests::end::End;
use tidewire_tests::ends::{Answers, http_server};
use tidewire_tests::{fuzz, laws};

use crate::traffic;

const BOTH: [Answers; 2] = [Answers::Early, Answers::Late];

/// Limits that short traffic can pass.
fn tight() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.max_request_line_bytes = 40;
    config.max_head_bytes = 120;
    config.max_fields = 3;
    config.max_body_bytes = 16;
    config.max_chunk_extension_bytes = 4;
    config.max_requests = 2;
    config
}

proptest! {
    #![proptest_config(traffic::cases(96))]

    #[test]
    fn keeps_the_laws_under_requests(input in traffic::requests(), is_tight: bool) {
        let config = if is_tight { tight() } else { ServerConfig::default() };
        for answers in BOTH {
            laws::hold(|| http_server(config.clone(), answers), &input);
        }
    }

    #[test]
    fn keeps_the_laws_under_noise(input in traffic::noise()) {
        laws::hold(|| http_server(tight(), Answers::Late), &input);
    }
}

#[test]
fn keeps_the_laws_under_every_vector() {
    for input in fuzz::vector_inputs("http_request_bytes") {
        laws::hold(|| http_server(ServerConfig::default(), Answers::Late), &input);
    }
}

#[test]
fn is_bounded_by_its_limits_under_floods() {
    let floods: [&[u8]; 5] = [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: ",
        b"\r\n",
        b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n",
    ];
    for flood in floods {
        let mut config = ServerConfig::default();
        config.max_outbox_bytes = 32 * 1024;
        config.max_requests = 100_000;
        laws::bound(|| http_server(config.clone(), Answers::Late), flood, 320 * 1024);
    }
}

#[test]
fn refuses_once_and_in_order() {
    for input in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0", b"GET / HTTP/1.1\r\nHost: a\n"] {
        assert!(laws::last_word(|| http_server(ServerConfig::default(), Answers::Late), input));
    }
}

#[test]
fn reads_what_a_client_writes() {
    let make = || http_server(ServerConfig::default(), Answers::Late);
    let sum = (FieldName::from_static("X-Sum"), FieldValue::from_static("9"));
    let write = |outbox: &mut Outbox| {
        let mut client = Client::new(ClientConfig::default());
        let request = Request::new("PUT", "/a?b").unwrap();
        let request = request.field(FieldName::HOST, FieldValue::from_static("a"));
        client.request(&request, Body::Stream, outbox, Instant::ORIGIN).unwrap();
        client.send_body("one ".into(), outbox).unwrap();
        client.send_body("two".into(), outbox).unwrap();
        client.finish_with(&[sum], outbox).unwrap();
    };
    let request = "Request(RequestHead { method: \"PUT\", target: \"/a?b\", version: Http11, \
                   fields: {\"Host\": \"a\", \"Transfer-Encoding\": \"chunked\"} })";
    laws::round_trip(
        make,
        write,
        &[request, "body one two", "Trailers({\"X-Sum\": \"9\"})", "End"],
    );
}

#[test]
fn hands_over_what_stands_behind_an_upgrade() {
    let upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    laws::hand_over(upgrading, upgrade, b"\x81\x80GET / HTTP/1.1\r\n\r\n");
}

fn upgrading() -> End<Server> {
    let server = Server::new(ServerConfig::default(), Instant::ORIGIN);
    End::new(server, |server, event, outbox, _, _| {
        if let Event::Request(_) = event {
            let upgrade = FieldValue::from_static("websocket");
            let response = Response::new(101).field(FieldName::UPGRADE, upgrade);
            server.upgrade(&response, outbox).unwrap();
        }
    })
}
