//! What its owners and readers do to a log while the storm lasts: topics are closed, passes lose some, phones
//! are put away, other topics are wanted. What fails is `mishap`'s business.

use std::time::Duration;

use super::plan::secs;
use super::queue::What;
use super::tally::Mishap;
use super::way::Way;
use super::world::World;

impl World {
    /// A topic comes to its end, for all or for those with one pass. The first topic goes on for all.
    pub(super) fn end_topic(&mut self) {
        if !self.plan.is_guarded || self.is_draining || self.clock.asleep(self.now).is_some() {
            return;
        }
        let now = self.clock.now(self.now);
        let topic = 1 + self.dice.roll(3) as u8;
        if self.dice.roll(2) == 0 {
            if self.feed.book.ends.is_closed(topic) {
                return;
            }
            self.count(Mishap::TopicClosed);
            self.feed.close(topic, now);
        } else {
            self.count(Mishap::TopicRevoked);
            // Those who follow the first topic alone are many, and share answers.
            let topic = if self.dice.roll(3) == 0 { 0 } else { topic };
            let pass = self.dice.roll(2);
            self.feed.revoke(pass, topic, now);
        }
        self.pass_on();
    }

    /// Something between clients and server answers in its place for a while.
    pub(super) fn portal(&mut self) {
        let until = self.now + self.millis(3000);
        self.feed.portal.stands(self.clock.now(until));
    }

    /// The next reader that has whims has one.
    pub(super) fn whim(&mut self, first: usize) {
        let readers = self.readers.iter().enumerate().skip(first);
        let mut whimsical = readers.filter(|(_, reader)| !reader.is_gone);
        let has_whims = |way| matches!(way, Way::Talker | Way::Phone);
        let Some((reader, _)) = whimsical.find(|(_, reader)| has_whims(reader.way)) else {
            return;
        };
        match self.readers[reader].way {
            Way::Talker => {
                let topics = 1 + self.dice.roll(15) as u8;
                self.readers[reader].change(topics);
            }
            _ => self.handle(reader),
        }
        self.wake_reader(reader);
    }

    /// Someone does something to a phone.
    fn handle(&mut self, reader: usize) {
        let (what, is_long) = (self.dice.roll(10), self.dice.roll(2) == 0);
        let pause = self.millis(5000);
        let now = self.readers[reader].clock.now(self.now);
        match what {
            4..=6 => {
                self.readers[reader].hasten(false, now);
                return self.queue.add(self.now + pause / 2, What::EndSide { reader });
            }
            7 | 8 => return self.readers[reader].hasten(true, now),
            9 => return self.begin_anew(reader),
            _ => {}
        }
        let Some(phone) = self.readers[reader].phone() else { return };
        match what {
            0 => phone.hide(),
            1 => phone.pause(),
            2 => phone.change(is_long, now),
            _ => phone.resume(now),
        }
        match what {
            0 => self.count(Mishap::Hidden),
            1 => {
                self.count(Mishap::Paused);
                self.drop_wire(reader);
            }
            _ => return,
        }
        self.queue.add(self.now + pause, What::Resume { reader });
    }

    /// A phone ends its side, and waits for the answer to its poll.
    pub(super) fn end_side(&mut self, reader: usize) {
        if !self.readers[reader].is_gone {
            let now = self.readers[reader].clock.now(self.now);
            self.readers[reader].hasten(true, now);
            self.wake_reader(reader);
        }
    }

    /// A phone has lost what it knew.
    fn begin_anew(&mut self, reader: usize) {
        self.count(Mishap::BeganAnew);
        self.drop_wire(reader);
        let now = self.readers[reader].clock.now(self.now);
        self.readers[reader].begin_anew(&mut self.dice, now);
    }

    /// Someone looks at a phone again.
    pub(super) fn resume(&mut self, reader: usize) {
        let now = self.readers[reader].clock.now(self.now);
        if let Some(phone) = self.readers[reader].phone() {
            phone.resume(now);
            self.wake_reader(reader);
        }
    }

    /// A phone that knows that it slept waits for no answer that was under way.
    pub(super) fn resume_awake(&mut self, reader: usize, nap: Duration) {
        if self.readers[reader].way == Way::Phone && nap > secs(3) {
            if let Some(phone) = self.readers[reader].phone() {
                phone.pause();
            }
            self.drop_wire(reader);
            self.queue.add(self.now + nap, What::Resume { reader });
        }
    }

    fn drop_wire(&mut self, reader: usize) {
        if let Some(wire) = self.readers[reader].wire {
            self.hang_up(wire);
            let now = self.readers[reader].clock.now(self.now);
            self.readers[reader].disconnected(now);
        }
    }
}
