//! The world of one run: who is in it, what time it is, and what happens next. What goes wrong in it is
//! `mishap`'s business, how bytes travel `network`'s, and what must hold at the end that of `calm`.

use std::time::Duration;

use tidewire::core::Instant;

use super::clock::Clock;
use super::connection::Connection;
use super::document::Note;
use super::feed::Feed;
use super::mishap::Mood;
use super::plan::{Plan, secs};
use super::publisher::Publisher;
use super::queue::{Host, Queue, Side, What};
use super::reader::Reader;
use super::trace::{Told, Trace};
use super::way::Way;
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

/// How long things go wrong: as long as lets a core run a thousand seeds a second.
const STORM: Duration = secs(20);
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
            other => self.trace.note(self.now, Told::What(other)),
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
            What::EndSide { reader } => self.end_side(reader),
            What::Resume { reader } => self.resume(reader),
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
            What::EndSide { reader } | What::Resume { reader } => Host::Reader(reader),
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

    /// Something that was not said before, of a topic that is open.
    pub(super) fn open_note(&mut self) -> Note {
        let note = self.note();
        let is_closed = self.feed.book.ends.is_closed(note.topic);
        Note { topic: if is_closed { 0 } else { note.topic }, ..note }
    }

    /// Something that was not said before. The last topic is a quiet one.
    fn note(&mut self) -> Note {
        let topic = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3][self.dice.roll(12)];
        let padding = [0, 0, 1, 30, 300][self.dice.roll(5)];
        let number = self.next_number;
        self.next_number += 1;
        self.feed.tally.published += 1;
        Note { topic, number, padding }
    }

    /// The reader's wish to go on over something else.
    pub(super) fn other_way(&mut self, reader: usize) -> Option<(Way, Way)> {
        let from = self.readers[reader].way;
        let to = Way::CLIENTS[self.dice.roll(4)];
        (from.transport().is_some() && from != to).then_some((from, to))
    }

    pub(super) fn set_mood(&mut self, reader: usize, mood: Mood) {
        self.readers[reader].mood = mood;
    }
}
