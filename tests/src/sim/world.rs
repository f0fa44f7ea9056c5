//! The world of one run: who is in it, what time it is, and what happens next. What goes wrong in it is
//! `mishap`'s business, how bytes travel `network`'s, and what must hold at the end that of `calm`.

use std::time::Duration;

use tidewire::core::{Instant, Timers};

use super::clock::Clock;
use super::connection::{Connection, Room};
use super::document::Note;
use super::feed::Feed;
use super::mishap::Mood;
use super::plan::{Plan, secs};
use super::publisher::Publisher;
use super::queue::{Host, Queue, Side, What};
use super::reader::{Reader, Way};
use super::tally::Mishap;
use super::trace::Trace;
use super::wire::Wire;
use crate::dice::Dice;

/// Everything.
pub(super) struct World {
    pub(super) now: Instant,
    pub(super) dice: Dice,
    pub(super) plan: Plan,
    pub(super) queue: Queue,
    pub(super) trace: Trace,
    pub(super) weather: Weather,
    pub(super) feed: Feed,
    /// The server's clock, for all of its connections.
    pub(super) clock: Clock,
    /// The server's ends of the wires.
    pub(super) connections: Vec<Option<Connection>>,
    pub(super) wires: Vec<Wire>,
    pub(super) readers: Vec<Reader>,
    pub(super) publishers: Vec<Publisher>,
    /// Until when nobody can connect.
    pub(super) closed_until: Instant,
    pub(super) is_draining: bool,
    pub(super) epoch: u64,
    next_number: u32,
    pub(super) is_over: bool,
}

/// Whether things go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    Storm,
    Calm,
    /// All have caught up, and nothing may be late or lost any more.
    Watched,
}

/// How long things go wrong.
const STORM: Duration = secs(22);
/// More steps than any honest run takes.
const MOST_STEPS: usize = 300_000;

impl World {
    pub(super) fn new(seed: u64, told: bool) -> Self {
        let now = Instant::ORIGIN;
        let mut dice = Dice::new(seed);
        let plan = Plan::new(&mut dice);
        let epoch = 1;
        let mut queue = Queue::default();
        let readers: Vec<_> = (0..plan.readers).map(|n| Reader::new(n, &mut dice, now)).collect();
        let publishers: Vec<_> = (0..plan.publishers).map(Publisher::new).collect();
        for reader in 0..readers.len() {
            queue.add(now, What::Alarm(Host::Reader(reader)));
        }
        for publisher in 0..publishers.len() {
            queue.add(now, What::Publish { publisher });
        }
        queue.add(now + secs(1), What::Mishap);
        queue.add(now + STORM, What::Calm);
        Self {
            now,
            feed: Feed::new(&plan, epoch, &mut dice),
            clock: Clock::new(),
            plan,
            dice,
            queue,
            trace: Trace::new(told),
            weather: Weather::Storm,
            connections: Vec::new(),
            wires: Vec::new(),
            readers,
            publishers,
            closed_until: now,
            is_draining: false,
            epoch,
            next_number: 1,
            is_over: false,
        }
    }

    /// Lets everything happen, up to the end.
    pub(super) fn run(&mut self) {
        for steps in 0.. {
            assert!(steps < MOST_STEPS, "Quiet: nobody ever rests");
            let Some((at, what)) = self.queue.next() else { break };
            self.now = self.now.max(at);
            match self.asleep(what) {
                // Who wakes does what is due before anyone looks whether it did.
                Some(awake) if matches!(what, What::HoldIsOver { .. }) => {
                    self.queue.add(awake + Duration::from_nanos(1), what);
                }
                Some(awake) => self.queue.add(awake, what),
                None => self.on(what),
            }
            if self.is_over {
                return;
            }
        }
        panic!("the world stands still");
    }

