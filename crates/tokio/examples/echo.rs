//! A WebSocket echo server over tokio, handshake included, a task a connection.

use tidewire::http::server::Event as Http;
use tidewire::server::{Connection, Event};
use tidewire::ws::Event as WebSocket;
use tidewire::ws::handshake::server::Policy;
use tidewire_tokio::{Clock, Driver, Peer, Ready};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:9003").await?;
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(serve(socket));
    }
}

async fn serve(socket: TcpStream) {
    let clock = Clock::start();
    let machine = Connection::new(Default::default(), clock.now());
    let mut driver = Driver::new(socket, machine, clock);
    // An error's last words are in the outbox: going on until it is over sends them.
    while let Ok(Ready::Again) = driver.ready().await {
        while let Ok(Some((event, peer))) = driver.next_event() {
            answer(event, peer);
        }
    }
}

fn answer(event: Event<'_>, peer: Peer<'_, Connection>) {
    let Peer { machine, outbox, now } = peer;
    match event {
        // Either way the request is answered: with the upgrade, or with the reason why not.
        Event::Http(Http::Request(head)) => {
            let _ = machine.accept_websocket(&head, &Policy::default(), [], outbox, now);
        }
        Event::WebSocket(WebSocket::Text(text)) => {
            let _ = machine.websocket().map(|websocket| websocket.send_text(&text, outbox));
        }
        Event::WebSocket(WebSocket::Binary(bytes)) => {
            let _ = machine.websocket().map(|websocket| websocket.send_binary(&bytes, outbox));
        }
        _ => {}
    }
}
