//! What a server reads, when it gives up, and whether its connection goes on.
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::time::Duration;

use support::serving::*;
use support::{Rig, Seen};
use tidewire_core::{Instant, Protocol};
use tidewire_http::{Body, Error, FieldValue, Response, SendError, Server, ServerConfig};

// Whether the connection goes on. RFC 9112 §9.

#[test]
fn server_keeps_an_http_1_1_connection() {
    let mut rig = server();
    for _ in 0..3 {
        rig.feed(GET);
        assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\n\r\n");
        assert_eq!(rig.take_seen(), [request("GET / Http11"), Seen::End]);
    }
    rig.end();
    assert_eq!(rig.take_seen(), [Seen::Closed]);
    assert!(rig.outbox.is_finished());
}

#[test]
fn server_ends_a_connection_that_its_client_wants_to_close() {
    let mut rig = server_after(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n");
    assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Closed]);
    assert!(rig.outbox.is_ended());
    rig.feed(GET);
    assert_eq!(rig.take_seen(), []);
    assert_eq!(rig.inbox.as_slice(), GET);
}

#[test]
fn server_reads_what_was_sent_ahead_only_after_its_response() {
    let mut rig = server_after(&[GET, GET].concat());
    assert_eq!(rig.inbox.as_slice(), GET);
    ok(&mut rig);
    assert_eq!(rig.take_seen(), [request("GET / Http11"), Seen::End]);
    assert!(rig.inbox.is_empty());
}

#[test]
fn server_that_answers_an_unread_body_closes_and_never_reads_it_as_a_request() {
    let mut rig = server_after(POST_5);
    assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    rig.feed(GET);
    assert_eq!(rig.take_seen(), [Seen::Closed]);
    assert_eq!(rig.inbox.as_slice(), GET);
}

#[test]
fn server_that_refuses_an_upgrade_closes_and_never_reads_its_frames_as_requests() {
    let bare = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n";
    let half = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n";
    for ask in [UPGRADE, bare, half] {
        let (mut rig, written) = answer(ask, 400, Body::Empty, &[]);
        assert!(written.ends_with("Content-Length: 0\r\nConnection: close\r\n\r\n"));
        rig.feed(GET);
        assert_eq!((rig.take_seen(), rig.inbox.as_slice()), (vec![Seen::Closed], GET));

        let (rig, written) = answer(ask, 399, Body::Empty, &[]);
        assert!(!written.contains("Connection") && !rig.outbox.is_ended());
    }
}

#[test]
fn server_answers_early_and_still_reads_the_body_while_it_streams() {
    let mut rig = server_after(POST_5);
    rig.machine.respond(&Response::new(200), Body::Stream, &mut rig.outbox, rig.now).unwrap();
    rig.feed(b"hello");
    assert_eq!(rig.take_seen(), [Seen::Body(b"hello".to_vec()), Seen::End]);
    rig.machine.finish(&mut rig.outbox, rig.now).unwrap();
    rig.run();
    assert_eq!(rig.take_seen(), [Seen::Closed]);
}

#[test]
fn server_that_answers_within_the_request_event_still_tells_its_end() {
    let handler = |seen: &Seen, server: &mut Server, outbox: &mut _, now| {
        if matches!(seen, Seen::Request { .. }) {
            server.respond(&Response::new(204), Body::Empty, outbox, now).unwrap();
        }
    };
    let mut rig = Rig::handled(Server::new(ServerConfig::default(), Instant::ORIGIN), handler);
    rig.feed(&[GET, GET_1_0].concat());
    let seen = rig.take_seen();
    assert_eq!(seen[..2], [request("GET / Http11"), Seen::End]);
    assert_eq!(seen[3..], [Seen::End, Seen::Closed]);
}

#[test]
fn server_serves_as_many_requests_as_allowed_and_says_when_it_is_the_last() {
    let mut config = ServerConfig::default();
    config.max_requests = 2;
    let mut rig = Rig::new(Server::new(config, Instant::ORIGIN));
    rig.feed(GET);
    assert!(!ok(&mut rig).contains("close"));
    rig.feed(GET);
    assert!(ok(&mut rig).contains("Connection: close"));
    assert_eq!(rig.seen.last(), Some(&Seen::Closed));
}

