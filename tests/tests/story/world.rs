//! One log, one server that serves it, and one client that follows it over connections that come, go
//! and break. What happens in it is told elsewhere.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tidewire::Entry;
use tidewire::client::{Client, Config, Event, Transport};
use tidewire::http::FieldValue;
use tidewire::hub::{self, Hub, Start};
use tidewire::server::{self, Connection};
use tidewire_core::{Instant, earliest};
use tidewire_tests::dice::Dice;
use tidewire_tests::end::End;
use tidewire_tests::link::Link;

use crate::log::Log;

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) connections: u32,
    link: Link<Client, Connection>,
    is_up: bool,
    log: Rc<RefCell<Log>>,
    taken: Rc<RefCell<Vec<String>>>,
}

impl World {
    /// A client that is to follow everything from the oldest event on. `seed` decides what is drawn.
    pub(crate) fn new(transport: Transport, config: hub::Config, seed: u64) -> Self {
        let now = Instant::ORIGIN;
        let mut sources = seed;
        let entropy = move || {
            sources += 1;
            Dice::new(sources).entropy()
        };
        let follows = Config::new(FieldValue::from_static("a"), "topic=tide");
        let client = Client::new(follows, transport, Start::Oldest, entropy, now);
        let taken = Rc::new(RefCell::new(vec![]));
        let list = Rc::clone(&taken);
        let client = End::new(client, move |client, event, _, now, _| {
            take(client, event, &mut list.borrow_mut(), now);
        });
        let log = Rc::new(RefCell::new(Log::new(Hub::new(config, 7), seed)));
        let link = Link::new(client, server(&log, now), seed);
        Self { now, connections: 0, link, is_up: false, log, taken }
    }

    /// Publishes an event, and lets the server write it to who waits; nothing is carried yet.
    pub(crate) fn publish(&mut self, data: &str) {
        let mut log = self.log.borrow_mut();
        log.publish(data, self.now);
        if self.is_up {
            log.deliver(&mut self.link.server, self.now);
        }
    }

    /// The data of the events that the client took, in order.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.borrow().clone()
    }

    /// Lets time pass, from deadline to deadline of whoever has one.
    pub(crate) fn wait(&mut self, wait: Duration) {
        let end = self.now + wait;
        loop {
            self.settle();
            match self.deadline() {
                Some(at) if at < end => {
                    assert!(at > self.now, "Quiet: due at {at:?}, now is {:?}", self.now);
                    self.now = at;
                }
                _ if self.now == end => return,
                _ => self.now = end,
            }
        }
    }

    /// Carries some pieces more, and cuts the line. What was under way is lost.
    pub(crate) fn cut_after(&mut self, pieces: usize) {
        self.carry(pieces);
        self.hang_up();
        self.link.client.machine.disconnected(self.now);
    }

    /// Carries some pieces more, and lets the client go on over another transport.
    pub(crate) fn switch_after(&mut self, pieces: usize, transport: Transport) {
        self.carry(pieces);
        self.hang_up();
        self.link.client.machine.switch(transport, self.now);
    }

    /// The server says goodbye.
    pub(crate) fn leave(&mut self) {
        if self.is_up {
            let (end, retry) = (&mut self.link.server, Duration::from_secs(1));
            end.machine.leave(retry, &mut end.outbox, self.now);
        }
    }

    fn carry(&mut self, pieces: usize) {
        if self.is_up {
            self.link.run_for(pieces, self.now);
        }
    }

    fn hang_up(&mut self) {
        self.log.borrow_mut().hang_up();
        self.is_up = false;
    }

    /// Does all there is to do now.
    fn settle(&mut self) {
        loop {
            let Link { client, server, .. } = &mut self.link;
            if client.machine.connect_at().is_some_and(|at| at <= self.now) {
                client.renew();
                client.machine.connected(&mut client.outbox, self.now).unwrap();
                *server = self::server(&self.log, self.now);
                self.connections += 1;
                self.is_up = true;
            }
            if !self.is_up {
                return;
            }
            self.link.run_at(self.now);
            let has_moved = self.log.borrow_mut().deliver(&mut self.link.server, self.now);
            if self.link.client.outbox.is_finished() {
                self.cut_after(0);
            } else if !has_moved {
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let line = if self.is_up { self.link.deadline() } else { None };
        earliest([line, self.link.client.machine.connect_at(), self.log.borrow().deadline()])
    }
}

/// The server's end of a new connection.
fn server(log: &Rc<RefCell<Log>>, now: Instant) -> End<Connection> {
    let mut config = server::Config::default();
    config.event_stream.max_lifetime = Some(Duration::from_secs(60));
    let log = Rc::clone(log);
    End::new(Connection::new(Arc::new(config), now), move |connection, event, outbox, now, _| {
        log.borrow_mut().serve(connection, event, outbox, now);
    })
}

/// Takes what the client was told, and says how far it went.
fn take(client: &mut Client, event: Event, taken: &mut Vec<String>, now: Instant) {
    let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    match event {
        Event::Open => {}
        Event::Skipped(limit) => taken.push(format!("skipped: {limit}")),
        Event::Message(message) => {
            let message = text(message);
            let (cursor, data) = message.split_once(' ').unwrap();
            taken.push(data.to_owned());
            client.seen(cursor.parse().unwrap());
        }
        Event::Received(event) => taken.push(event.data),
        Event::Answer { is_reset, body } => {
            let body = text(body);
            let mut lines = body.lines();
            let (next, more) = lines.next().unwrap().split_once(' ').unwrap();
            let events = lines.map(|line| line.split_once(' ').unwrap().1.to_owned());
            taken.extend(is_reset.then(|| "reset".to_owned()));
            taken.extend(events);
            client.delivered(next.parse().unwrap(), more == "true", None, now);
        }
    }
}

/// The message of an event, in which its cursor stands.
pub(crate) fn entry(cursor: hub::Cursor, data: &str) -> Arc<Entry> {
    Arc::new(Entry::new(cursor, &format!("{cursor} {data}"), None, data))
}
