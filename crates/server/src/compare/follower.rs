//! A client that listens while a run lasts. It judges nothing: what it hears goes to the ledger.

use std::convert::Infallible;
use std::sync::Arc;

use tidewire::client::{Client, Config, Event, Received, Transport};
use tidewire::hub::Start;
use tidewire_tokio::{Clock, Driver, Peer, Ready};

use super::ledger::Ledger;
use super::limits;
use super::meter::Meter;
use super::stamp::Stamp;
use crate::address::Address;
use crate::seconds::seconds;
use crate::wire::{AnswerDocument, EventDocument};
use crate::{Failure, entropy};

/// One client of many.
#[derive(Clone)]
pub(super) struct Follower {
    pub(super) address: Arc<Address>,
    pub(super) config: Arc<Config>,
    pub(super) transport: Transport,
    pub(super) clock: Clock,
    pub(super) ledger: Arc<Ledger>,
    /// The number of the next event that is news.
    pub(super) next: u64,
}

impl Follower {
    /// Begins with the newest event, which is the greeting, and follows until it is dropped.
    pub(super) async fn follow(mut self) -> Result<Infallible, Failure> {
        let Self { transport, clock, .. } = self;
        let config = Config::clone(&self.config);
        let mut client = Client::new(config, transport, Start::Last(1), entropy, clock.now());
        while let Some(at) = client.connect_at() {
            tokio::time::sleep_until(clock.at(at)).await;
            let socket = self.address.connect().await;
            let server = &self.config.host;
            let socket = socket.map_err(|e| limits::no_connection(server.as_str(), &e))?;
            let meter = Meter::new(socket, Arc::clone(&self.ledger));
            let mut driver = Driver::new(meter, client, clock);
            let peer = driver.peer();
            peer.machine.connected(peer.outbox, peer.now)?;
            loop {
                while let Some((event, mut peer)) = driver.next_event()? {
                    self.take(event, &mut peer)?;
                }
                if driver.ready().await? == Ready::Over {
                    break;
                }
            }
            client = driver.into_machine();
            client.disconnected(clock.now());
        }
        Err(client.stopped().map_or_else(|| "the server said to stop".into(), Into::into))
    }

    /// Takes what came and tells the client how far that went.
    fn take(&mut self, event: Event, peer: &mut Peer<'_, Client>) -> Result<(), Failure> {
        match event {
            Event::Open => self.ledger.lock().fruitful += 1,
            Event::Skipped(limit) => return Err(limit.into()),
            Event::Received(Received { data, .. }) => self.deliver(&data)?,
            Event::Message(message) => peer.machine.seen(self.deliver_document(&message)?),
            Event::Answer { is_reset: true, .. } => {
                return Err("the server no longer keeps what was just published".into());
            }
            Event::Answer { is_reset: false, body } => {
                let answer: AnswerDocument<'_> = serde_json::from_slice(&body)?;
                if !answer.events.is_empty() {
                    self.ledger.lock().fruitful += 1;
                }
                for event in &answer.events {
                    self.deliver_document(event.get().as_bytes())?;
                }
                let away = seconds(answer.poll_after);
                peer.machine.delivered(answer.next.parse()?, answer.more, away, peer.now);
            }
        }
        Ok(())
    }

    fn deliver_document(&mut self, document: &[u8]) -> Result<tidewire::hub::Cursor, Failure> {
        let event: EventDocument<'_> = serde_json::from_slice(document)?;
        self.deliver(&event.data)?;
        Ok(event.cursor.parse()?)
    }

    /// Counts an event, if it is news. A log delivers in order, so what comes late would be a loss.
    fn deliver(&mut self, data: &str) -> Result<(), Failure> {
        let stamp = Stamp::read(data).ok_or("somebody else publishes to the same topic")?;
        if stamp.number >= self.next {
            self.next = stamp.number + 1;
            let latency = self.clock.now().saturating_duration_since(stamp.sent);
            self.ledger.lock().deliver(data.len(), latency);
        }
        Ok(())
    }
}
