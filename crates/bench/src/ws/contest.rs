//! What a contestant is, and how it is put to work and watched. Each has a file of its own.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt;

use super::case::{Case, Way};
use super::message::{Messages, Tally};
use super::wire::{Calls, Wire};
use crate::harness;

/// Somebody who can receive and send messages.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) rank: Rank,
    /// What a reader of its figures has to know.
    pub(crate) note: &'static str,
    pub(crate) receive: fn(Stage) -> Receive,
    pub(crate) send: fn(Stage) -> Send,
}

/// How much of a connection's work a contestant does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// It is us, and we do all of it.
    Ours,
    /// All: it checks UTF-8, assembles fragments, answers pings and closes.
    Whole,
    /// Less, as its note tells.
    Part,
    /// Less, and a text is taken as it comes: no rival where one is received.
    Unchecked,
    /// No more than the bytes need, to tell how fast the machine is.
    Floor,
}

/// Where a contestant plays.
pub(crate) struct Stage {
    pub(crate) case: Case,
    pub(crate) messages: Rc<Messages>,
    pub(crate) wire: Wire,
}

/// Receives one tape of messages, giving each to the tally.
pub(crate) type Receive = Box<dyn FnMut(&mut Tally)>;

/// Sends every message once, flushing after each burst.
pub(crate) type Send = Box<dyn FnMut()>;

/// A contestant at work on a case.
pub(crate) struct Work {
    job: Job,
    case: Case,
    messages: Rc<Messages>,
    counts: Rc<Counts>,
}

/// What a contestant asked of its wire, over all its operations.
#[derive(Default)]
pub(crate) struct Counts {
    calls: Rc<Calls>,
    messages: Cell<u64>,
}

enum Job {
    Receive(Receive),
    Send(Send),
}

impl Contestant {
    /// Puts the contestant to work and checks once that every byte of every message comes through.
    ///
    /// # Panics
    ///
    /// If one does not: there is nothing to compare then.
    pub(crate) fn start(&self, case: Case, messages: &Rc<Messages>, tape: &Rc<[u8]>) -> Work {
        let counts = Rc::new(Counts::default());
        let wire = Wire::new(Rc::clone(tape), Rc::clone(&counts.calls));
        let stage = Stage { case, messages: Rc::clone(messages), wire };
        let job = match case.way {
            Way::Receive => Job::Receive((self.receive)(stage)),
            Way::Send => Job::Send((self.send)(stage)),
        };
        let mut work = Work { job, case, messages: Rc::clone(messages), counts };
        assert!(work.is_right(), "{} changes the messages of {case}", self.name);
        work.counts.calls.reads.set(0);
        work.counts.calls.writes.set(0);
        work
    }
}

impl Work {
    pub(crate) fn counts(&self) -> Rc<Counts> {
        Rc::clone(&self.counts)
    }

    /// Receives or sends every message once. Has a frame of its own, by which `instructions` knows
    /// when to count.
    #[inline(never)]
    pub(crate) fn run(&mut self) {
        let (count, bytes) = (self.case.messages(), self.case.messages() * self.case.size);
        match &mut self.job {
            Job::Receive(receive) => {
                let mut tally = Tally::counting();
                receive(&mut tally);
                assert_eq!((tally.count, tally.bytes), (count, bytes), "received");
            }
            Job::Send(send) => {
                let before = self.counts.calls.written.get();
                send();
                let written = self.counts.calls.written.get() - before;
                assert_eq!(written, bytes + count * self.case.header_len(), "sent");
            }
        }
        self.counts.messages.set(self.counts.messages.get() + count as u64);
    }

    pub(crate) fn into_case(mut self, name: &'static str) -> harness::Case {
        harness::Case::new(name, move || self.run())
    }

    fn is_right(&mut self) -> bool {
        match &mut self.job {
            Job::Receive(receive) => {
                let mut tally = Tally::reading();
                receive(&mut tally);
                tally.agrees_with(&self.messages)
            }
            Job::Send(send) => {
                self.counts.calls.seen.replace(Some(Vec::new()));
                send();
                let seen = self.counts.calls.seen.take();
                seen.is_some_and(|seen| self.messages.are_in(&seen, self.case.end))
            }
        }
    }
}

impl Counts {
    /// Reads for each message that was received, or writes for each that was sent.
    pub(crate) fn calls_per_message(&self, way: Way) -> f64 {
        let calls = match way {
            Way::Receive => &self.calls.reads,
            Way::Send => &self.calls.writes,
        };
        calls.get() as f64 / self.messages.get() as f64
    }
}

/// What a future gives whose transport is always ready.
#[inline]
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("memory makes nobody wait")
}
