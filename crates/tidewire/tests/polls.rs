//! Polls on the wire, as the client and the server machine have them: what RFC 6202 wants of either side,
//! one behaviour a test. What a poll means is tested where it is decided.
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

use std::sync::Arc;
use std::time::Duration;

use tidewire::bytes::Buf;
use tidewire::client::{Client, Config, Error, Event, Transport};
use tidewire::core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire::http::server::Event as Http;
use tidewire::http::{Body, FieldValue, Response};
use tidewire::hub::{Cursor, Start};
use tidewire::server;

const POLLS: [Transport; 2] = [Transport::LongPoll, Transport::IntervalPoll];
const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

/// A client on one connection.
struct Follower {
    client: Client,
    inbox: Inbox,
    outbox: Outbox,
    now: Instant,
}

impl Follower {
    fn new(transport: Transport, start: Start) -> Self {
        let host = FieldValue::from_static("a.example");
        Self::with(Config::new(host, "topic=news"), transport, start)
    }

    fn with(config: Config, transport: Transport, start: Start) -> Self {
        let now = Instant::ORIGIN;
        let entropy = || Entropy::new(|bytes| bytes.fill(255));
        let mut client = Client::new(config, transport, start, entropy, now);
        let mut outbox = Outbox::new();
        client.connected(&mut outbox, now).unwrap();
        Self { client, inbox: Inbox::new(), outbox, now }
    }

    /// What happens next.
    fn next(&mut self) -> Result<Option<Event>, Error> {
        self.client.next_event(&mut self.inbox, &mut self.outbox, self.now)
    }

    /// What is written once the client has nothing more to tell.
    fn written(&mut self) -> String {
        assert_eq!(self.next(), Ok(None));
        let bytes = self.outbox.copy_to_bytes(self.outbox.len());
        String::from_utf8(bytes.into()).unwrap()
    }

    /// Waits until the machine wants to do something; returns what it then writes.
    fn next_written(&mut self) -> String {
        self.now = self.client.deadline().unwrap();
        self.written()
    }

