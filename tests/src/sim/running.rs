//! How everyone in the world is run until it waits: readers, publishers, the server's connections and its
//! log. When they are run is `world`'s business.

use std::time::Duration;

use tidewire::core::{Instant, Timers};

use super::connection::Room;
use super::queue::{Host, Side, What};
use super::reader::Step;
use super::tally::Mishap;
use super::world::{Weather, World};

impl World {
    /// Runs a reader until it waits.
    pub(super) fn run_reader(&mut self, number: usize) {
        for turns in 0.. {
            assert!(turns < 1000, "Quiet: a reader never rests");
            let reader = &mut self.readers[number];
            if reader.is_gone {
                return;
            }
            let now = reader.clock.now(self.now);
            let Some(wire) = reader.wire else {
                if reader.connect_at().is_none_or(|at| at > now) {
                    break;
                }
                match self.connect(Host::Reader(number)) {
                    Some(wire) => self.readers[number].connected(wire, now),
                    None => self.readers[number].disconnected(now),
                }
                continue;
            };
            match reader.step(&self.feed.book, now) {
                Step::Waits => {}
                Step::Crashes => {
                    self.feed.tally.count(Mishap::Crash);
                    self.hang_up(wire);
                    self.readers[number].restart(&mut self.dice, now);
                    continue;
                }
                Step::IsOver => {
                    (reader.is_gone, reader.wire) = (true, None);
                    return self.hang_up(wire);
                }
            }
            let pipe = &mut self.wires[wire].up;
            let moved = pipe.take(&mut reader.outbox, self.plan.window);
            if reader.has_left() {
                self.set_off(wire, Side::Server);
                self.hang_up(wire);
                self.lost(number, "left");
                self.readers[number].disconnected(now);
                continue;
            }
            self.set_off(wire, Side::Server);
            if !moved {
                break;
            }
        }
        let reader = &mut self.readers[number];
        let deadline = reader.deadline();
        if let Some(at) = reader.clock.arm(deadline, self.now) {
            self.queue.add(at, What::Alarm(Host::Reader(number)));
        }
    }

    /// Runs a publisher until it waits.
    pub(super) fn run_publisher(&mut self, number: usize) {
        for turns in 0.. {
            assert!(turns < 1000, "Quiet: a publisher never rests");
            let publisher = &mut self.publishers[number];
            if publisher.is_gone {
                return;
            }
            let now = publisher.clock.now(self.now);
            let Some(wire) = publisher.wire else {
                if publisher.connect_at().is_none_or(|at| at > now) {
                    break;
                }
                match self.connect(Host::Publisher(number)) {
                    Some(wire) => self.publishers[number].connected(wire),
                    None => self.publishers[number].disconnected(&mut self.dice, now),
                }
                continue;
            };
            publisher.step(&self.feed.book, now);
            let pipe = &mut self.wires[wire].up;
            let moved = pipe.take(&mut publisher.outbox, self.plan.window);
            if publisher.outbox.is_finished() {
                self.set_off(wire, Side::Server);
                self.hang_up(wire);
                self.publishers[number].disconnected(&mut self.dice, now);
                continue;
            }
            self.set_off(wire, Side::Server);
            if !moved {
                break;
            }
        }
        let publisher = &mut self.publishers[number];
        let deadline = publisher.deadline();
        if let Some(at) = publisher.clock.arm(deadline, self.now) {
            self.queue.add(at, What::Alarm(Host::Publisher(number)));
        }
    }

    /// Runs a connection of the server until it waits, and notes whom it woke.
    pub(super) fn run_connection(&mut self, wire: usize) {
        let now = self.clock.now(self.now);
        for turns in 0.. {
            assert!(turns < 1000, "Quiet: a connection never rests");
            let Some(connection) = &mut self.connections[wire] else { return };
            let Self { feed, plan, dice, .. } = self;
            let mut room = Room { feed, plan, dice, now };
            let held = connection.step(&mut room);
            let moved = self.wires[wire].down.take(&mut connection.outbox, room.plan.window);
            let is_over = connection.wrote(moved, &mut room);
            if let Some((poll, until)) = held {
                self.expect_answer(wire, poll, until);
            }
            self.set_off(wire, Side::Client);
            if is_over {
                self.drop_connection(wire);
                break;
            }
            if !moved {
                break;
            }
        }
        if let Some(connection) = &mut self.connections[wire] {
            if self.plan.credit.is_some() && connection.owes_credit() {
                // Only the log's word may make the stream read on, so it comes at another time.
                let is_slow = self.plan.is_guarded && self.weather == Weather::Storm;
                let most = if is_slow { 1500 } else { 10 };
                let at = self.now + Duration::from_millis(1 + self.dice.roll(most) as u64);
                self.queue.add(at, What::Credit { wire });
            }
            let deadline = connection.machine_deadline();
            assert!(deadline.is_none_or(|at| at > now), "Quiet: due at {deadline:?}, now {now:?}");
            let at = self.clock.world(connection.deadline(), self.now);
            if let Some(at) = connection.alarm.arm_at(at) {
                self.queue.add(at, What::Alarm(Host::Connection(wire)));
            }
        }
        self.pass_on();
    }

    pub(super) fn restore_credit(&mut self, wire: usize) {
        if let Some(connection) = &mut self.connections[wire] {
            connection.restore_credit(&mut self.feed, self.clock.now(self.now));
            self.pass_on();
        }
    }

    /// Wakes the connections for which the log has something, and sets the log's alarm.
    pub(super) fn pass_on(&mut self) {
        for (wire, reply) in std::mem::take(&mut self.feed.woken) {
            if let Some(connection) = &mut self.connections[wire] {
                connection.reply = reply.or(connection.reply.take());
                self.queue.add(self.now, What::Wake { wire });
            }
        }
        if std::mem::take(&mut self.feed.is_late) {
            let most = if self.weather == Weather::Storm { 400 } else { 50 };
            let at = self.now + Duration::from_millis(self.dice.roll(most) as u64);
            self.queue.add(at, What::Alarm(Host::Feed));
        }
        let deadline = self.feed.deadline();
        if let Some(at) = self.clock.arm(deadline, self.now) {
            self.queue.add(at, What::Alarm(Host::Feed));
        }
    }

    pub(super) fn keep_time(&mut self) {
        self.feed.keep_time(self.clock.now(self.now));
        self.pass_on();
    }

    /// Notes that a poll must be held no more at that instant of the server's clock.
    pub(super) fn expect_answer(&mut self, wire: usize, poll: usize, until: Instant) {
        let after = until + Timers::<()>::TICK + Duration::from_nanos(1);
        if let Some(at) = self.clock.world(Some(after), self.now) {
            self.queue.add(at, What::HoldIsOver { wire, poll });
        }
    }

    pub(super) fn is_answered(&mut self, wire: usize, poll: usize) {
        let now = self.clock.now(self.now);
        if let Some(until) = self.feed.is_answered(poll, now) {
            self.expect_answer(wire, poll, until);
        }
    }

    /// All connections of the server are run, for time has leapt.
    pub(super) fn run_server(&mut self) {
        self.keep_time();
        for wire in 0..self.connections.len() {
            if self.connections[wire].is_some() {
                self.run_connection(wire);
            }
        }
    }
}