    fn on(&mut self, what: What) {
        match what {
            What::Arrive { .. } | What::Alarm(_) | What::Credit { .. } => {}
            other => self.trace.note(self.now, other),
        }
        match what {
            What::Arrive { wire, side } => self.arrive(wire, side),
            What::Break { wire, side: Side::Client } => self.lose(wire),
            What::Break { wire, side: Side::Server } => self.drop_connection(wire),
            What::Heal { wire } => self.heal(wire),
            What::Alarm(host) => self.ring(host),
            What::Wake { wire } => self.run_connection(wire),
            What::Credit { wire } => self.restore_credit(wire),
            What::HoldIsOver { wire, poll } => self.is_answered(wire, poll),
            What::Publish { publisher } => self.publish(publisher),
            What::Hurry { reader } => self.readers[reader].drips = false,
            What::Mishap => self.mishap(),
            What::Restart => self.restart(),
            What::Calm => self.calm(),
            What::Settled => self.settled(),
            What::Probe => self.probe(),
            What::Due { reader, epoch, offset } => self.is_told(reader, epoch, offset),
            What::Farewell => self.farewell(),
            What::End => self.end(),
        }
    }

    /// Until when the host sleeps to which this happens.
    fn asleep(&self, what: What) -> Option<Instant> {
        let host = match what {
            What::Arrive { wire, side: Side::Client }
            | What::Break { wire, side: Side::Client } => self.wires[wire].client,
            What::Arrive { side: Side::Server, .. }
            | What::Break { side: Side::Server, .. }
            | What::Wake { .. }
            | What::Credit { .. }
            | What::HoldIsOver { .. }
            | What::Restart => Host::Feed,
            What::Alarm(host) => host,
            _ => return None,
        };
        match host {
            Host::Reader(reader) => self.readers[reader].clock.asleep(self.now),
            Host::Publisher(_) => None,
            Host::Connection(_) | Host::Feed => self.clock.asleep(self.now),
        }
    }

    fn ring(&mut self, host: Host) {
        match host {
            Host::Reader(reader) => {
                self.readers[reader].clock.ring(self.now);
                self.run_reader(reader);
            }
            Host::Publisher(publisher) => {
                self.publishers[publisher].clock.ring(self.now);
                self.run_publisher(publisher);
            }
            Host::Connection(wire) => {
                if let Some(connection) = &mut self.connections[wire] {
                    connection.alarm.ring(self.now);
                    self.run_connection(wire);
                }
            }
            Host::Feed => {
                self.clock.ring(self.now);
                self.keep_time();
            }
        }
    }

    /// Someone new to say: the next event of this publisher.
    fn publish(&mut self, publisher: usize) {
        if self.weather != Weather::Storm {
            return;
        }
        let note = self.note();
        self.publishers[publisher].say(note);
        let pause = Duration::from_millis(50 + self.dice.roll(4000) as u64);
        self.queue.add(self.now + pause, What::Publish { publisher });
        self.run_publisher(publisher);
    }

    /// Something that was not said before. The last topic is a quiet one.
    pub(super) fn note(&mut self) -> Note {
        let topic = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3][self.dice.roll(12)];
        let padding = [0, 0, 1, 30, 300][self.dice.roll(5)];
        let number = self.next_number;
        self.next_number += 1;
        self.feed.tally.published += 1;
        Note { topic, number, padding }
    }

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
            if !reader.step(&self.feed.book, now) {
                self.feed.tally.count(Mishap::Crash);
                self.hang_up(wire);
                self.readers[number].restart(&mut self.dice, now);
                continue;
            }
            let pipe = &mut self.wires[wire].up;
            let moved = pipe.take(&mut reader.outbox, self.plan.window);
            if reader.outbox.is_finished() {
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
                let at = self.now + Duration::from_millis(1 + self.dice.roll(10) as u64);
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

    fn restore_credit(&mut self, wire: usize) {
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

    fn is_answered(&mut self, wire: usize, poll: usize) {
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

    /// The reader's wish to go on over something else.
    pub(super) fn other_way(&mut self, reader: usize) -> Option<(Way, Way)> {
        let from = self.readers[reader].way;
        let to = Way::CLIENTS[self.dice.roll(4)];
        (from != Way::Browser && from != to).then_some((from, to))
    }

    pub(super) fn set_mood(&mut self, reader: usize, mood: Mood) {
        self.readers[reader].mood = mood;
    }
}