    /// Reads an answer; returns its body.
    fn answered(&mut self, bytes: &str) -> String {
        self.inbox.push(bytes.as_bytes());
        match self.next() {
            Ok(Some(Event::Answer { is_reset: false, body })) => {
                String::from_utf8(body.into()).unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    fn take(&mut self, offset: u64) {
        self.client.delivered(at(offset), false, None, self.now);
    }
}

fn at(offset: u64) -> Cursor {
    Cursor { epoch: 7, offset }
}

fn target(request: &str) -> &str {
    request.split(' ').nth(1).unwrap()
}

#[test]
fn r1_a_request_fits_into_one_packet() {
    let longest = Start::After(Cursor { epoch: u64::MAX, offset: u64::MAX });
    let host = FieldValue::new(format!("{}.example:65535", "a".repeat(245))).unwrap();
    for transport in POLLS {
        let config = Config::new(host.clone(), &format!("topic={}", "t".repeat(128)));
        let written = Follower::with(config, transport, longest).written();
        assert!(written.ends_with("\r\n\r\n") && written.len() <= 1_460, "{}", written.len());
    }
}

#[test]
fn r6_a_poll_may_be_held_for_two_minutes() {
    let mut config = Config::new(FieldValue::from_static("a.example"), "topic=news");
    config.wait = Duration::from_secs(120);
    let mut follower = Follower::with(config, Transport::LongPoll, Start::After(at(0)));
    assert!(follower.next_written().contains("wait=120"));
    follower.now += Duration::from_secs(129);
    assert_eq!(follower.answered(&format!("{JSON}Content-Length: 2\r\n\r\n{{}}")), "{}");
    follower.take(1);
    assert!(follower.next_written().contains("after=7.1"));
    assert_eq!(follower.client.deadline(), Some(follower.now + Duration::from_secs(130)));
}

#[test]
fn an_answer_that_is_read_late_is_an_answer() {
    let mut follower = Follower::new(Transport::LongPoll, Start::After(at(0)));
    follower.next_written();
    follower.now = follower.client.deadline().unwrap() + Duration::from_secs(1);
    assert_eq!(follower.answered(&format!("{JSON}Content-Length: 2\r\n\r\n{{}}")), "{}");
    follower.take(1);
    assert!(follower.next_written().contains("after=7.1"));
    assert!(!follower.outbox.is_ended());
    follower.now = follower.client.deadline().unwrap();
    assert_eq!(follower.next(), Ok(None));
    assert!(follower.outbox.is_ended());
}

#[test]
fn r16_an_answer_may_be_taken_after_its_connection_has_ended() {
    for transport in POLLS {
        let mut follower = Follower::new(transport, Start::After(at(0)));
        follower.next_written();
        let head = format!("{JSON}Connection: close\r\nContent-Length: 2\r\n\r\n");
        assert_eq!(follower.answered(&format!("{head}{{}}")), "{}");
        assert_eq!(follower.next(), Ok(None));
        assert!(follower.outbox.is_ended());
        follower.client.disconnected(follower.now);
        follower.client.disconnected(follower.now);
        follower.take(1);
        assert_eq!(follower.client.position(), Start::After(at(1)));

        // It was no failure: the next one is due as if the connection were there.
        let due = follower.client.connect_at().unwrap();
        assert!(due <= follower.now + Duration::from_millis(1_100), "{due:?}");
        follower.now = due;
        (follower.inbox, follower.outbox) = (Inbox::new(), Outbox::new());
        follower.client.connected(&mut follower.outbox, due).unwrap();
        assert!(follower.written().contains("after=7.1"));
    }
}

#[test]
fn an_answer_that_nobody_takes_is_asked_for_again() {
    let mut follower = Follower::new(Transport::LongPoll, Start::After(at(0)));
    follower.next_written();
    let head = format!("{JSON}Connection: close\r\nContent-Length: 2\r\n\r\n");
    assert_eq!(follower.answered(&format!("{head}{{}}")), "{}");
    follower.client.disconnected(follower.now);
    follower.now = follower.client.connect_at().unwrap();
    (follower.inbox, follower.outbox) = (Inbox::new(), Outbox::new());
    follower.client.connected(&mut follower.outbox, follower.now).unwrap();
    assert_eq!(follower.written(), "");
    assert!(follower.next_written().contains("after=7.0"));
}

#[test]
fn a_silent_server_is_given_up_by_the_poller_and_not_by_http() {
    for wait in [25, 120] {
        let mut config = Config::new(FieldValue::from_static("a.example"), "topic=news");
        config.wait = Duration::from_secs(wait);
        for begun in
            ["", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"]
        {
            let start = Start::After(at(0));
            let mut follower = Follower::with(config.clone(), Transport::LongPoll, start);
            follower.next_written();
            follower.inbox.push(begun.as_bytes());
            assert_eq!(follower.next(), Ok(None));
            follower.now = follower.client.deadline().unwrap();
            assert_eq!(follower.next(), Ok(None), "{wait} {begun}");
            assert!(follower.outbox.is_ended());
        }
    }
}

#[test]
fn a_client_may_ask_to_be_held_for_ever() {
    let mut config = Config::new(FieldValue::from_static("a.example"), "topic=news");
    config.wait = Duration::MAX;
    let mut follower = Follower::with(config, Transport::LongPoll, Start::After(at(0)));
    assert!(follower.written().contains("after=7.0&wait=18446744073709552000 "));
}

#[test]
fn r3_a_hundred_polls_take_one_connection() {
    for transport in POLLS {
        let mut follower = Follower::new(transport, Start::After(at(0)));
        for offset in 1..=100 {
            assert!(follower.next_written().starts_with("GET "));
            assert_eq!(follower.answered(&format!("{JSON}Content-Length: 2\r\n\r\n{{}}")), "{}");
            follower.take(offset);
        }
        assert!(!follower.outbox.is_ended());
        assert_eq!(follower.client.connect_at(), None);
        assert_eq!(follower.client.position(), Start::After(at(100)));
    }
}

#[test]
fn r9_r17_a_poll_is_a_plain_request_that_no_cache_may_store() {
    for (transport, tag) in [(POLLS[0], ""), (POLLS[1], "If-None-Match: \"7.5\"\r\n")] {
        let written = Follower::new(transport, Start::After(at(5))).written();
        let wait = if transport == Transport::LongPoll { 25 } else { 0 };
        let line = format!("GET /v1/poll?topic=news&after=7.5&wait={wait} HTTP/1.1");
        let fields = "Host: a.example\r\nCache-Control: no-store";
        assert_eq!(written, format!("{line}\r\n{fields}\r\n{tag}\r\n"));
    }
}

#[test]
fn r17_an_answer_needs_nothing_that_a_proxy_may_take_away() {
    let mut follower = Follower::new(Transport::LongPoll, Start::After(at(5)));
    follower.written();
    follower.inbox.end();
    // No keep-alive, no length, no tag, no date.
    let answer = "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}";
    assert_eq!(follower.answered(answer), "{}");
}

#[test]
fn r13_nothing_is_sent_before_the_answer_is_there() {
    let mut follower = Follower::new(Transport::LongPoll, Start::After(at(5)));
    assert!(follower.written().starts_with("GET "));
    for _ in 0..34 {
        follower.now += Duration::from_secs(1);
        assert_eq!(follower.written(), "");
    }
    follower.inbox.push(JSON.as_bytes());
    follower.inbox.push(b"Content-Length: 2\r\n\r\n{");
    assert_eq!(follower.written(), "");
    assert_eq!(follower.answered("}"), "{}");
    assert_eq!(follower.written(), "", "not before it was taken");
    follower.take(6);
    assert!(follower.next_written().contains("after=7.6&"));
}

#[test]
fn r15_where_chunks_end_means_nothing() {
    let chunks = "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n8\r\n\"events\"\r\n1\r\n:\r\n3\r\n[]}\r\n0\r\n\r\n";
    for cut in 0..chunks.len() {
        let mut follower = Follower::new(Transport::LongPoll, Start::After(at(5)));
        follower.written();
        follower.inbox.push([JSON, &chunks[..cut]].concat().as_bytes());
        assert_eq!(follower.next(), Ok(None));
        assert_eq!(follower.answered(&chunks[cut..]), "{\"events\":[]}");
    }
}

#[test]
fn b61_an_answer_that_a_cache_replays_is_no_news() {
    let mut follower = Follower::new(Transport::LongPoll, Start::After(at(5)));
    let first = follower.written();
    for (next, is_news) in [(at(6), true), (at(5), false), (at(4), false)] {
        assert_eq!(follower.client.is_news(next), is_news);
    }
    follower.answered(&format!("{JSON}Content-Length: 2\r\n\r\n{{}}"));
    follower.client.rejected(follower.now);
    assert_eq!(follower.next_written(), first, "asked again from where it was");
}

#[test]
fn b62_what_is_no_answer_is_asked_for_again_from_the_same_cursor() {
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\nlog in";
    for transport in POLLS {
        let mut follower = Follower::new(transport, Start::After(at(5)));
        let first = follower.written();
        follower.inbox.push(html.as_bytes());
        assert_eq!(follower.written(), "");
        let again = follower.next_written();
        assert_eq!((target(&again), &*again), (target(&first), &*first));
        follower.answered(&format!("{JSON}Content-Length: 2\r\n\r\n{{]"));
        follower.client.rejected(follower.now);
        assert_eq!(follower.next_written(), first);
    }
}

#[test]
fn b62_a_body_that_was_cut_is_an_error_and_the_cursor_stays() {
    let mut follower = Follower::new(Transport::LongPoll, Start::After(at(5)));
    follower.written();
    follower.inbox.push(format!("{JSON}Content-Length: 20\r\n\r\n{{\"events\":[").as_bytes());
    follower.inbox.end();
    assert!(follower.next().is_err());
    follower.client.disconnected(follower.now);
    assert_eq!(follower.client.position(), Start::After(at(5)));
    assert!(follower.client.connect_at().unwrap() > follower.now, "it backs off");
}

#[test]
fn b71_the_cursor_is_all_that_tells_one_request_from_another() {
    let mut follower = Follower::new(Transport::LongPoll, Start::Now);
    let empty = format!("{JSON}Content-Length: 2\r\n\r\n{{}}");
    let mut targets = vec![];
    for offset in [1, 1, 2] {
        targets.push(target(&follower.next_written()).to_owned());
        follower.answered(&empty);
        follower.take(offset);
    }
    let of = |after, wait| format!("/v1/poll?topic=news&after={after}&wait={wait}");
    assert_eq!(targets, [of("now", 0), of("7.1", 25), of("7.1", 25)]);
}

#[test]
fn r12_a_server_is_told_once_of_what_came_behind_a_request_that_waits() {
    let now = Instant::ORIGIN;
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut connection = server::Connection::new(Arc::default(), now);
    let mut told = |connection: &mut server::Connection, bytes: &[u8]| {
        inbox.push(bytes);
        let mut told = String::new();
        while let Some(event) = connection.next_event(&mut inbox, &mut outbox, now).unwrap() {
            told.push(match event {
                server::Event::Http(Http::Request(_)) => 'R',
                server::Event::Http(Http::End) => 'E',
                server::Event::PeerAhead => 'A',
                other => panic!("{other:?}"),
            });
        }
        if told.ends_with('A') {
            let http = connection.http().unwrap();
            http.respond(&Response::new(200), Body::Empty, &mut outbox, now).unwrap();
        }
        told
    };
    let get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(told(&mut connection, get), "RE");
    assert_eq!(told(&mut connection, b""), "");
    assert_eq!(told(&mut connection, &get[..5]), "A");
    assert_eq!(told(&mut connection, &get[5..]), "RE", "the rest in order");
    assert_eq!(told(&mut connection, &get.repeat(2)), "A");
    assert_eq!(told(&mut connection, b""), "REA");
    assert_eq!(told(&mut connection, b""), "RE");
}
