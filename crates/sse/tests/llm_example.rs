//! What `examples/llm.rs` makes of good and bad answers, over a loopback socket.
#![cfg(not(miri))] // what it looks for is not in sockets

#[allow(dead_code, reason = "its own way in is not taken here")]
#[path = "../examples/llm.rs"]
mod example;

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use tidewire_http::{Body, FieldName, FieldValue, Request};

/// Gives one client this answer, and hangs up unless it is to stay silent.
fn server(answer: String, hangs_up: bool) -> io::Result<TcpStream> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let socket = TcpStream::connect(listener.local_addr()?)?;
    std::thread::spawn(move || -> io::Result<()> {
        let (mut socket, _) = listener.accept()?;
        let mut request = Vec::new();
        while !request.ends_with(PROMPT.as_bytes()) {
            let mut byte = [0];
            socket.read_exact(&mut byte)?;
            request.extend(byte);
        }
        socket.write_all(answer.as_bytes())?;
        if hangs_up { Ok(()) } else { socket.read_exact(&mut [0]) }
    });
    Ok(socket)
}

/// What was shown of the answer, and how it ended.
fn asked(answer: String, hangs_up: bool) -> (String, Result<(), String>) {
    let mut shown = String::new();
    let ask = || {
        let socket = server(answer, hangs_up)?;
        socket.set_read_timeout(Some(Duration::from_millis(300)))?;
        let host = FieldValue::from_static("a.example");
        let request = Request::new("POST", "/")?.field(FieldName::HOST, host);
        example::ask(socket, &request, Body::Full(PROMPT.into()), |text| shown.push_str(text))
    };
    let outcome = ask().map_err(|error| error.to_string());
    (shown, outcome)
}

/// The events of an answer, in chunks of `len` bytes each.
fn chunked(len: usize, events: &[&str]) -> String {
    let mut response = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                        Transfer-Encoding: chunked\r\n\r\n"
        .to_owned();
    for chunk in events.concat().as_bytes().chunks(len) {
        let text = str::from_utf8(chunk).expect("the events are ASCII");
        response.push_str(&format!("{:x}\r\n{text}\r\n", chunk.len()));
    }
    response
}

const PROMPT: &str = "{\"stream\":true}";
const ROLE: &str = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
const SALT: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Salt \"}}]}\n\n";
const RIVERS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"from rivers.\"}}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

#[test]
fn an_answer_is_whole_at_its_end_mark_however_it_is_chunked() {
    for len in [1, 7, 1000] {
        let answer = chunked(len, &[": hi\n\n", ROLE, SALT, RIVERS, DONE]) + "0\r\n\r\n";
        assert_eq!(asked(answer, true), ("Salt from rivers.".to_owned(), Ok(())));
    }
}

#[test]
fn an_answer_without_length_is_whole_at_its_end_mark_alone() {
    let head = "HTTP/1.0 200 OK\r\n\r\n";
    assert_eq!(asked([head, SALT, DONE].concat(), true).1, Ok(()));
    let cut = ("Salt ".to_owned(), Err("lost, or silent".to_owned()));
    assert_eq!(asked([head, SALT].concat(), true), cut);
}

#[test]
fn an_end_without_the_mark_is_a_cut() {
    let answer = chunked(1000, &[SALT]) + "0\r\n\r\n";
    assert_eq!(asked(answer, true), ("Salt ".to_owned(), Err("the answer was cut".to_owned())));
}

#[test]
fn a_lost_and_a_silent_server_are_told() {
    for hangs_up in [true, false] {
        let (shown, outcome) = asked(chunked(1000, &[SALT]), hangs_up);
        assert_eq!((shown.as_str(), outcome), ("Salt ", Err("lost, or silent".to_owned())));
    }
}

#[test]
fn a_refusal_is_told() {
    let answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n".to_owned();
    assert_eq!(asked(answer, true), (String::new(), Err("refused".to_owned())));
}