#[test]
fn server_closes_an_idle_connection_at_once_and_a_busy_one_after_its_response() {
    let mut rig = server();
    rig.machine.close(&mut rig.outbox);
    rig.run();
    assert_eq!((rig.take_seen(), rig.outbox.is_ended()), (vec![Seen::Closed], true));

    let mut rig = server_after(GET);
    rig.machine.close(&mut rig.outbox);
    rig.run();
    assert!(!rig.outbox.is_ended());
    assert!(ok(&mut rig).contains("Connection: close"));
    assert_eq!(rig.take_seen(), [Seen::Closed]);

    let mut rig = server_after(&GET[..9]);
    rig.machine.close(&mut rig.outbox);
    rig.feed(&GET[9..]);
    assert!(ok(&mut rig).contains("Connection: close"));
}

#[test]
fn server_tells_once_that_its_client_ended_and_still_answers() {
    let mut rig = server_after(GET);
    rig.end();
    rig.run();
    assert_eq!(rig.take_seen(), [Seen::PeerEnded]);
    assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(rig.take_seen(), [Seen::Closed]);
}

// Time.

#[test]
fn server_gives_a_silent_connection_ten_seconds_and_ends_it_without_a_word() {
    let mut rig = server();
    assert_eq!(rig.machine.deadline(), Some(rig.now + secs(10)));
    rig.wait(secs(10) - Duration::from_nanos(1));
    assert_eq!(rig.take_seen(), []);
    rig.wait(Duration::from_nanos(1));
    assert_eq!(rig.take_seen(), [Seen::Closed]);
    assert_eq!((rig.take_written().as_str(), rig.outbox.is_ended()), ("", true));
}

