//! What must hold once nothing goes wrong any more: all catch up, hear of news in time, and leave nothing
//! behind. What they were told on the way is held by their accounts.

use std::time::Duration;

use super::plan::{EVERY, MAX_BACKOFF, secs};
use super::portal::Portal;
use super::publisher::Publisher;
use super::queue::{Side, What};
use super::reader::{Mood, Reader};
use super::way::Way;
use super::world::{Weather, World};

/// How long all may take to come back: the longest back-off, and what follows it.
const SETTLE: Duration = secs(36);
/// How long a stream's reader may take to hear of an event: some trips of at most 20 ms, and what the
/// server takes to wake it.
const STREAM_BOUND: Duration = Duration::from_millis(300);
/// How long a long poll's reader may: it may have to ask again, or several times for a burst.
const LONG_POLL_BOUND: Duration = Duration::from_millis(1000);
/// What is added where polls are sent away for a second or so.
const SHED_BOUND: Duration = Duration::from_millis(1500);
/// What is added where polls are refused: they back off, up to the longest time and what the server says.
const REFUSED_BOUND: Duration = MAX_BACKOFF.saturating_add(Duration::from_millis(1500));
/// How long a stream's reader may whose stream is just over.
const REOPEN_BOUND: Duration = Duration::from_millis(2500);
/// How long an interval poll's reader may: its period, a tenth, and a few polls for a burst.
const INTERVAL_BOUND: Duration = EVERY.saturating_add(Duration::from_millis(1400));

impl World {
    /// The network works, all hosts are awake.
    pub(super) fn calm(&mut self) {
        self.weather = Weather::Calm;
        self.closed_until = self.now;
        for wire in &mut self.wires {
            wire.delay = wire.delay.min(Duration::from_millis(20));
        }
        for wire in 0..self.wires.len() {
            if self.wires[wire].stalls {
                self.wires[wire].empty();
                self.break_at(wire, Side::Client);
                self.break_at(wire, Side::Server);
            }
        }
        for reader in &mut self.readers {
            (reader.mood, reader.drips) = (Mood::Takes, false);
        }
        self.feed.portal = Portal::default();
        for reader in 0..self.readers.len() {
            self.resume(reader);
        }
        self.queue.add(self.now + SETTLE, What::Settled);
    }

    /// All have what was published.
    pub(super) fn settled(&mut self) {
        let head = self.feed.book.head();
        for reader in &self.readers {
            let (way, who) = (reader.way, reader.account.who());
            if reader.is_gone {
                continue;
            }
            let ends = &self.feed.book.ends;
            assert_eq!(ends.ending(who), None, "never told the end: {who:?}");
            assert!(way.is_stream() || !ends.has_lost(who), "never told that it may not: {who:?}");
            let may_be_apart = !way.is_stream() || self.may_end(way);
            assert!(
                reader.wire.is_some() || may_be_apart,
                "a stream is gone for good: {way:?}, to come at {:?}",
                reader.connect_at()
            );
            reader.account.is_complete(head, &self.feed.book);
        }
        let is_done = self.publishers.iter().all(Publisher::is_done);
        assert!(is_done, "a publisher was never heard");
        self.weather = Weather::Watched;
        let mut at = self.now;
        for probe in 0..8 {
            // In one long pause nothing but signs of life keeps streams open.
            let pause = if probe == 5 { 11_000 } else { 1 + self.dice.roll(800) };
            at += Duration::from_millis(pause as u64);
            self.queue.add(at, What::Probe);
        }
        let rest = if self.plan.is_crowded() { secs(8) } else { secs(4) };
        self.queue.add(at + rest, What::Farewell);
    }

    /// An event, or some, of which all who follow it must hear in time.
    pub(super) fn probe(&mut self) {
        for _ in 0..1 + self.dice.roll(2) {
            let note = self.open_note();
            let cursor = self.publish_here(note);
            for (reader, bound) in self.bounds(note.topic) {
                let due = What::Due { reader, epoch: cursor.epoch, offset: cursor.offset };
                self.queue.add(self.now + bound, due);
            }
        }
        self.feed.wake(self.clock.now(self.now));
        self.pass_on();
    }

    /// Whether a stream may end although nothing goes wrong.
    pub(super) fn may_end(&self, way: Way) -> bool {
        self.plan.lifetime.is_some() && matches!(way, Way::EventStream | Way::Browser)
    }

    fn bounds(&self, topic: u8) -> Vec<(usize, Duration)> {
        let shed = if self.plan.park.shed_above < 1000 { SHED_BOUND } else { Duration::ZERO };
        let refused = if self.plan.is_crowded() { REFUSED_BOUND } else { Duration::ZERO };
        let bound = |way| match way {
            Way::EventStream | Way::Browser if self.may_end(way) => REOPEN_BOUND,
            Way::WebSocket | Way::EventStream | Way::Browser | Way::Talker => STREAM_BOUND,
            Way::LongPoll => LONG_POLL_BOUND + shed + refused,
            Way::IntervalPoll => INTERVAL_BOUND,
            Way::Phone => INTERVAL_BOUND + refused,
        };
        let readers = self.readers.iter().enumerate();
        let ends = &self.feed.book.ends;
        let hears = |reader: &Reader| {
            !reader.is_gone && ends.allowed(reader.account.who()) & 1 << topic != 0
        };
        let readers = readers.filter(|(_, reader)| hears(reader));
        readers.map(|(number, reader)| (number, bound(reader.way))).collect()
    }

    pub(super) fn is_told(&mut self, reader: usize, epoch: u64, offset: u64) {
        let position = self.readers[reader].account.position();
        let is_told = match position {
            Some(at) => at.epoch == epoch && at.offset >= offset,
            // Who was told nothing yet begins at the oldest event again when its stream is over.
            None => offset < self.feed.book.floor().offset,
        };
        let way = self.readers[reader].way;
        assert!(
            is_told,
            "late: reader {reader} ({way:?}) is at {position:?}, not {epoch}.{offset}"
        );
    }

    /// All clients go.
    pub(super) fn farewell(&mut self) {
        for number in 0..self.readers.len() {
            let reader = &mut self.readers[number];
            reader.is_gone = true;
            if let Some(wire) = reader.wire.take() {
                self.hang_up(wire);
            }
        }
        for number in 0..self.publishers.len() {
            let publisher = &mut self.publishers[number];
            publisher.is_gone = true;
            if let Some(wire) = publisher.wire.take() {
                self.hang_up(wire);
            }
        }
        self.queue.add(self.now + secs(3), What::End);
    }

    /// Nothing is left.
    pub(super) fn end(&mut self) {
        assert!(self.connections.iter().all(Option::is_none), "a connection is left");
        self.feed.is_empty();
        if let Some(crowd) = &self.feed.crowd {
            crowd.is_empty();
        }
        let taken: u32 = self.readers.iter().map(|reader| reader.account.events).sum();
        self.feed.tally.taken = u64::from(taken);
        self.is_over = true;
    }
}
