//! Publishes timed events at a steady rate, over a WebSocket. Who receives them is elsewhere.

use std::convert::Infallible;
use std::time::Duration;

use tidewire::http::client::Event as Http;
use tidewire::http::{Body, Client, ClientConfig};
use tidewire::ws::handshake::{Key, client as handshake};
use tidewire::ws::{Config, Connection, Event};
use tidewire_tokio::{Clock, Driver, Ready};
use tokio::net::TcpStream;
use tokio::time::interval;

use super::limits;
use super::stamp::Stamp;
use crate::address::Address;
use crate::wire::{ErrorDocument, PublishedDocument, encode};
use crate::{Failure, entropy};

/// Publishes to one topic.
pub(super) struct Publisher {
    driver: Driver<TcpStream, Connection>,
    clock: Clock,
    topic: String,
    payload_bytes: usize,
    /// Events that the server is yet to confirm.
    unconfirmed: u64,
}

impl Publisher {
    /// Opens a WebSocket to publish to the one topic of `address`.
    pub(super) async fn connect(
        address: &Address,
        payload_bytes: usize,
        clock: Clock,
    ) -> Result<Self, Failure> {
        let authority = address.authority()?;
        let server = authority.as_str();
        let socket = address.connect().await.map_err(|e| limits::no_connection(server, &e))?;
        let (key, offer) = (Key::new(&mut entropy()), handshake::Offer::default());
        // Nobody publishes to this topic, so the server says nothing until it is spoken to.
        let request = handshake::request("/v1/ws?topic=compare-silence", server, &key, &offer)?;
        let mut driver = Driver::new(socket, Client::new(ClientConfig::default()), clock);
        let peer = driver.peer();
        peer.machine.request(&request, Body::Empty, peer.outbox, peer.now)?;
        'shaking: loop {
            while let Some((event, _)) = driver.next_event()? {
                match event {
                    Http::Response(head) => drop(handshake::verify(&head, &key, &offer)?),
                    Http::Upgraded => break 'shaking,
                    _ => {}
                }
            }
            if driver.ready().await? == Ready::Over {
                return Err("the server closed the publisher's connection".into());
            }
        }
        let (socket, _, inbox, _) = driver.into_parts();
        if !inbox.is_empty() {
            return Err("the server spoke where it should be silent".into());
        }
        let machine = Connection::client(Config::default(), entropy(), clock.now());
        let topic = address.topics.first().cloned().unwrap_or_default();
        let driver = Driver::new(socket, machine, clock);
        Ok(Self { driver, clock, topic, payload_bytes, unconfirmed: 0 })
    }

    /// Publishes event 0 and waits until the log has it.
    pub(super) async fn greet(&mut self) -> Result<(), Failure> {
        self.send(0)?;
        self.confirmed().await
    }

    /// Publishes the events from 1 to `last`, one in each `period`, and waits until the log has all.
    pub(super) async fn publish(&mut self, last: u64, period: Duration) -> Result<(), Failure> {
        let mut ticks = interval(period);
        for number in 1..=last {
            loop {
                self.take_answers()?;
                tokio::select! {
                    _ = ticks.tick() => break,
                    ready = self.driver.ready() => still(ready?)?,
                }
            }
            self.send(number)?;
        }
        self.confirmed().await
    }

    /// Keeps the connection alive while nothing is published; returns only if it is lost.
    pub(super) async fn keep(&mut self) -> Result<Infallible, Failure> {
        loop {
            self.take_answers()?;
            still(self.driver.ready().await?)?;
        }
    }

    async fn confirmed(&mut self) -> Result<(), Failure> {
        loop {
            self.take_answers()?;
            if self.unconfirmed == 0 {
                return Ok(());
            }
            still(self.driver.ready().await?)?;
        }
    }

    fn send(&mut self, number: u64) -> Result<(), Failure> {
        let data = Stamp { number, sent: self.clock.now() }.to_data(self.payload_bytes);
        let message = PublishCommand { publish: Publication { topic: &self.topic, data: &data } };
        let peer = self.driver.peer();
        peer.machine.send_text(&encode(&message), peer.outbox)?;
        self.unconfirmed += 1;
        Ok(())
    }

    fn take_answers(&mut self) -> Result<(), Failure> {
        while let Some((event, _)) = self.driver.next_event()? {
            let Event::Text(text) = event else { continue };
            if serde_json::from_str::<Confirmation>(&text).is_ok() {
                self.unconfirmed = self.unconfirmed.saturating_sub(1);
            } else if let Ok(ErrorDocument { error }) = serde_json::from_str(&text) {
                return Err(format!("the server took no event: {error}").into());
            }
        }
        Ok(())
    }
}

fn still(ready: Ready) -> Result<(), Failure> {
    match ready {
        Ready::Again => Ok(()),
        Ready::Over => Err("the server closed the publisher's connection".into()),
    }
}

#[derive(serde::Serialize)]
struct PublishCommand<'a> {
    publish: Publication<'a>,
}

#[derive(serde::Serialize)]
struct Publication<'a> {
    topic: &'a str,
    data: &'a str,
}

#[derive(serde::Deserialize)]
struct Confirmation {
    #[allow(dead_code, reason = "that it is there is what counts")]
    published: PublishedDocument,
}
