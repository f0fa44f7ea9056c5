//! A park over `std::net`: a thread for each connection, one that owns the log, and what is typed is
//! published. `cargo run -p tidewire-poll --example park_blocking`, then `curl '127.0.0.1:9003/?wait=25'`
//! or `cargo run -p tidewire-poll --example poller_blocking 127.0.0.1:9003`.
#![allow(clippy::disallowed_methods, reason = "a program owns its clock")]
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant as Clock};
use std::{collections::HashMap, error::Error, fs::File, thread};

use serde_json::json;
use tidewire_core::{Entropy, Instant};
use tidewire_hub::{Config, Hub, Start};
use tidewire_poll::{Answer, Ask, Asked, HoldId, Park, ParkConfig};

enum Message {
    Line(String),
    Poll(Start, Duration, SocketAddr, TcpStream),
    Gone(SocketAddr),
}

fn main() -> Result<(), Box<dyn Error>> {
    let (sender, messages) = channel();
    let listener = TcpListener::bind("127.0.0.1:9003")?;
    let polls = sender.clone();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let sender = polls.clone();
            thread::spawn(move || serve(&socket, &sender).is_ok());
        }
    });
    thread::spawn(move || own_log(&messages).expect("it goes on for ever"));
    io::stdin().lines().try_for_each(|line| Ok(sender.send(Message::Line(line?))?))
}

/// Reads one request, hands it on, and stays to see the connection end.
fn serve(mut socket: &TcpStream, sender: &Sender<Message>) -> Result<(), Box<dyn Error>> {
    let (mut head, mut reader) = (Vec::new(), BufReader::new(socket).take(8_192));
    while !head.ends_with(b"\r\n\r\n") && reader.read_until(b'\n', &mut head)? > 0 {}
    let head = tidewire_http::RequestHead::parse(&head)?;
    let query = head.query().unwrap_or_default().split('&');
    let query: HashMap<_, _> = query.filter_map(|pair| pair.split_once('=')).collect();
    let start = query.get("after").unwrap_or(&"now").parse()?;
    let wait = Duration::try_from_secs_f64(query.get("wait").unwrap_or(&"25").parse()?)?;
    socket.set_write_timeout(Some(Duration::from_secs(1)))?; // Who misses an answer asks again.
    let peer = socket.peer_addr()?;
    sender.send(Message::Poll(start, wait, peer, socket.try_clone()?))?;
    let _ = socket.read(&mut [0]); // Until the client ends it, with its answer or without.
    Ok(sender.send(Message::Gone(peer))?)
}

/// Publishes, holds polls and answers them, for ever.
fn own_log(messages: &Receiver<Message>) -> io::Result<()> {
    let start = Clock::now();
    let now = || Instant::from_origin(start.elapsed());
    let mut source = File::open("/dev/urandom")?;
    let mut entropy = Entropy::new(move |bytes| source.read_exact(bytes).expect("it never ends"));
    // Each life of the log has another epoch.
    let mut hub = Hub::new(Config::default(), u64::from_le_bytes(entropy.bytes()));
    let mut park = Park::new(ParkConfig::default());
    let mut held: HashMap<HoldId, (SocketAddr, TcpStream)> = HashMap::new();
    loop {
        let left = park.deadline().map(|due| due.saturating_duration_since(now()));
        match messages.recv_timeout(left.unwrap_or(Duration::from_secs(60))) {
            Ok(Message::Line(line)) => {
                let bytes = line.len();
                let _ = hub.publish("demo", line, bytes, None, now());
            }
            Ok(Message::Poll(start, wait, peer, socket)) => {
                let ask = Ask { wait, ..Ask::new(&["demo"], start) };
                match park.ask(&ask, &mut hub, &mut entropy, now()) {
                    Ok(Asked::Held(hold)) => drop(held.insert(hold, (peer, socket))),
                    Ok(Asked::Answer(answer)) => send(&socket, &encode(answer, 1)),
                    Err(refused) => {
                        let away = refused.retry_after().unwrap_or_default().as_secs();
                        let head = format!("{} \r\nRetry-After: {away}", refused.status());
                        send(&socket, &format!("HTTP/1.1 {head}\r\n\r\n"));
                    }
                }
            }
            Ok(Message::Gone(peer)) => {
                for (hold, _) in held.extract_if(|_, (at, _)| *at == peer) {
                    park.cancel(hold, &mut hub);
                }
            }
            Err(_) => {}
        }
        // Whatever it was, somebody may be due now.
        while let Some(reader) = hub.next_ready() {
            park.woken(reader, &mut hub);
        }
        while let Some(answered) = park.next_answer(&mut hub, now()) {
            let response = encode(answered.answer, 0);
            let sockets = answered.holds.iter().filter_map(|hold| held.remove(hold));
            sockets.for_each(|(_, socket)| send(&socket, &response));
        }
    }
}

/// The answer; with a rhythm in seconds for those who did not wait and have none of their own.
fn encode(answer: Answer<'_, String>, rhythm: u64) -> String {
    let (status, json) = match answer {
        Answer::Events { entries, next, more } => {
            let events: Vec<_> = entries.map(|event| json!({ "data": event.item })).collect();
            (200, json!({ "events": events, "next": next.to_string(), "more": more }))
        }
        Answer::Empty { next, poll_after, .. } => {
            let away = poll_after.unwrap_or(Duration::from_secs(rhythm)).as_secs_f64();
            (200, json!({ "events": [], "next": next.to_string(), "poll_after": away }))
        }
        Answer::Reset(reset) => (410, json!({ "next": reset.resume().to_string() })),
    };
    let (json, head) = (json.to_string(), "Content-Type: application/json\r\nConnection: close");
    format!("HTTP/1.1 {status} \r\n{head}\r\nContent-Length: {}\r\n\r\n{json}", json.len())
}

fn send(mut socket: &TcpStream, response: &str) {
    let _ = socket.write_all(response.as_bytes()).and_then(|()| socket.shutdown(Shutdown::Write));
}
