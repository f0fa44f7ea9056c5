//! The client that the suite's fuzzing server tests. What it does with messages is `echo`'s.

use std::error::Error;
use std::net::TcpStream;

use tidewire::core::{Outbox, Protocol};
use tidewire::http::client::Event as Http;
use tidewire::http::{self, Body};
use tidewire::ws::deflate::Codecs;
use tidewire::ws::handshake::{Key, client as handshake, deflate};
use tidewire::ws::{self, Connection, Event};
use tidewire_tests::dice::Dice;

use crate::Mode;
use crate::echo::echo;
use crate::wire::Wire;

type OnEvent<'e> = dyn FnMut(&Event<'_>, &mut Connection, &mut Outbox) + 'e;

/// Plays each case that the suite has at `suite`, one connection a case, then has the report written.
pub(crate) fn run(suite: &str, config: &ws::Config, mode: Mode) -> Result<(), Box<dyn Error>> {
    let mut count = 0_u32;
    let visit =
        |target: &str, on_event: &mut OnEvent<'_>| visit(suite, target, config, mode, on_event);
    visit("/getCaseCount", &mut |event, _, _| {
        if let Event::Text(text) = event {
            count = text.parse().unwrap_or_default();
        }
    })?;
    for case in 1..=count {
        println!("case {case} of {count}");
        let target = format!("/runCase?case={case}&agent=tidewire");
        // A connection that breaks is the suite's deed and shows in its report.
        if let Err(error) = visit(&target, &mut echo) {
            println!("case {case}: {error}");
        }
    }
    visit("/updateReports?agent=tidewire", &mut echo)
}

/// Opens a WebSocket at `target` and hands its events to `on_event` until it is over.
fn visit(
    suite: &str,
    target: &str,
    config: &ws::Config,
    mode: Mode,
    on_event: &mut OnEvent<'_>,
) -> Result<(), Box<dyn Error>> {
    let mut wire = Wire::new(TcpStream::connect(suite)?)?;
    let mut connection = open(suite, target, config, mode, &mut wire)?;
    loop {
        let now = wire.now();
        // After an error the last words are in the outbox, which is ended.
        while let Ok(Some(event)) = connection.next_event(&mut wire.inbox, &mut wire.outbox, now) {
            on_event(&event, &mut connection, &mut wire.outbox);
        }
        if !wire.turn(connection.deadline())? {
            return Ok(());
        }
    }
}

fn open(
    suite: &str,
    target: &str,
    config: &ws::Config,
    mode: Mode,
    wire: &mut Wire,
) -> Result<Connection, Box<dyn Error>> {
    // Seeded, so that a case can be played again; a client of the world needs a strong source.
    let mut masks = Dice::new(1).entropy();
    let (key, mut offer) = (Key::new(&mut masks), handshake::Offer::default());
    if mode == Mode::Deflate {
        offer.deflate.push(deflate::Parameters::default());
    }
    let mut agreement = None;
    let request = handshake::request(target, suite, &key, &offer)?;
    let mut http = http::Client::new(http::ClientConfig::default());
    let now = wire.now();
    http.request(&request, Body::Empty, &mut wire.outbox, now)?;
    loop {
        let now = wire.now();
        match http.next_event(&mut wire.inbox, &mut wire.outbox, now)? {
            Some(Http::Response(head)) => {
                agreement = handshake::verify(&head, &key, &offer)?.deflate;
            }
            Some(Http::Upgraded) => {
                let mut connection = Connection::client(config.clone(), masks, now);
                let mut all = ws::deflate::Config::default();
                all.min_message_bytes = 0;
                if let Some(agreement) = agreement {
                    connection.deflate(agreement, all, Codecs::own);
                }
                return Ok(connection);
            }
            Some(_) => {}
            None => {
                if !wire.turn(http.deadline())? {
                    return Err("the suite ended the connection before it was open".into());
                }
            }
        }
    }
}
