//! `tidewire echo`: a WebSocket echo server for conformance tools.

use std::sync::Arc;

use tidewire::http::server::Event as Http;
use tidewire::server::{Config, Connection, Event};
use tidewire::ws::Event as WebSocket;
use tidewire::ws::handshake::{deflate, server::Policy};
use tidewire_tokio::{Clock, Driver, Ready};
use tokio::net::TcpStream;

use crate::Failure;
use crate::cli::Echo;
use crate::peer::Peer;
use crate::serve::{announce, bind, next_socket};

/// Echoes until the process is ended.
pub(crate) async fn run(options: Echo) -> Result<(), Failure> {
    let (listener, address) = bind(options.listen).await?;
    announce(format_args!("tidewire echoes WebSocket messages on ws://{address}/"))?;
    let mut config = Config::default();
    let websocket = Arc::make_mut(&mut config.websocket);
    websocket.max_message_bytes = options.max_message_bytes;
    websocket.max_frame_bytes = options.max_message_bytes;
    websocket.max_outbox_bytes = 2 * options.max_message_bytes;
    let config = Arc::new(config);
    let mut policy = Policy::default();
    policy.deflate = options.deflate.then(deflate::Policy::default);
    let policy = Arc::new(policy);
    loop {
        let socket = next_socket(&listener).await;
        tokio::spawn(echo(socket, Arc::clone(&config), Arc::clone(&policy)));
    }
}

async fn echo(socket: TcpStream, config: Arc<Config>, policy: Arc<Policy>) {
    let clock = Clock::start();
    let machine = Connection::new(config, clock.now());
    let mut driver = Driver::new(socket, machine, clock);
    loop {
        while let Ok(Some((event, mut peer))) = driver.next_event() {
            answer(event, &policy, &mut peer);
        }
        if !matches!(driver.ready().await, Ok(Ready::Again)) {
            return;
        }
    }
}

fn answer(event: Event<'_>, policy: &Policy, peer: &mut Peer<'_>) {
    let Peer { machine, outbox, now } = peer;
    // A command fails only if the peer is gone or reads nothing; either way it gets no echo.
    match event {
        Event::Http(Http::Request(head)) => {
            let _ = machine.accept_websocket(&head, policy, [], outbox, *now);
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
