//! `tidewire listen`: prints events as they come, over any transport, and resumes by cursor.

use std::io::{self, Write};
use std::sync::Arc;

use bytes::Bytes;
use tidewire::client::{Client, Config, Event, Received, Transport};
use tidewire::core::Instant;
use tidewire::hub::Cursor;
use tidewire_tokio::{Clock, Driver, Ready};

use crate::address::Address;
use crate::cli::{Listen, TransportArg};
use crate::seconds::seconds;
use crate::wire::{AnswerDocument, EventDocument, ResetDocument, ResetWord, encode};
use crate::{Failure, entropy};

/// The longest answer or event that is taken. It must not fall short of what the server sends, or the
/// same event would be asked for again and again.
const MAX_BYTES: usize = 512 << 20;

/// Prints events until the server says to stop, or enough have come.
pub(crate) async fn run(options: Listen) -> Result<(), Failure> {
    let address = Address::new(&options.url, options.topic.clone())?;
    let clock = Clock::start();
    let is_stream = options.transport == TransportArg::Sse;
    let envelope = if options.json && is_stream { "&envelope=true" } else { "" };
    let mut config = Config::new(address.authority()?, &(address.query() + envelope));
    config.wait = options.wait;
    config.every = options.every;
    config.http.max_body_bytes = MAX_BYTES as u64;
    let websocket = Arc::make_mut(&mut config.websocket);
    websocket.max_message_bytes = MAX_BYTES;
    websocket.max_frame_bytes = MAX_BYTES;
    config.event_stream.limits.max_line_bytes = MAX_BYTES;
    config.event_stream.limits.max_data_bytes = MAX_BYTES;
    let transport = match options.transport {
        TransportArg::Ws => Transport::WebSocket,
        TransportArg::Sse => Transport::EventStream,
        TransportArg::Longpoll => Transport::LongPoll,
        TransportArg::Poll => Transport::IntervalPoll,
    };
    let mut client = Client::new(config, transport, options.after, entropy, clock.now());
    let mut printer = Printer { json: options.json, left: options.count.unwrap_or(u64::MAX) };
    let mut notes = Notes::default();
    while let Some(at) = client.connect_at() {
        tokio::time::sleep_until(clock.at(at)).await;
        let socket = match address.connect().await {
            Ok(socket) => {
                notes = Notes::default();
                socket
            }
            Err(error) => {
                let Address { host, port, .. } = &address;
                notes.tell(format!("cannot reach {host}:{port}: {error}; trying again"));
                client.disconnected(clock.now());
                continue;
            }
        };
        let mut driver = Driver::new(socket, client, clock);
        let peer = driver.peer();
        peer.machine.connected(peer.outbox, peer.now)?;
        if receive(&mut driver, &mut printer).await? {
            return Ok(());
        }
        client = driver.into_machine();
        client.disconnected(clock.now());
    }
    Err(client.stopped().map_or_else(|| "the server said to stop".into(), Into::into))
}

/// Notes for who watches, each once until there is another or a connection.
#[derive(Default)]
struct Notes(String);

impl Notes {
    fn tell(&mut self, note: String) {
        if self.0 != note {
            eprintln!("tidewire: {note}");
            self.0 = note;
        }
    }
}

/// Takes what one connection brings; tells whether that is enough.
async fn receive<S>(driver: &mut Driver<S, Client>, printer: &mut Printer) -> Result<bool, Failure>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        loop {
            match driver.next_event() {
                Ok(Some((event, peer))) => {
                    take(event, peer.machine, printer, peer.now)?;
                    if printer.left == 0 {
                        return Ok(true);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    // What stops the client for good is told in the end.
                    if driver.peer().machine.stopped().is_none() {
                        eprintln!("tidewire: {error}");
                    }
                }
            }
        }
        match driver.ready().await {
            Ok(Ready::Again) => {}
            Ok(Ready::Over) => return Ok(false),
            Err(error) => {
                eprintln!("tidewire: {error}");
                return Ok(false);
            }
        }
    }
}

/// Prints what came and tells the client how far that went.
fn take(event: Event, client: &mut Client, printer: &mut Printer, now: Instant) -> io::Result<()> {
    match event {
        Event::Open => {}
        Event::Skipped(limit) => eprintln!("tidewire: an event was passed over: {limit}"),
        Event::Received(Received { name, data, .. }) if name == "reset" => {
            if let Ok(reset) = serde_json::from_str(&data) {
                tell(&reset, printer)?;
            }
        }
        Event::Received(received) => printer.print(&received.data)?,
        Event::Message(message) => {
            if let Some(cursor) = printer.print_message(&message)? {
                client.seen(cursor);
            }
        }
        Event::Answer { is_reset: true, body } => {
            let reset: Option<ResetDocument> = serde_json::from_slice(&body).ok();
            match reset.and_then(|reset| Some((reset.next.parse().ok()?, reset))) {
                Some((next, reset)) => {
                    tell(&reset, printer)?;
                    client.delivered(next, false, None, now);
                }
                None => client.rejected(now),
            }
        }
        Event::Answer { is_reset: false, body } => match answer(&body) {
            // A replay by some cache would be printed twice.
            Some((answer, next)) if answer.events.is_empty() || client.is_news(next) => {
                for event in &answer.events {
                    printer.print_message(event.get().as_bytes())?;
                }
                let wait = seconds(answer.poll_after);
                client.delivered(next, answer.more, wait, now);
            }
            _ => client.rejected(now),
        },
    }
    Ok(())
}

fn answer(body: &Bytes) -> Option<(AnswerDocument<'_>, Cursor)> {
    let answer: AnswerDocument<'_> = serde_json::from_slice(body).ok()?;
    let next = answer.next.parse().ok()?;
    Some((answer, next))
}

/// Tells of a reset: as the server's document on standard output if that is wanted, else in words.
fn tell(reset: &ResetDocument, printer: &Printer) -> io::Result<()> {
    if printer.json {
        return printer.write(&encode(reset));
    }
    let why = match reset.reset {
        ResetWord::Expired => "the next events are no longer kept",
        ResetWord::Epoch => "the server has a new log",
        ResetWord::Ahead => "the log has not come that far",
    };
    eprintln!("tidewire: reset: {why}; events may be missing; going on after {}", reset.next);
    Ok(())
}

/// Writes events to standard output, one a line, until enough have come.
struct Printer {
    json: bool,
    left: u64,
}

impl Printer {
    fn print(&mut self, line: &str) -> io::Result<()> {
        if self.left > 0 {
            self.left -= 1;
            self.write(line)?;
        }
        Ok(())
    }

    fn write(&self, line: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        out.flush()
    }

    /// Prints a message of the server's if it is an event; returns where the log goes on behind it.
    fn print_message(&mut self, message: &[u8]) -> io::Result<Option<Cursor>> {
        if let Ok(event) = serde_json::from_slice::<EventDocument<'_>>(message) {
            if self.json {
                self.print(&String::from_utf8_lossy(message))?;
            } else {
                self.print(&event.data)?;
            }
            return Ok(event.cursor.parse().ok());
        }
        let Ok(reset) = serde_json::from_slice::<ResetDocument>(message) else { return Ok(None) };
        tell(&reset, self)?;
        Ok(reset.next.parse().ok())
    }
}
