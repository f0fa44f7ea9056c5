//! What a contestant does, and how it is put to work and watched. Each has a file of its own.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt;

use super::case::{Case, Way};
use super::message::{Messages, Tally};
use super::wire::{Calls, Wire};
use crate::contest::{self, Case as _, Work};

pub(crate) type Contestant = contest::Contestant<Skill>;

/// How a contestant receives and sends messages.
pub(crate) struct Skill {
    pub(crate) receive: fn(Stage) -> Receive,
    pub(crate) send: fn(Stage) -> Send,
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

/// A contestant among its messages.
struct Bout {
    job: Job,
    case: Case,
    messages: Rc<Messages>,
    counts: Rc<Counts>,
}

/// What a contestant asked of its wire, over all its operations.
#[derive(Default)]
struct Counts {
    calls: Rc<Calls>,
    messages: Cell<u64>,
}

enum Job {
    Receive(Receive),
    Send(Send),
}

/// Puts a contestant to work and checks once that every byte of every message comes through.
///
/// # Panics
///
/// If one does not: there is nothing to compare then.
pub(crate) fn start(
    contestant: &Contestant,
    case: Case,
    messages: &Rc<Messages>,
    tape: &Rc<[u8]>,
) -> Work {
    let counts = Rc::new(Counts::default());
    let wire = Wire::new(Rc::clone(tape), Rc::clone(&counts.calls));
    let stage = Stage { case, messages: Rc::clone(messages), wire };
    let job = match case.way {
        Way::Receive => Job::Receive((contestant.skill.receive)(stage)),
        Way::Send => Job::Send((contestant.skill.send)(stage)),
    };
    let mut bout = Bout { job, case, messages: Rc::clone(messages), counts: Rc::clone(&counts) };
    assert!(bout.is_right(), "{} changes the messages of {case}", contestant.name);
    counts.calls.reads.set(0);
    counts.calls.writes.set(0);
    let mut work = Work::new(move || bout.run());
    work.calls = Some(Box::new(move || counts.calls_per_message(case.way)));
    work
}

impl Bout {
    /// Receives or sends every message once.
    fn run(&mut self) {
        let (count, bytes) = (self.case.units(), self.case.units() * self.case.size);
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
    fn calls_per_message(&self, way: Way) -> f64 {
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
