//! The network: how wires come about, how bytes and bad news travel on them. When a wire breaks is
//! `mishap`'s business.

use std::time::Duration;

use super::connection::{Connection, Room};
use super::queue::{Host, Side, What};
use super::trace::Told;
use super::wire::Wire;
use super::world::{Weather, World};

impl World {
    /// Opens a wire to the server, if it can be reached.
    pub(super) fn connect(&mut self, client: Host) -> Option<usize> {
        if self.is_draining || self.now < self.closed_until {
            return None;
        }
        let storm = self.weather == Weather::Storm;
        let delay = 1 + self.dice.roll(if storm { 120 } else { 20 }) as u64;
        let chops = self.dice.roll(4) == 0;
        let wire = self.wires.len();
        self.wires.push(Wire::new(client, Duration::from_millis(delay), chops));
        let now = self.clock.now(self.now);
        let Self { feed, plan, dice, .. } = self;
        let connection = Connection::new(wire, &Room { feed, plan, dice, now });
        self.connections.push(Some(connection));
        self.queue.add(self.now, What::Wake { wire });
        self.trace.note(self.now, Told::Connects { client, wire });
        Some(wire)
    }

    /// Lets what is in a wire arrive at this side in its time.
    pub(super) fn set_off(&mut self, wire: usize, side: Side) {
        if let Some(at) = self.wires[wire].next_arrival(side, self.now) {
            self.queue.add(at, What::Arrive { wire, side });
        }
    }

    pub(super) fn arrive(&mut self, number: usize, side: Side) {
        let wire = &mut self.wires[number];
        wire.towards(side).is_due = false;
        if wire.stalls {
            return;
        }
        if !wire.has(side) {
            *wire.towards(side) = Default::default();
            return;
        }
        let (client, chops) = (wire.client, wire.chops);
        let len = wire.towards(side).len();
        let (inbox, drips) = match (side, client) {
            (Side::Server, _) => match &mut self.connections[number] {
                Some(connection) => (&mut connection.inbox, false),
                None => return,
            },
            (Side::Client, Host::Publisher(publisher)) => {
                (&mut self.publishers[publisher].inbox, false)
            }
            (Side::Client, Host::Reader(reader)) => {
                let reader = &mut self.readers[reader];
                (&mut reader.inbox, reader.drips)
            }
            (Side::Client, Host::Connection(_) | Host::Feed) => return,
        };
        let max = match (drips, chops) {
            (true, _) => 20,
            (false, true) => self.dice.cut(len).max(len / 8),
            (false, false) => len,
        };
        let pipe = wire.towards(side);
        let bytes = pipe.give(inbox, max);
        self.trace.bytes(self.now, Told::Arrives { wire: number, client, side }, bytes);
        pipe.settle();
        if pipe.has_more() {
            pipe.is_due = true;
            let pause = if drips { 150 } else { self.dice.roll(2) as u64 };
            let at = self.now + Duration::from_millis(pause);
            self.queue.add(at, What::Arrive { wire: number, side });
        }
        // Who writes has room again.
        match side {
            Side::Server => {
                self.run_connection(number);
                self.run_client(number, false);
            }
            Side::Client => {
                self.run_client(number, true);
                let connection = self.connections[number].as_ref();
                if connection.is_some_and(|connection| !connection.outbox.is_empty()) {
                    self.run_connection(number);
                }
            }
        }
    }

    /// Runs the client of a wire, if it is still there; if nothing has come, only if it waits to write.
    fn run_client(&mut self, wire: usize, has_news: bool) {
        match self.wires[wire].client {
            Host::Reader(number) => {
                let reader = &self.readers[number];
                let is_due = has_news || !reader.outbox.is_empty();
                if reader.wire == Some(wire) && is_due && reader.clock.asleep(self.now).is_none() {
                    self.run_reader(number);
                }
            }
            Host::Publisher(number) => {
                let publisher = &self.publishers[number];
                let is_due = has_news || !publisher.outbox.is_empty();
                if publisher.wire == Some(wire) && is_due {
                    self.run_publisher(number);
                }
            }
            Host::Connection(_) | Host::Feed => {}
        }
    }

    /// A client leaves its wire. The server learns it in time.
    pub(super) fn hang_up(&mut self, wire: usize) {
        self.wires[wire].has_client = false;
        self.break_at(wire, Side::Server);
    }

    /// The server leaves a wire. The client learns it in time.
    pub(super) fn drop_connection(&mut self, wire: usize) {
        if let Some(connection) = self.connections[wire].take() {
            connection.drop(&mut self.feed, self.clock.now(self.now));
            self.wires[wire].has_server = false;
            self.break_at(wire, Side::Client);
            self.pass_on();
        }
    }

    /// Lets a side learn that the wire is broken, after what is under way.
    pub(super) fn break_at(&mut self, wire: usize, side: Side) {
        let late = match (self.weather, self.dice.roll(3)) {
            (Weather::Storm, 0) => Duration::from_millis(self.dice.roll(4000) as u64),
            _ => Duration::ZERO,
        };
        let at = self.now + 2 * self.wires[wire].delay + late;
        self.queue.add(at, What::Break { wire, side });
    }

    /// A client learns that its wire is broken.
    pub(super) fn lose(&mut self, wire: usize) {
        if !self.wires[wire].has_client {
            return;
        }
        self.wires[wire].has_client = false;
        match self.wires[wire].client {
            Host::Reader(reader) => {
                self.lost(reader, "lost");
                let now = self.readers[reader].clock.now(self.now);
                self.readers[reader].disconnected(now);
                self.run_reader(reader);
            }
            Host::Publisher(publisher) => {
                let now = self.publishers[publisher].clock.now(self.now);
                self.publishers[publisher].disconnected(&mut self.dice, now);
                self.run_publisher(publisher);
            }
            Host::Connection(_) | Host::Feed => {}
        }
    }

    /// Where nothing goes wrong, no stream may end.
    pub(super) fn lost(&self, reader: usize, how: &str) {
        let way = self.readers[reader].way;
        let is_harmless = self.weather != Weather::Watched || !way.is_stream() || self.may_end(way);
        assert!(is_harmless, "reader {reader} {how} its connection, with no reason: {way:?}");
    }

    pub(super) fn heal(&mut self, wire: usize) {
        self.wires[wire].stalls = false;
        self.set_off(wire, Side::Client);
        self.set_off(wire, Side::Server);
    }
}
