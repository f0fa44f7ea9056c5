//! A WebSocket echo server on blocking sockets, one thread each, at `ws://127.0.0.1:9001`.

use std::{error::Error, io::ErrorKind, net::TcpListener, net::TcpStream, thread, time::Duration};

use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{Body, Server, ServerConfig, server::Event as Http};
use tidewire_ws::{Config, Connection, Event, handshake::server};

fn serve(mut socket: TcpStream, now: impl Fn() -> Instant) -> Result<(), Box<dyn Error>> {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut http = Server::new(ServerConfig::default(), now());
    let head = loop {
        match http.next_event(&mut inbox, &mut outbox, now())? {
            None => inbox.read_from(&mut socket)?,
            Some(Http::Request(head)) => break head,
            Some(_) => return Ok(()),
        };
    };
    match server::accept(&head, &server::Policy::default()) {
        Ok(accepted) => http.upgrade(&accepted.response, &mut outbox)?,
        Err(refused) => {
            http.respond(&refused.response(), Body::Empty, &mut outbox, now())?;
            return Ok(outbox.write_to(&mut socket)?);
        }
    }
    let mut websocket = Connection::server(Config::default(), now());
    loop {
        while let Ok(Some(event)) = websocket.next_event(&mut inbox, &mut outbox, now()) {
            match event {
                Event::Text(text) => websocket.send_text(&text, &mut outbox)?,
                Event::Binary(bytes) => websocket.send_binary(&bytes, &mut outbox)?,
                Event::Ping(_) | Event::Pong(_) | Event::Closed(_) => {}
            }
        }
        outbox.write_to(&mut socket)?;
        let Some(deadline) = websocket.deadline() else { return Ok(()) };
        let wait = deadline.saturating_duration_since(now()).max(Duration::from_millis(1));
        socket.set_read_timeout(Some(wait))?;
        match inbox.read_from(&mut socket) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever owns the socket owns the clock")]
fn main() -> std::io::Result<()> {
    let start = std::time::Instant::now();
    for socket in TcpListener::bind("127.0.0.1:9001")?.incoming().flatten() {
        thread::spawn(move || serve(socket, || Instant::from_origin(start.elapsed())).is_ok());
    }
    Ok(())
}
