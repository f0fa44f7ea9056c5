//! Asks a language model and writes its answer as it comes, over `std::net`:
//! `cargo run -p tidewire-sse --example llm 127.0.0.1:8000 "Why is the sea salty?"`
#![allow(clippy::print_stdout, reason = "it shows what comes")]

use std::error::Error;
use std::io::{Write, stdout};
use std::net::TcpStream;
use std::{env, time::Duration};

use serde_json::{Value, from_slice, json};
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, Client, ClientConfig, FieldName, FieldValue, Request, client::Event};
use tidewire_sse::{Decoder, Item, Limits};

type Outcome = Result<(), Box<dyn Error>>;

/// Shows the answer as it comes. An event stream has no end mark of its own: an answer is whole once
/// the model has said `[DONE]`, and cut if it ends before, however well the response ended.
pub(crate) fn ask(
    mut socket: TcpStream,
    ask: &Request,
    body: Body,
    mut show: impl FnMut(&str),
) -> Outcome {
    let (mut inbox, mut outbox, now) = (Inbox::new(), Outbox::new(), Instant::ORIGIN);
    let (mut http, mut decoder) =
        (Client::new(ClientConfig::for_streams()), Decoder::new(Limits::default()));
    http.request(ask, body, &mut outbox, now)?;
    outbox.write_to(&mut socket)?;
    loop {
        match http.next_event(&mut inbox, &mut outbox, now)? {
            Some(Event::Response(head)) if head.status() != 200 => return Err("refused".into()),
            Some(Event::Body(piece)) => {
                let mut piece = piece.as_slice();
                while let Some(item) = decoder.decode(&mut piece)? {
                    let Item::Event(event) = item else { return Err("too long an event".into()) };
                    match event.data().as_bytes() {
                        b"[DONE]" => return Ok(()),
                        json => show(text(&from_slice(json)?)),
                    }
                }
            }
            Some(Event::End) => return Err("the answer was cut".into()),
            Some(_) => {}
            None => (inbox.read_from(&mut socket)? > 0).then_some(()).ok_or("lost, or silent")?,
        }
    }
}

fn text(delta: &Value) -> &str {
    delta["choices"][0]["delta"]["content"].as_str().unwrap_or_default()
}

fn main() -> Outcome {
    let mut words = env::args().skip(1);
    let (host, prompt) = words.next().zip(words.next()).ok_or("usage: llm HOST:PORT PROMPT")?;
    let request = Request::new("POST", "/v1/chat/completions")?
        .field(FieldName::HOST, FieldValue::new(host.clone())?)
        .field(FieldName::CONTENT_TYPE, FieldValue::from_static("application/json"));
    let messages = json!([{ "role": "user", "content": prompt }]);
    let body = json!({ "model": "default", "stream": true, "messages": messages }).to_string();
    let socket = TcpStream::connect(&host)?;
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    ask(socket, &request, Body::Full(body.into()), |text| {
        print!("{text}");
        let _ = stdout().flush();
    })
}
