//! What a server writes at its caller's commands, and which commands it refuses.
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use support::serving::*;
use support::{Rig, Seen};
use tidewire_core::{Instant, Protocol};
use tidewire_http::{
    Body, Error, FieldName, FieldValue, Response, SendError, Server, ServerConfig,
};

// Framing of responses. RFC 9112 §6, RFC 9110 §8.6, §15.

#[test]
fn server_frames_each_kind_of_body() {
    for (body, pieces, expected) in [
        (Body::Empty, &[][..], "Content-Length: 0\r\n\r\n"),
        (Body::Full("hi".into()), &[], "Content-Length: 2\r\n\r\nhi"),
        (Body::Sized(5), &["hel", "", "lo"], "Content-Length: 5\r\n\r\nhello"),
        (
            Body::Stream,
            &["hello world, hello", "", "x"],
            "Transfer-Encoding: chunked\r\n\r\n12\r\nhello world, hello\r\n1\r\nx\r\n0\r\n\r\n",
        ),
    ] {
        let (rig, written) = answer(GET, 200, body, pieces);
        assert_eq!(written, format!("HTTP/1.1 200 OK\r\n{expected}"));
        assert!(!rig.outbox.is_ended());
    }
}

#[test]
fn server_declares_but_does_not_send_the_body_of_a_head_response() {
    for (body, expected) in [
        (Body::Full("hi".into()), "Content-Length: 2\r\n\r\n"),
        (Body::Sized(9), "Content-Length: 9\r\n\r\n"),
        (Body::Stream, "Transfer-Encoding: chunked\r\n\r\n"),
        (Body::Empty, "Content-Length: 0\r\n\r\n"),
    ] {
        let (mut rig, written) = answer(HEAD, 200, body, &[]);
        assert_eq!(written, format!("HTTP/1.1 200 OK\r\n{expected}"));
        assert!(!rig.outbox.is_ended());
        let late = rig.machine.send_body("x".into(), &mut rig.outbox);
        assert_eq!(late, Err(SendError::NotOpen));
    }
}

