//! A WebSocket echo server over `std::net`, a thread a connection: the loop of the contract by hand.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant as Clock};

use tidewire::core::{Inbox, Instant, Outbox, Protocol};
use tidewire::server::{Connection, Event};
use tidewire::ws::handshake::server::Policy;
use tidewire::{http, ws};

#[allow(clippy::disallowed_methods, reason = "a program owns its clock")]
fn serve(mut socket: TcpStream) -> io::Result<()> {
    let start = Clock::now();
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut connection = Connection::new(Default::default(), Instant::ORIGIN);
    while !outbox.is_finished() {
        let now = Instant::from_origin(start.elapsed());
        // After an error the last words are in the outbox, which is ended.
        while let Ok(Some(event)) = connection.next_event(&mut inbox, &mut outbox, now) {
            if let Event::Http(http::server::Event::Request(head)) = &event {
                let _ = connection.accept_websocket(head, &Policy::default(), [], &mut outbox, now);
            } else if let Some(websocket) = connection.websocket() {
                let _ = match event {
                    Event::WebSocket(ws::Event::Text(text)) => {
                        websocket.send_text(&text, &mut outbox)
                    }
                    Event::WebSocket(ws::Event::Binary(bytes)) => {
                        websocket.send_binary(&bytes, &mut outbox)
                    }
                    _ => Ok(()),
                };
            }
        }
        outbox.write_to(&mut socket)?;
        if !outbox.is_ended() {
            let wait = connection.deadline().map(|at| at.saturating_duration_since(now));
            socket.set_read_timeout(wait.map(|wait| wait.max(Duration::from_millis(1))))?;
            inbox.read_from(&mut socket)?;
        }
    }
    socket.shutdown(Shutdown::Write)
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:9002")?;
    for socket in listener.incoming() {
        let socket = socket?;
        std::thread::spawn(move || serve(socket));
    }
    Ok(())
}
