//! A WebSocket echo server over `std::net`, a thread a connection.
#![allow(clippy::disallowed_methods, reason = "a program owns its clock")]
use std::net::{Shutdown, TcpListener, TcpStream};
use std::{io, thread, time};

use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Server, server::Event as Http};
use tidewire_ws::{Connection, Event, handshake::server as handshake};

fn serve(mut socket: TcpStream) -> io::Result<()> {
    socket.set_read_timeout(Some(time::Duration::from_secs(1)))?; // so that timers run
    let (mut inbox, mut outbox, start) = (Inbox::new(), Outbox::new(), time::Instant::now());
    let (mut http, mut websocket) = (Server::new(Default::default(), Instant::ORIGIN), None);
    while !outbox.is_finished() {
        let now = Instant::from_origin(start.elapsed());
        while let Ok(Some(event)) = http.next_event(&mut inbox, &mut outbox, now) {
            if let Http::Request(head) = event
                && let Ok(accepted) = handshake::accept(&head, &Default::default())
                && let Ok(()) = http.upgrade(&accepted.response, &mut outbox)
            {
                websocket = Some(Connection::server(tidewire_ws::Config::default(), now));
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
        outbox.write_to(&mut socket)?;
        inbox.read_from(&mut socket)?;
    }
    socket.shutdown(Shutdown::Write)
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:9002")?;
    listener.incoming().flatten().for_each(|socket| drop(thread::spawn(|| serve(socket))));
    Ok(())
}
