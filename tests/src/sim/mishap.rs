//! What goes wrong, while the storm lasts. What must hold in spite of it is held elsewhere.

use std::time::Duration;

use tidewire::hub::Cursor;

use super::document::Note;
use super::plan::{DRAIN, secs};
use super::queue::{Host, Side, What};
pub(super) use super::reader::Mood;
use super::tally::Mishap;
use super::trace::Told;
use super::way::Way;
use super::world::{Weather, World};

impl World {
    /// Lets something go wrong, and then something else.
    pub(super) fn mishap(&mut self) {
        if self.weather != Weather::Storm {
            return;
        }
        let pause = self.millis(1900);
        self.queue.add(self.now + pause, What::Mishap);
        let Some(reader) = self.any_reader() else { return };
        match self.dice.roll(50) {
            0..=5 => self.cut(),
            6..=10 => self.stall(),
            11..=17 => self.switch(reader),
            18..=20 => self.set_mood(reader, Mood::Crashes),
            21 => self.stranger(reader),
            22 | 23 => self.refuse(reader),
            24 | 25 => self.drip(reader),
            26 | 27 => self.sleep(reader),
            28 | 29 => self.step_clock(reader),
            30..=34 => self.burst(),
            35 => self.close_door(),
            36 | 37 => self.drain(),
            38 | 39 => self.fork(),
            40..=42 => self.end_topic(),
            43 | 44 => self.portal(),
            _ => self.whim(reader),
        }
    }

    /// A reader that is still there.
    fn any_reader(&mut self) -> Option<usize> {
        let readers = self.readers.len();
        let first = self.dice.roll(readers);
        let mut after = (first..first + readers).map(|number| number % readers);
        after.find(|number| !self.readers[*number].is_gone)
    }

    pub(super) fn millis(&mut self, most: usize) -> Duration {
        Duration::from_millis(self.dice.roll(most) as u64)
    }

    pub(super) fn count(&mut self, mishap: Mishap) {
        self.feed.tally.count(mishap);
        self.trace.note(self.now, Told::Mishap(mishap));
    }

    /// A wire on which somebody still is.
    fn live_wire(&mut self) -> Option<usize> {
        let is_live = |wire: &usize| {
            let wire = &self.wires[*wire];
            wire.has_client && wire.has_server && !wire.stalls
        };
        let live: Vec<_> = (0..self.wires.len()).filter(is_live).collect();
        (!live.is_empty()).then(|| live[self.dice.roll(live.len())])
    }

    /// A wire breaks. What is under way is lost, and either end learns it at a time of its own.
    fn cut(&mut self) {
        let Some(wire) = self.live_wire() else { return };
        self.count(Mishap::Cut);
        self.wires[wire].empty();
        self.wires[wire].stalls = true;
        self.break_at(wire, Side::Client);
        self.break_at(wire, Side::Server);
    }

    /// A wire swallows what is put into it, for a while or for good. Nobody is told.
    fn stall(&mut self) {
        let Some(wire) = self.live_wire() else { return };
        self.wires[wire].stalls = true;
        let until = self.now + self.millis(14_000);
        if self.dice.roll(2) == 0 {
            self.count(Mishap::StallHealed);
            self.queue.add(until, What::Heal { wire });
        } else {
            self.count(Mishap::StallBroken);
            self.queue.add(until, What::Break { wire, side: Side::Server });
            let until = until + self.millis(14_000);
            self.queue.add(until, What::Break { wire, side: Side::Client });
        }
    }

    fn switch(&mut self, reader: usize) {
        let Some((from, to)) = self.other_way(reader) else { return };
        let index = |way| Way::CLIENTS.iter().position(|other| *other == way).unwrap_or_default();
        self.feed.tally.switch(index(from), index(to));
        self.trace.note(self.now, Told::Switches { reader, to });
        if let Some(wire) = self.readers[reader].wire {
            self.hang_up(wire);
        }
        let now = self.readers[reader].clock.now(self.now);
        self.readers[reader].switch(to, now);
        self.wake_reader(reader);
    }

    /// A reader comes back with the cursor of a log that has come further.
    fn stranger(&mut self, reader: usize) {
        if self.readers[reader].way == Way::Browser {
            return;
        }
        self.count(Mishap::Stranger);
        let Cursor { epoch, offset } = self.feed.book.head();
        let offset = offset + 1 + self.dice.roll(9) as u64;
        if let Some(wire) = self.readers[reader].wire {
            self.hang_up(wire);
        }
        let now = self.readers[reader].clock.now(self.now);
        self.readers[reader].account.claims(Cursor { epoch, offset });
        self.readers[reader].restart(&mut self.dice, now);
        self.wake_reader(reader);
    }

