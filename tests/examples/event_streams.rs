//! Serves every case of the event stream files, byte for byte, for clients that others wrote to read.
//! Whether they tell what they should is checked in `tests/browser/event_streams.test.mjs`.
//!
//! | path | answer |
//! |---|---|
//! | `/` | an empty page, for a browser to run scripts in |
//! | `/CLIENT/CASE` | the stream of the case; when the client comes back for it, 204, to keep it away |
//! | `/CLIENT` | how the client came back: its last event ID and its wait, by case |
//!
//! A free port is chosen, and told first.
#![allow(clippy::print_stdout, reason = "the line tells who started it where it listens")]

#[path = "autobahn/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant as Clock;

use serde_json::{Value, json};
use tidewire::bytes::Bytes;
use tidewire::core::Protocol;
use tidewire::http::server::Event;
use tidewire::http::{Body, FieldName, FieldValue, RequestHead, Response, SendError};
use tidewire::http::{Server, ServerConfig};
use tidewire::sse::Stream;
use tidewire_tests::fuzz::named_event_streams;

use crate::wire::Wire;

fn main() -> Result<(), Box<dyn Error>> {
    let cases = Cases { streams: named_event_streams().into_iter().collect(), ..Cases::default() };
    let cases = Arc::new(cases);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on http://{}", listener.local_addr()?);
    for socket in listener.incoming() {
        let (socket, cases) = (socket?, Arc::clone(&cases));
        // A connection that breaks is the client's deed.
        thread::spawn(move || serve(socket, &cases));
    }
    Ok(())
}

/// The streams, and who has asked for them.
#[derive(Default)]
struct Cases {
    streams: BTreeMap<String, Bytes>,
    visits: Mutex<BTreeMap<String, BTreeMap<String, Visit>>>,
}

/// A client has got a stream, and may have come back for it.
struct Visit {
    served: Clock,
    returned: Option<Value>,
}

fn serve(socket: TcpStream, cases: &Cases) -> io::Result<()> {
    let mut wire = Wire::new(socket)?;
    let mut server = Server::new(ServerConfig::default(), wire.now());
    loop {
        let now = wire.now();
        // After an error the last words are in the outbox, which is ended.
        while let Ok(Some(event)) = server.next_event(&mut wire.inbox, &mut wire.outbox, now) {
            let Event::Request(head) = event else { continue };
            // Nothing is answered but requests, and no answer is long.
            let _ = cases.answer(&head, &mut server, &mut wire);
        }
        if !wire.turn(server.deadline())? {
            return Ok(());
        }
    }
}

impl Cases {
    fn answer(
        &self,
        head: &RequestHead,
        server: &mut Server,
        wire: &mut Wire,
    ) -> Result<(), SendError> {
        let now = wire.now();
        let (client, case) = head.path()[1..].split_once('/').unwrap_or((&head.path()[1..], ""));
        let Some(stream) = self.streams.get(case) else {
            let (kind, body) = match client {
                "" => ("text/html", "<!doctype html><title>Event streams</title>".to_owned()),
                client => ("application/json", self.returns(client).to_string()),
            };
            let response = typed(Response::new(200), kind);
            return server.respond(&response, Body::Full(body.into()), &mut wire.outbox, now);
        };
        if self.comes_back(client, case, head) {
            return server.respond(&Response::new(204), Body::Empty, &mut wire.outbox, now);
        }
        let mut response = Response::new(200);
        for (name, value) in Stream::response_fields() {
            let (name, value) = (FieldName::from_static(name), FieldValue::from_static(value));
            response = response.field(name, value);
        }
        server.respond(&response, Body::Stream, &mut wire.outbox, now)?;
        if !stream.is_empty() {
            server.send_body(stream.clone(), &mut wire.outbox)?;
        }
        server.finish(&mut wire.outbox, now)
    }

    /// Notes a visit. Whether it is not the first.
    #[expect(clippy::disallowed_methods, reason = "a program owns its clock")]
    fn comes_back(&self, client: &str, case: &str, head: &RequestHead) -> bool {
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        let visits = visits.entry(client.to_owned()).or_default();
        let Some(visit) = visits.get_mut(case) else {
            let visit = Visit { served: Clock::now(), returned: None };
            visits.insert(case.to_owned(), visit);
            return false;
        };
        let waited_ms = visit.served.elapsed().as_millis() as u64;
        let id = head.fields().get("Last-Event-ID").map(String::from_utf8_lossy);
        visit.returned = Some(json!({ "last_event_id": id, "waited_ms": waited_ms }));
        true
    }

    fn returns(&self, client: &str) -> Value {
        let visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        let visits = visits.get(client).into_iter().flatten();
        visits.map(|(case, visit)| (case.clone(), visit.returned.clone())).collect()
    }
}

fn typed(response: Response, kind: &'static str) -> Response {
    response.field(FieldName::from_static("Content-Type"), FieldValue::from_static(kind))
}
