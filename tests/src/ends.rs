//! An end for each machine, with a handler that notes every event and reacts in a fixed way. What a
//! machine must make of its input is told where the ends are used.

mod websocket;

pub use websocket::{Halves, Role, WebSocket, ws_client, ws_server};

use std::sync::Arc;

use tidewire::client::{self, Client, Transport};
use tidewire::hub::{Cursor, Start};
use tidewire::ws::handshake::server::Policy;
use tidewire::ws::handshake::{Key, Origins};
use tidewire::{Entry, http, server, sse};
use tidewire_core::{Instant, Outbox};

use crate::dice::Dice;
use crate::end::End;
use crate::trace::Trace;
use websocket::Echo;

/// When a server answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// When its head was read.
    Early,
    /// When it was read to its end, with a body in two pieces and a trailer.
    Late,
}

/// A server that answers each request with 200, and asks for bodies that wait to be asked for.
#[must_use]
pub fn http_server(config: http::ServerConfig, answers: Answers) -> End<http::Server> {
    let server = http::Server::new(config, Instant::ORIGIN);
    End::new(server, move |server, event, outbox, now, trace| {
        let is_due = matches!(
            (&event, answers),
            (http::server::Event::Request(_), Answers::Early)
                | (http::server::Event::End, Answers::Late)
        );
        note_request(event, trace);
        if server.expects_continue() && !is_due {
            // Where the outbox is full, nobody is told to go on.
            let _ = server.interim(&http::Response::new(100), outbox);
        }
        if is_due {
            // A full outbox leaves the request unanswered.
            let _ = answer(server, answers, outbox, now);
        }
    })
}

/// A client that asks for `/` once, with an upgrade if `upgrades`: whether bytes behind an answer belong
/// to another one would be a matter of when they came.
#[must_use]
pub fn http_client(config: http::ClientConfig, upgrades: bool) -> End<http::Client> {
    let upgrade = http::FieldValue::from_static("websocket");
    let request = http::Request::new("GET", "/").expect("a good target").field(HOST, A);
    let request = if upgrades { request.field(http::FieldName::UPGRADE, upgrade) } else { request };
    let client = http::Client::new(config);
    let mut end = End::new(client, |_, event, _, _, trace| match event {
        http::client::Event::Body(piece) => trace.piece("body", &piece),
        other => trace.event(&other),
    });
    let asked = end.machine.request(&request, http::Body::Empty, &mut end.outbox, Instant::ORIGIN);
    asked.expect("a fresh client may ask");
    end
}

/// An event stream with one event in it, whose client reads or does not.
#[must_use]
pub fn event_stream(config: sse::StreamConfig) -> End<sse::Stream> {
    let stream = sse::Stream::new(config, &mut Dice::new(SEED).entropy(), Instant::ORIGIN);
    let mut end = End::new(stream, |_, event, _, _, trace| trace.event(event));
    let frame = sse::Frame::new().data("first").to_bytes();
    let sent = end.machine.send(&frame, &mut end.outbox, Instant::ORIGIN);
    sent.expect("a new stream takes a frame");
    end
}

/// A server that makes a WebSocket of `/ws`, an event stream with one event of `/sse`, and answers
/// all else at its end. A WebSocket's texts are sent back.
#[must_use]
pub fn connection(config: server::Config) -> End<server::Connection> {
    let connection = server::Connection::new(Arc::new(config), Instant::ORIGIN);
    let mut echo = Echo::default();
    End::new(connection, move |connection, event, outbox, now, trace| match event {
        server::Event::Http(event) => on_http(connection, event, outbox, now, trace),
        server::Event::PeerAhead => trace.event("more came behind a request that waits"),
        server::Event::StreamEnded => trace.event("the stream ended"),
        server::Event::WebSocket(event) => match connection.websocket() {
            Some(websocket) => echo.react(websocket, &event, outbox, trace),
            None => unreachable!("an event of a WebSocket that is none"),
        },
    })
}

/// A client that follows a log on one connection, and takes whatever it is given: but an answer that
/// begins with `?` makes no sense to it, and one that begins with `!` it never gets round to.
#[must_use]
pub fn follower(transport: Transport) -> End<Client> {
    let config = client::Config::new(A, "topic=a");
    let entropy = || Dice::new(SEED).entropy();
    let client = Client::new(config, transport, Start::Oldest, entropy, Instant::ORIGIN);
    let mut taken = 0;
    let mut end = End::new(client, move |client, event, _, now, trace| {
        trace.event(&event);
        taken += 1;
        let cursor = Cursor { epoch: 7, offset: taken };
        match event {
            client::Event::Message(_) => client.seen(cursor),
            client::Event::Answer { body, .. } if body.starts_with(b"?") => client.rejected(now),
            client::Event::Answer { body, .. } if body.starts_with(b"!") => {}
            client::Event::Answer { .. } => client.delivered(cursor, false, None, now),
            client::Event::Open | client::Event::Received(_) | client::Event::Skipped(_) => {}
        }
    });
    end.machine.connected(&mut end.outbox, Instant::ORIGIN).expect("a good query");
    end
}

/// The response that makes a WebSocket of what a [`follower`] asks for.
#[must_use]
pub fn upgraded() -> Vec<u8> {
    let key = Key::new(&mut Dice::new(SEED).entropy());
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        key.accept().as_str(),
    )
    .into_bytes()
}

fn on_http(
    connection: &mut server::Connection,
    event: http::server::Event<'_>,
    outbox: &mut Outbox,
    now: Instant,
    trace: &mut Trace,
) {
    // What a connection refuses it has answered; what a full outbox leaves unanswered stays so.
    match &event {
        http::server::Event::Request(head) if head.path() == "/ws" => {
            let mut policy = Policy::default();
            policy.origins = Origins::Only(vec!["https://good.example".into()]);
            let done = connection.accept_websocket(head, &policy, [], outbox, now);
            trace.event(done);
        }
        http::server::Event::Request(head) if head.path() == "/sse" => {
            let mut jitter = Dice::new(SEED).entropy();
            let entry = Entry::new(Cursor { epoch: 7, offset: 1 }, "message", None, "data");
            let done = connection.open_event_stream([], &mut jitter, outbox, now);
            trace.event(done.and_then(|()| connection.send(&entry, outbox, now)));
        }
        http::server::Event::End => {
            if let Some(server) = connection.http().filter(|http| http.awaits_response()) {
                let _ = answer(server, Answers::Late, outbox, now);
            }
        }
        _ => {}
    }
    note_request(event, trace);
}

fn answer(
    server: &mut http::Server,
    answers: Answers,
    outbox: &mut Outbox,
    now: Instant,
) -> Result<(), http::SendError> {
    let response = http::Response::new(200);
    match answers {
        Answers::Early => server.respond(&response, http::Body::Full("early".into()), outbox, now),
        Answers::Late => {
            server.respond(&response, http::Body::Stream, outbox, now)?;
            for piece in ["la", "te"] {
                if server.is_sending() {
                    server.send_body(piece.into(), outbox)?;
                }
            }
            let trailer = (http::FieldName::from_static("X-Sum"), A);
            if server.is_sending() { server.finish_with(&[trailer], outbox, now) } else { Ok(()) }
        }
    }
}

fn note_request(event: http::server::Event<'_>, trace: &mut Trace) {
    match event {
        http::server::Event::Body(piece) => trace.piece("body", &piece),
        other => trace.event(&other),
    }
}

const SEED: u64 = 7;
const HOST: http::FieldName = http::FieldName::HOST;
const A: http::FieldValue = http::FieldValue::from_static("a");