    fn refuse(&mut self, reader: usize) {
        if !self.readers[reader].way.is_stream() {
            self.count(Mishap::Refusal);
            self.set_mood(reader, Mood::Refuses);
        }
    }

    fn drip(&mut self, reader: usize) {
        self.count(Mishap::SlowReader);
        self.readers[reader].drips = true;
        let until = self.now + self.millis(10_000);
        self.queue.add(until, What::Hurry { reader });
    }

    /// A host sleeps, and its clock with it or not.
    fn sleep(&mut self, reader: usize) {
        self.count(Mishap::Sleep);
        let most = [3000, 12_000, 12_000][self.dice.roll(3)];
        let nap = self.millis(most);
        let is_counted = self.dice.roll(2) == 0;
        let clock = match nap < secs(3) {
            true => &mut self.clock,
            false => &mut self.readers[reader].clock,
        };
        if !is_counted {
            clock.step_back(nap);
        }
        clock.sleep(self.now + nap);
        self.resume_awake(reader, nap);
    }

    fn step_clock(&mut self, reader: usize) {
        let of_server = self.dice.roll(2) == 0;
        let clock = if of_server { &self.clock } else { &self.readers[reader].clock };
        if clock.asleep(self.now).is_some() {
            return;
        }
        let most = [2000, 30_000][self.dice.roll(2)];
        let by = self.millis(most);
        let clock = if of_server { &mut self.clock } else { &mut self.readers[reader].clock };
        if by < secs(2) && self.dice.roll(2) == 0 {
            clock.step_back(by);
            self.count(Mishap::ClockBack);
        } else {
            clock.step_forward(by);
            self.count(Mishap::ClockForward);
        }
        if of_server {
            self.run_server();
        } else {
            self.run_reader(reader);
        }
    }

    /// Much is published in the server itself, and who waits is woken only then.
    fn burst(&mut self) {
        if self.is_draining || self.clock.asleep(self.now).is_some() {
            return;
        }
        self.count(Mishap::Burst);
        let now = self.clock.now(self.now);
        for _ in 0..1 + self.dice.roll(6) {
            let note = self.open_note();
            self.publish_here(note);
        }
        self.feed.wake(now);
        self.pass_on();
    }

    /// Publishes without a network; nobody is woken yet.
    pub(super) fn publish_here(&mut self, note: Note) -> Cursor {
        let now = self.clock.now(self.now);
        let published = self.feed.publish(note, OWN_KEYS + note.number, false, now);
        published.expect("the topic is open")
    }

    fn close_door(&mut self) {
        self.count(Mishap::NoConnection);
        self.closed_until = self.now + self.millis(4000);
    }

    /// The server says goodbye to all, and will be gone soon.
    fn drain(&mut self) {
        if self.is_draining || self.clock.asleep(self.now).is_some() {
            return;
        }
        self.count(Mishap::Drain);
        self.is_draining = true;
        self.queue.add(self.now + DRAIN, What::Restart);
        let now = self.clock.now(self.now);
        self.feed.drain(now);
        let held: Vec<_> = self.feed.held().collect();
        for (wire, poll, until) in held {
            self.expect_answer(wire, poll, until);
        }
        self.connections.iter_mut().flatten().for_each(|connection| connection.leave(now));
        self.run_server();
    }

    /// The server is gone, and another one takes its place.
    pub(super) fn restart(&mut self) {
        for wire in 0..self.connections.len() {
            self.drop_connection(wire);
        }
        let now = self.clock.now(self.now);
        if self.dice.roll(2) == 0 {
            self.epoch += 1;
            self.count(Mishap::NewEpoch);
            self.feed.forget(&self.plan, self.epoch);
        } else {
            self.count(Mishap::Restored);
            self.feed.restore(&self.plan, now);
        }
        self.is_draining = false;
        self.closed_until = self.closed_until.max(self.now) + self.millis(1500);
    }

    /// The store has lost the end of the log.
    fn fork(&mut self) {
        if self.is_draining || self.clock.asleep(self.now).is_some() {
            return;
        }
        let head = self.feed.book.head().offset;
        let lost = self.dice.roll(6) as u64;
        self.epoch += 1;
        self.count(Mishap::Fork);
        self.feed.fork(self.epoch, head.saturating_sub(lost), self.clock.now(self.now));
        self.pass_on();
    }

    /// Runs a reader to which something happened, once it is awake.
    pub(super) fn wake_reader(&mut self, reader: usize) {
        match self.readers[reader].clock.asleep(self.now) {
            Some(awake) => self.queue.add(awake, What::Alarm(Host::Reader(reader))),
            None => self.run_reader(reader),
        }
    }
}

/// The keys of what is published without a network.
const OWN_KEYS: u32 = 1_000_000;