#[test]
fn server_gives_a_dribbled_head_ten_seconds_in_all() {
    let mut rig = server();
    for _ in 0..9 {
        rig.feed(b"G");
        rig.wait(secs(1));
    }
    rig.feed(b"G");
    rig.wait(secs(1));
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::HeadTimeout)]);
    assert!(rig.take_written().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

#[test]
fn server_gives_a_kept_connection_fifteen_seconds_and_each_new_head_ten() {
    let mut rig = server_after(GET);
    rig.wait(secs(60));
    ok(&mut rig);
    assert_eq!(rig.machine.deadline(), Some(rig.now + secs(15)));
    rig.wait(secs(14));
    rig.feed(b"G");
    assert_eq!(rig.machine.deadline(), Some(rig.now + secs(10)));
    rig.feed(&GET[1..]);
    ok(&mut rig);
    rig.take_seen();
    rig.wait(secs(15));
    assert_eq!((rig.take_seen(), rig.take_written().as_str()), (vec![Seen::Closed], ""));
}

#[test]
fn server_gives_a_body_thirty_seconds_in_all() {
    let mut rig = server_after(POST_5);
    rig.wait(secs(29));
    rig.feed(b"hell");
    assert_eq!(rig.machine.deadline(), Some(rig.now + secs(1)));
    rig.wait(secs(1));
    assert_eq!(rig.seen.last(), Some(&Seen::Failed(Error::BodyTimeout)));
    assert!(rig.take_written().starts_with("HTTP/1.1 408 "));
}

#[test]
fn server_takes_bytes_that_came_before_it_looked_at_the_clock() {
    let mut rig = server();
    rig.now += secs(11);
    rig.feed(GET);
    assert_eq!(rig.take_seen(), [request("GET / Http11"), Seen::End]);
}

#[test]
fn server_bears_a_clock_that_runs_backwards() {
    let mut rig = Rig::new(Server::new(ServerConfig::default(), Instant::ORIGIN + secs(100)));
    rig.feed(GET);
    ok(&mut rig);
    rig.now = Instant::ORIGIN + secs(50);
    rig.feed(GET);
    ok(&mut rig);
    assert_eq!(rig.error(), None);
}

// Errors.

#[test]
fn server_answers_an_error_once_and_reads_nothing_more() {
    let mut rig = server_after(b"GET / HTTP/1.1\nHost: a\r\n\r\n");
    let words = "HTTP/1.1 400 Bad Request\r\nCache-Control: no-store\r\n\
                 Content-Length: 0\r\nConnection: close\r\n\r\n";
    assert_eq!((rig.take_written().as_str(), rig.outbox.is_finished()), (words, true));
    rig.feed(GET);
    rig.wait(secs(100));
    assert_eq!((rig.take_seen(), rig.take_written()), (vec![], String::new()));
    assert_eq!(rig.machine.deadline(), None);
}

#[test]
fn server_dates_its_own_answer_if_it_was_given_a_date() {
    let mut rig = server();
    rig.machine.set_date(FieldValue::from_static("Sun, 06 Nov 1994 08:49:36 GMT"));
    rig.machine.set_date(FieldValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
    rig.feed(GET);
    assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\n\r\n");
    rig.feed(b"GET /\r\n");
    rig.feed(b"\r\n");
    let written = rig.take_written();
    assert!(written.contains("\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), "{written}");
}

#[test]
fn server_does_not_write_an_error_into_a_response_under_way() {
    let mut rig = server_after(CHUNKED);
    rig.machine.respond(&Response::new(200), Body::Stream, &mut rig.outbox, rig.now).unwrap();
    rig.take_written();
    rig.feed(b"x");
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::BadChunk)]);
    assert_eq!((rig.take_written().as_str(), rig.outbox.is_ended()), ("", true));
    assert_eq!(rig.machine.finish(&mut rig.outbox, rig.now), Err(SendError::NotOpen));
}

#[test]
fn server_delivers_what_came_before_an_error() {
    let mut rig = server();
    rig.feed(&[CHUNKED, b"3\r\nabc\r\n2\r\nde\r\nzz"].concat());
    let body = Seen::Body(b"abcde".to_vec());
    assert_eq!(rig.take_seen()[1..], [body, Seen::Failed(Error::BadChunk)]);
}

#[test]
fn server_reports_a_request_that_was_cut_short() {
    for cut in [&GET[..3], POST_5, &[CHUNKED, b"5\r\nhel"].concat(), &[CHUNKED, b"0\r\n"].concat()]
    {
        let mut rig = server();
        rig.feed(cut);
        rig.end();
        assert_eq!(rig.seen.last(), Some(&Seen::Failed(Error::Incomplete)));
    }
}

// What may precede or follow.

#[test]
fn server_skips_one_empty_line_before_each_request() {
    let mut rig = server_after(b"\r");
    rig.feed(&[b"\n", GET].concat());
    assert_eq!(rig.take_seen(), [request("GET / Http11"), Seen::End]);
    ok(&mut rig);
    rig.feed(&[b"\r\n", GET].concat());
    assert_eq!(rig.take_seen(), [request("GET / Http11"), Seen::End]);
    ok(&mut rig);
    rig.feed(&[b"\r\n\r\n", GET].concat());
    assert_eq!(rig.take_seen(), [Seen::Failed(Error::BadStartLine)]);
}

#[test]
fn server_ends_in_order_after_a_stray_empty_line() {
    let mut rig = server_after(b"\r\n");
    rig.end();
    assert_eq!((rig.take_seen(), rig.take_written()), (vec![Seen::Closed], String::new()));
}

#[test]
fn server_tells_trailers_and_refuses_those_that_frame() {
    let mut rig = server();
    rig.feed(&[CHUNKED, b"0\r\nX-Sum: 7\r\nY:\r\n\r\n"].concat());
    let trailers = vec![("X-Sum".to_owned(), b"7".to_vec()), ("Y".to_owned(), Vec::new())];
    assert_eq!(rig.take_seen()[1..], [Seen::Trailers(trailers), Seen::End]);
    assert_eq!(ok(&mut rig), "HTTP/1.1 204 No Content\r\n\r\n");
    for name in ["content-length", "Transfer-Encoding", "HOST", "Cookie", "Trailer", "Connection"] {
        let mut rig = server();
        rig.feed(&[CHUNKED, format!("0\r\n{name}: 1\r\n\r\n").as_bytes()].concat());
        assert_eq!(rig.error(), Some(Error::BadTrailer), "{name}");
    }
}
