//! A poller over `std::net`: prints each event's data as it comes, and goes on whatever happens.
//! `cargo run -p tidewire-poll --example poller_blocking 127.0.0.1:8080 oldest`
#![allow(clippy::disallowed_methods, reason = "a program owns its clock and its waiting")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it shows what comes")]
use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant as Clock};
use std::{env, error::Error, fs::File, thread};

use serde_json::Value;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, Client, ClientConfig, FieldName, FieldValue, Request, client::Event};
use tidewire_hub::Cursor;
use tidewire_poll::{EntityTag, PollRequest, Poller, PollerConfig, ResponseHead, Verdict};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let host = arguments.next().ok_or("usage: poller_blocking HOST:PORT [CURSOR]")?;
    let mut config = PollerConfig::default();
    if let Some(start) = arguments.next() {
        config.start = start.parse()?;
    }
    let start = Clock::now();
    let now = || Instant::from_origin(start.elapsed());
    let mut source = File::open("/dev/urandom")?;
    let entropy = Entropy::new(move |bytes| source.read_exact(bytes).expect("it never ends"));
    let mut poller = Poller::new(config, entropy, now());
    while !poller.is_stopped() {
        let Some(ask) = poller.next_ask(now()) else {
            let Some(due) = poller.deadline() else { break };
            thread::sleep(due.saturating_duration_since(now()));
            continue;
        };
        let request = request(&host, &ask)?;
        if let Err(error) = poll(&host, &request, &mut poller, &now) {
            eprintln!("{error}; again from {}", poller.start());
            poller.failed(now());
        }
    }
    Err("the server says that asking again would not help".into())
}

/// The poll as a request; on a connection of its own, to keep this short.
fn request(host: &str, ask: &PollRequest) -> Result<Request, Box<dyn Error>> {
    let (after, wait) = (ask.after, ask.wait.as_secs_f64());
    let request = Request::new("GET", &format!("/v1/poll?topic=demo&after={after}&wait={wait}"))?
        .field(FieldName::HOST, FieldValue::new(host)?)
        .field(FieldName::CACHE_CONTROL, FieldValue::from_static("no-store"));
    Ok(match ask.if_none_match {
        Some(cursor) => {
            let tag = FieldValue::new(EntityTag(cursor).to_string())?;
            request.field(FieldName::from_static("If-None-Match"), tag)
        }
        None => request,
    })
}

/// Sends the request and tells the poller of the response, until it waits for none any more.
fn poll(
    host: &str,
    request: &Request,
    poller: &mut Poller,
    now: &impl Fn() -> Instant,
) -> Result<(), Box<dyn Error>> {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut client = Client::new(ClientConfig::default());
    client.request(request, Body::Empty, &mut outbox, now())?;
    let mut socket = TcpStream::connect(host)?;
    let mut body = Vec::new();
    loop {
        while let Some(event) = client.next_event(&mut inbox, &mut outbox, now())? {
            match event {
                Event::Response(head) => {
                    let head = ResponseHead::new(head.status(), head.fields().iter());
                    match poller.on_response(&head, now()) {
                        Verdict::ReadBody | Verdict::Reset => {}
                        Verdict::NotModified | Verdict::Retry | Verdict::Stopped => return Ok(()),
                    }
                }
                Event::Body(piece) => body.extend_from_slice(&piece),
                Event::End => return take(&body, poller, now()),
                _ => {}
            }
        }
        outbox.write_to(&mut socket)?;
        let give_up = poller.watchdog().ok_or("it was given up")?;
        let left = give_up.saturating_duration_since(now());
        if left.is_zero() {
            return Err("no answer in time".into());
        }
        socket.set_read_timeout(Some(left))?;
        inbox.read_from(&mut socket)?;
    }
}

/// Takes an answer: first what it brings, then where it ends.
fn take(body: &[u8], poller: &mut Poller, now: Instant) -> Result<(), Box<dyn Error>> {
    let answer: Value = serde_json::from_slice(body)?;
    let next: Cursor = answer["next"].as_str().unwrap_or_default().parse()?;
    if let Some(reason) = answer["reset"].as_str() {
        eprintln!("a gap: {reason}");
    }
    let events = answer["events"].as_array().map_or(&[][..], Vec::as_slice);
    if !events.is_empty() && !poller.is_news(next) {
        return Err("some cache told an old answer again".into());
    }
    for event in events {
        println!("{}", event["data"].as_str().unwrap_or_default());
    }
    // A program that outlives its process keeps `next` here, together with what it made of the events.
    let away = answer["poll_after"].as_f64().map(Duration::try_from_secs_f64).transpose()?;
    poller.delivered(next, answer["more"] == true, away, now);
    Ok(())
}
