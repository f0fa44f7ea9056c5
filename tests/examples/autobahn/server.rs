//! The server that the suite's fuzzing client tests. What it does with messages is `echo`'s.

use std::error::Error;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use tidewire::core::Protocol;
use tidewire::http::server::Event as Http;
use tidewire::server::{Config, Connection, Event};
use tidewire::ws;
use tidewire::ws::handshake::{deflate, server::Policy};

use crate::Mode;
use crate::echo::echo;
use crate::wire::Wire;

/// Serves on a free port, a thread a connection, and first says which port it is.
pub(crate) fn run(websocket: ws::Config, mode: Mode) -> Result<(), Box<dyn Error>> {
    let mut config = Config::default();
    config.websocket = websocket.into();
    config.deflate.min_message_bytes = 0;
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on {}", listener.local_addr()?);
    for socket in listener.incoming() {
        let (socket, config) = (socket?, Arc::clone(&config));
        // A connection that breaks is the suite's deed and shows in its report.
        thread::spawn(move || serve(socket, config, mode));
    }
    Ok(())
}

fn serve(socket: TcpStream, config: Arc<Config>, mode: Mode) -> io::Result<()> {
    let mut policy = Policy::default();
    policy.deflate = (mode == Mode::Deflate).then(deflate::Policy::default);
    let mut wire = Wire::new(socket)?;
    let mut connection = Connection::new(config, wire.now());
    loop {
        let now = wire.now();
        // After an error the last words are in the outbox, which is ended.
        while let Ok(Some(event)) = connection.next_event(&mut wire.inbox, &mut wire.outbox, now) {
            match (event, connection.websocket()) {
                (Event::Http(Http::Request(head)), _) => {
                    let outbox = &mut wire.outbox;
                    let _ = connection.accept_websocket(&head, &policy, [], outbox, now);
                }
                (Event::WebSocket(event), Some(websocket)) => {
                    echo(&event, websocket, &mut wire.outbox);
                }
                _ => {}
            }
        }
        if !wire.turn(connection.deadline())? {
            return Ok(());
        }
    }
}