#[test]
fn server_sends_no_body_with_204_205_and_304() {
    for (status, body, expected) in [
        (204, Body::Full("hi".into()), "204 No Content\r\n\r\n"),
        (204, Body::Stream, "204 No Content\r\n\r\n"),
        (205, Body::Full("hi".into()), "205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
        (304, Body::Empty, "304 Not Modified\r\n\r\n"),
        (304, Body::Full("hi".into()), "304 Not Modified\r\nContent-Length: 2\r\n\r\n"),
    ] {
        let (rig, written) = answer(GET, status, body, &[]);
        assert_eq!(written, format!("HTTP/1.1 {expected}"));
        assert!(!rig.outbox.is_ended());
    }
}

#[test]
fn server_ends_an_http_1_0_connection_with_its_response() {
    for (body, pieces, expected) in [
        (Body::Full("hi".into()), &[][..], "Content-Length: 2\r\nConnection: close\r\n\r\nhi"),
        (Body::Stream, &["he", "llo"], "Connection: close\r\n\r\nhello"),
    ] {
        let (rig, written) = answer(GET_1_0, 200, body, pieces);
        assert_eq!(written, format!("HTTP/1.1 200 OK\r\n{expected}"));
        assert!(rig.outbox.is_finished());
        assert_eq!(rig.seen, [Seen::Closed]);
    }
}

#[test]
fn server_sends_trailers_behind_chunks_and_drops_them_elsewhere() {
    let sum = [(FieldName::from_static("X-Sum"), FieldValue::from(7))];
    let mut rig = server_after(GET);
    rig.machine.respond(&Response::new(200), Body::Stream, &mut rig.outbox, rig.now).unwrap();
    rig.take_written();
    rig.machine.finish_with(&sum, &mut rig.outbox, rig.now).unwrap();
    assert_eq!(rig.take_written(), "0\r\nX-Sum: 7\r\n\r\n");

    let mut rig = server_after(GET_1_0);
    rig.machine.respond(&Response::new(200), Body::Stream, &mut rig.outbox, rig.now).unwrap();
    rig.take_written();
    rig.machine.finish_with(&sum, &mut rig.outbox, rig.now).unwrap();
    assert_eq!(rig.take_written(), "");
}

// Expect. RFC 9110 §10.1.1.

#[test]
fn server_tells_an_expectation_until_it_is_met_or_the_body_comes() {
    let expecting =
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n";
    let mut rig = server_after(expecting);
    assert!(rig.machine.expects_continue());
    rig.machine.interim(&Response::new(100), &mut rig.outbox).unwrap();
    assert_eq!(rig.take_written(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert!(!rig.machine.expects_continue());
    rig.feed(b"hello");
    assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\n\r\n");

    let mut rig = server_after(expecting);
    rig.feed(b"h");
    assert!(!rig.machine.expects_continue());

    let mut rig = server_after(expecting);
    assert!(ok(&mut rig).contains("Connection: close"));
}

#[test]
fn server_has_no_expectation_to_meet_without_a_body_or_in_http_1_0() {
    for head in [
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
        "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: magic\r\n\r\n",
    ] {
        let rig = server_after(head.as_bytes());
        assert!(rig.machine.awaits_response() && !rig.machine.expects_continue(), "{head}");
    }
}

#[test]
fn server_reads_expectations_as_a_list_over_all_lines() {
    let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n";
    for (lines, expects) in [
        ("Expect: 100-continue, 100-Continue\r\n", true),
        ("Expect: ,\r\nExpect: , 100-continue ,\r\n", true),
        ("Expect:\r\nExpect: ,\r\n", false),
    ] {
        let rig = server_after(format!("{post}{lines}\r\n").as_bytes());
        assert!(rig.machine.awaits_response(), "{lines}");
        assert_eq!(rig.machine.expects_continue(), expects, "{lines}");
    }
    for lines in
        ["100-continue, magic", "100-continue\r\nExpect: magic", "\u{e9}", "100-continue;a=1"]
    {
        let mut rig = server();
        rig.feed(format!("{post}Expect: {lines}\r\n\r\n").as_bytes());
        assert_eq!(rig.error(), Some(Error::UnknownExpectation), "{lines}");
        assert!(rig.take_written().starts_with("HTTP/1.1 417 "));
    }
}

#[test]
fn server_sends_interim_responses_only_before_the_final_one_and_not_to_http_1_0() {
    let hints =
        Response::new(103).field(FieldName::from_static("Link"), FieldValue::from_static("</a>"));
    let mut rig = server_after(GET);
    rig.machine.interim(&hints, &mut rig.outbox).unwrap();
    assert_eq!(rig.take_written(), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    for status in [99, 101, 200] {
        let refused = rig.machine.interim(&Response::new(status), &mut rig.outbox);
        assert_eq!(refused, Err(SendError::WrongStatus { status }));
    }
    ok(&mut rig);
    assert_eq!(rig.machine.interim(&hints, &mut rig.outbox), Err(SendError::NotOpen));
    let mut rig = server_after(GET_1_0);
    assert_eq!(rig.machine.interim(&hints, &mut rig.outbox), Err(SendError::NotOpen));
}

// Upgrade. RFC 9110 §7.8.

#[test]
fn server_leaves_the_connection_untouched_once_it_upgraded() {
    let switch = Response::new(101).field(FieldName::UPGRADE, FieldValue::from_static("x"));
    let mut rig = server_after(&[UPGRADE, b"frames"].concat());
    rig.machine.upgrade(&switch, &mut rig.outbox).unwrap();
    let written = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
    assert_eq!(rig.take_written(), written);
    rig.feed(b"more");
    rig.end();
    rig.wait(secs(1000));
    assert_eq!((rig.take_seen(), rig.machine.deadline()), (vec![], None));
    assert_eq!(rig.inbox.as_slice(), b"framesmore");
    assert!(!rig.outbox.is_ended());
}

#[test]
fn server_upgrades_within_the_request_event() {
    let handler = |seen: &Seen, server: &mut Server, outbox: &mut _, _| {
        if matches!(seen, Seen::Request { .. }) {
            let switch = Response::new(101).field(FieldName::UPGRADE, FieldValue::from_static("x"));
            server.upgrade(&switch, outbox).unwrap();
        }
    };
    let mut rig = Rig::handled(Server::new(ServerConfig::default(), Instant::ORIGIN), handler);
    rig.feed(&[UPGRADE, GET].concat());
    assert_eq!(rig.take_seen(), [request("GET /ws Http11")]);
    assert_eq!(rig.inbox.as_slice(), GET);
}

#[test]
fn server_does_not_upgrade_unasked() {
    let switch = Response::new(101).field(FieldName::UPGRADE, FieldValue::from_static("x"));
    for head in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\n",
    ] {
        let mut rig = server_after(head.as_bytes());
        assert_eq!(
            rig.machine.upgrade(&switch, &mut rig.outbox),
            Err(SendError::NotOpen),
            "{head}"
        );
    }
    let mut rig = server_after(UPGRADE);
    let unnamed = rig.machine.upgrade(&Response::new(101), &mut rig.outbox);
    assert_eq!(unnamed, Err(SendError::MissingField { name: "Upgrade" }));
    let final_one = rig.machine.upgrade(&Response::new(200), &mut rig.outbox);
    assert_eq!(final_one, Err(SendError::WrongStatus { status: 200 }));
    assert!(rig.outbox.is_empty());
}

#[test]
fn server_refuses_an_upgrade_with_a_426_that_names_the_protocol() {
    let refusal =
        Response::new(426).field(FieldName::UPGRADE, FieldValue::from_static("websocket"));
    let mut rig = server_after(GET);
    let unnamed = Response::new(426);
    let refused = rig.machine.respond(&unnamed, Body::Empty, &mut rig.outbox, rig.now);
    assert_eq!(refused, Err(SendError::MissingField { name: "Upgrade" }));
    assert!(rig.outbox.is_empty() && rig.machine.awaits_response());
    rig.machine.respond(&refusal, Body::Empty, &mut rig.outbox, rig.now).unwrap();
    assert!(rig.take_written().ends_with("Content-Length: 0\r\nConnection: Upgrade\r\n\r\n"));
}

// What the caller may not do: nothing is written and nothing changes.

#[test]
fn server_refuses_fields_that_are_its_own_to_write() {
    for name in ["content-length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade"] {
        let mut rig = server_after(GET);
        let name = FieldName::new(name).unwrap();
        let response = Response::new(200).field(name, FieldValue::from(1));
        let refused = rig.machine.respond(&response, Body::Empty, &mut rig.outbox, rig.now);
        assert_eq!((refused, rig.outbox.is_empty()), (Err(SendError::ReservedField), true));
        ok(&mut rig);
    }
}

#[test]
fn server_refuses_commands_out_of_turn() {
    let mut rig = server();
    let respond = |rig: &mut Rig<Server>| {
        rig.machine.respond(&Response::new(200), Body::Sized(3), &mut rig.outbox, rig.now)
    };
    assert_eq!(respond(&mut rig), Err(SendError::NotOpen));
    assert_eq!(rig.machine.send_body("x".into(), &mut rig.outbox), Err(SendError::NotOpen));
    assert_eq!(rig.machine.finish(&mut rig.outbox, rig.now), Err(SendError::NotOpen));
    rig.feed(GET);
    let informal = rig.machine.respond(&Response::new(100), Body::Empty, &mut rig.outbox, rig.now);
    assert_eq!(informal, Err(SendError::WrongStatus { status: 100 }));
    assert!(rig.outbox.is_empty());
    assert_eq!(respond(&mut rig), Ok(()));
    assert_eq!(respond(&mut rig), Err(SendError::NotOpen));
    let written = rig.take_written();
    let long = rig.machine.send_body("long".into(), &mut rig.outbox);
    assert_eq!(long, Err(SendError::WrongLength { left_bytes: 3 }));
    let early = rig.machine.finish(&mut rig.outbox, rig.now);
    assert_eq!(early, Err(SendError::WrongLength { left_bytes: 3 }));
    assert!(rig.outbox.is_empty() && written.ends_with("\r\n\r\n"));
    rig.machine.send_body("abc".into(), &mut rig.outbox).unwrap();
    rig.machine.finish(&mut rig.outbox, rig.now).unwrap();
}

#[test]
fn server_refuses_trailers_that_frame() {
    let mut rig = server_after(GET);
    rig.machine.respond(&Response::new(200), Body::Stream, &mut rig.outbox, rig.now).unwrap();
    rig.take_written();
    let trailers = [(FieldName::CONTENT_LENGTH, FieldValue::from(1))];
    let refused = rig.machine.finish_with(&trailers, &mut rig.outbox, rig.now);
    assert_eq!((refused, rig.outbox.is_empty()), (Err(SendError::ReservedField), true));
    assert!(rig.machine.is_sending());
}
