//! A WebSocket echo server over `std::net`, a thread a connection.
#![allow(clippy::disallowed_methods, reason = "a program owns its clock")]
use std::net::{Shutdown, TcpListener, TcpStream};
use std::{io, io::Read, thread, time};

use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Server, server::Event as Http};
use tidewire_ws::{Config, Connection, Event, handshake::server::answer};

fn serve(mut socket: TcpStream) -> io::Result<()> {
    socket.set_read_timeout(Some(time::Duration::from_secs(1)))?; // the tick of the timers
    socket.set_write_timeout(Some(time::Duration::from_secs(30)))?;
    let (mut inbox, mut outbox, start) = (Inbox::new(), Outbox::new(), time::Instant::now());
    let (mut http, mut websocket) = (Server::new(Default::default(), Instant::ORIGIN), None);
    while !outbox.is_ended() {
        let now = Instant::from_origin(start.elapsed());
        while let Ok(Some(event)) = http.next_event(&mut inbox, &mut outbox, now) {
            let Http::Request(head) = event else { continue };
            if let Ok(Some(_)) = answer(&head, &Default::default(), &mut http, &mut outbox, now) {
                websocket = Some(Connection::server(Config::default(), now));
            }
        }
        while let Some(websocket) = &mut websocket
            && let Ok(Some(event)) = websocket.next_event(&mut inbox, &mut outbox, now)
        {
            let _ = match event {
                Event::Text(text) => websocket.send_text(&text, &mut outbox),
                Event::Binary(bytes) => websocket.send_binary(&bytes, &mut outbox),
                _ => Ok(()),
            };
        }
        outbox.write_to(&mut socket)?; // also after an error: the Close that says why is in it
        if !outbox.is_ended() && inbox.read_from(&mut socket).is_err() {
            inbox.end(); // a lost connection is an end, too
        }
    }
    socket.shutdown(Shutdown::Write)?;
    io::copy(&mut socket.take(1 << 20), &mut io::sink()).map(drop) // lest our last frame be lost
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:9002").expect("the port is free");
    listener.incoming().flatten().for_each(|socket| drop(thread::spawn(|| serve(socket))));
}
