//! A WebSocket client over `std::net`: sends each argument behind the address as a text, prints what
//! comes back, and closes. `cargo run -p tidewire-ws --example client 127.0.0.1:9002 hello`
#![allow(clippy::disallowed_methods, reason = "a program owns its clock")]
#![allow(clippy::print_stdout, reason = "it shows what comes")]
use std::error::Error;
use std::io::Read;
use std::net::TcpStream;
use std::{env, fs::File, time};

use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, Client, ClientConfig, client::Event as Http};
use tidewire_ws::handshake::{Key, client as handshake};
use tidewire_ws::{CloseCode, Config, Connection, Event};

fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args().nth(1).ok_or("usage: client HOST:PORT [TEXT]...")?;
    let texts: Vec<String> = env::args().skip(2).collect();
    let mut socket = TcpStream::connect(&host)?;
    socket.set_read_timeout(Some(time::Duration::from_secs(1)))?; // the tick of the timers
    let start = time::Instant::now();
    let now = || Instant::from_origin(start.elapsed());
    // Mask keys must come from a strong source. RFC 6455 §10.3.
    let mut source = File::open("/dev/urandom")?;
    let mut entropy = Entropy::new(move |bytes| source.read_exact(bytes).expect("it never ends"));

    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let (key, offer) = (Key::new(&mut entropy), handshake::Offer::default());
    let mut http = Client::new(ClientConfig::default());
    http.request(&handshake::request("/", &host, &key, &offer)?, Body::Empty, &mut outbox, now())?;
    let mut connection = loop {
        match http.next_event(&mut inbox, &mut outbox, now())? {
            Some(Http::Response(head)) => drop(handshake::verify(&head, &key, &offer)?),
            // Bytes behind the response are frames already: the inbox goes on.
            Some(Http::Upgraded) => break Connection::client(Config::default(), entropy, now()),
            Some(_) => {}
            None => {
                outbox.write_to(&mut socket)?;
                inbox.read_from(&mut socket)?;
            }
        }
    };

    let mut left = texts.len();
    for text in &texts {
        connection.send_text(text, &mut outbox)?;
    }
    while !outbox.is_finished() {
        while let Some(event) = connection.next_event(&mut inbox, &mut outbox, now())? {
            match event {
                Event::Text(text) => {
                    println!("{}", text.as_str());
                    left = left.saturating_sub(1);
                }
                Event::Closed(closed) => println!("{closed:?}"),
                _ => {}
            }
        }
        if left == 0 && connection.is_open() {
            connection.close(CloseCode::NORMAL, "", &mut outbox, now())?;
        }
        outbox.write_to(&mut socket)?;
        if !outbox.is_ended() && inbox.read_from(&mut socket).is_err() {
            inbox.end();
        }
    }
    Ok(())
}
