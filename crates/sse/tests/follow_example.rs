//! How `examples/follow.rs` follows a stream that moves, breaks off and ends, over loopback sockets.
#![cfg(not(miri))] // what it looks for is not in sockets

#[allow(dead_code, reason = "its own way in is not taken here")]
#[path = "../examples/follow.rs"]
mod example;

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use example::{Follower, Place};
use tidewire_http::{FieldName, FieldValue};
use tidewire_sse::{SourceConfig, StatusPolicy, Stop};
use url::Url;

/// A server that gives one client after another its next answer. It returns what it was asked.
type Server = JoinHandle<io::Result<Vec<String>>>;

fn server(listener: TcpListener, answers: Vec<String>) -> Server {
    thread::spawn(move || {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept()?;
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte)?;
                request.extend(byte);
            }
            requests.push(String::from_utf8_lossy(&request).into_owned());
            socket.write_all(answer.as_bytes())?;
            socket.shutdown(Shutdown::Write)?;
        }
        Ok(requests)
    })
}

/// What was told of a stream, and how it ended.
fn follow(address: SocketAddr, path: &str) -> (Vec<(String, String)>, Stop) {
    let url = Url::parse(&format!("http://{address}{path}")).expect("it is a URL");
    let token = (FieldName::from_static("Authorization"), FieldValue::from_static("Bearer 1"));
    let mut config = SourceConfig::default();
    config.status_policy = StatusPolicy::Resilient;
    config.retry = Duration::from_millis(100);
    let mut told = Vec::new();
    let stop = Follower::new(Place { url, fields: vec![token] }, config).follow(|event| {
        told.push((event.last_event_id().into(), event.data().to_str_lossy().into()));
    });
    (told, stop)
}

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

const STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
const GONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[test]
fn a_stream_is_followed_through_redirects_cuts_and_troubles_to_its_end() {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    let [own, other] = [0, 1].map(|at| listeners[at].local_addr().expect("it is bound"));
    let [own_server, other_server] = listeners;
    let cut = "Transfer-Encoding: chunked\r\n\r\n23\r\nid: 1\ndata: one\n\nid: 2\ndata: ";
    let own_server = server(
        own_server,
        vec![
            redirect(301, "../new/./sse?x=1"),
            redirect(307, &format!("//{other}")),
            "HTTP/1.1 503 Later\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n".into(),
            format!("{STREAM}\r\nid: 2\ndata: two\n\n"),
            GONE.into(),
        ],
    );
    let other_server = server(other_server, vec![format!("{STREAM}{cut}")]);

    let (told, stop) = follow(own, "/old/sse#part");
    assert_eq!(told, [("1", "one"), ("2", "two")].map(|(id, data)| (id.into(), data.into())));
    assert_eq!(stop, Stop::NoContent);

    let own_requests = own_server.join().expect("it ran").expect("it served");
    let said = own_requests.iter().map(|request| {
        let line = request.lines().next().unwrap_or_default();
        assert!(request.contains("\r\nAuthorization: Bearer 1\r\n"), "{request}");
        let id = request.lines().find_map(|line| line.strip_prefix("Last-Event-ID: "));
        (line, id)
    });
    let new = "GET /new/sse?x=1 HTTP/1.1";
    let first = ("GET /old/sse HTTP/1.1", None);
    assert!(said.eq([first, (new, None), (new, Some("1")), (new, Some("1")), (new, Some("2"))]));

    let other_requests = other_server.join().expect("it ran").expect("it served");
    let [request] = &other_requests[..] else { panic!("it was asked once") };
    assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nHost: {other}\r\n")), "{request}");
    assert!(!request.contains("Authorization"), "{request}");
}

#[test]
fn what_was_dropped_on_the_way_to_a_new_home_stays_dropped() {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    let [own, other] = [0, 1].map(|at| listeners[at].local_addr().expect("it is bound"));
    let [own_server, other_server] = listeners;
    let own_server = server(own_server, vec![redirect(308, &format!("http://{other}/sse"))]);
    let other_server = server(other_server, vec![format!("{STREAM}\r\n"), GONE.into()]);

    assert_eq!(follow(own, "/sse"), (Vec::new(), Stop::NoContent));
    assert_eq!(own_server.join().expect("it ran").expect("it served").len(), 1);
    for request in other_server.join().expect("it ran").expect("it served") {
        assert!(!request.contains("Authorization"), "{request}");
    }
}

#[test]
fn a_place_that_must_not_be_asked_is_not() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let own = listener.local_addr().expect("it is bound");
    let answers = ["ftp://a.example/", "http://user@a.example/", "https://a.example/"];
    let mut answers: Vec<_> = answers.into_iter().map(|location| redirect(302, location)).collect();
    answers.push(GONE.into());
    let server = server(listener, answers);
    assert_eq!(follow(own, "/sse"), (Vec::new(), Stop::NoContent));
    assert_eq!(server.join().expect("it ran").expect("it served").len(), 4);
}
