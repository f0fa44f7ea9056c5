//! One end of a connection, driven as the contract says. Who moves bytes and time is not here.

use std::fmt::Debug;
use std::time::Duration;

use tidewire_core::{Inbox, Instant, Outbox, Protocol};

use crate::trace::Trace;

/// A machine with its inbox and outbox, the handler of its events, and a trace of them.
///
/// Each step is watched, whatever the test is about: a machine that spins, that has a deadline in
/// the past, that speaks after its error or that invents input panics with the name of the law.
pub struct End<M: Protocol> {
    /// The machine, for commands.
    pub machine: M,
    /// What the peer sent and the machine has not eaten.
    pub inbox: Inbox,
    /// What the machine said and nobody has taken.
    pub outbox: Outbox,
    /// What the handler noted, and the error.
    pub trace: Trace,
    /// The error, once there was one.
    pub error: Option<M::Error>,
    handler: Box<Handler<M>>,
}

type Handler<M> =
    dyn for<'i> FnMut(&mut M, <M as Protocol>::Event<'i>, &mut Outbox, Instant, &mut Trace);

impl<M: Protocol<Error: Debug>> End<M> {
    /// An end whose `handler` gets each event while it still lends from the inbox.
    pub fn new<H>(machine: M, handler: H) -> Self
    where
        H: for<'i> FnMut(&mut M, M::Event<'i>, &mut Outbox, Instant, &mut Trace) + 'static,
    {
        Self {
            machine,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            trace: Trace::new(),
            error: None,
            handler: Box::new(handler),
        }
    }

    /// Puts the machine on a fresh connection: both buffers are new and no error was told.
    pub fn renew(&mut self) {
        (self.inbox, self.outbox, self.error) = (Inbox::new(), Outbox::new(), None);
    }

    /// Takes events until there are none, which is step 1 of the loop.
    pub fn run(&mut self, now: Instant) {
        let budget = STEPS_PER_RUN + STEPS_PER_BYTE * self.inbox.len();
        let mut steps = 0;
        while self.step(now) {
            steps += 1;
            assert!(steps < budget, "Quiet: {steps} events in a row and no rest: {:?}", self.trace);
        }
        self.check_rest(now);
    }

    /// Whether something happened.
    fn step(&mut self, now: Instant) -> bool {
        let (unread, pushed) = (self.inbox.len(), self.outbox.pushed());
        let was_over = self.error.is_some();
        let happened = match self.machine.next_event(&mut self.inbox, &mut self.outbox, now) {
            Ok(None) => false,
            Ok(Some(event)) => {
                assert!(!was_over, "Last word: an event after the error {:?}", self.error);
                (self.handler)(&mut self.machine, event, &mut self.outbox, now, &mut self.trace);
                true
            }
            Err(error) => {
                assert!(!was_over, "Last word: told twice: {:?}, {error:?}", self.error);
                assert!(self.outbox.is_ended(), "Last word: {error:?} leaves the outbox open");
                self.trace.event(&error);
                self.error = Some(error);
                true
            }
        };
        assert!(self.inbox.len() <= unread, "Hand-over: more is unread than there was");
        assert!(!was_over || self.outbox.pushed() == pushed, "Last word: more words after it");
        happened
    }

    /// At rest a machine has nothing more to say until bytes or time arrive, and knows when.
    fn check_rest(&mut self, now: Instant) {
        let (unread, pushed) = (self.inbox.len(), self.outbox.pushed());
        assert!(!self.step(now), "Quiet: an event after `None` and without news");
        let same = (self.inbox.len(), self.outbox.pushed()) == (unread, pushed);
        assert!(same, "Quiet: bytes eaten or pushed after `None` and without news");
        if let Some(at) = self.machine.deadline() {
            assert!(at > now, "Quiet: at rest at {now:?} with a deadline at {at:?}");
            assert!(self.error.is_none(), "Last word: a deadline after the error");
        }
    }
}

/// The instants at which `wake` has to be called until `wait` has passed since `now`: each deadline
/// as it comes, and the end. Returns that end.
pub(crate) fn pass(
    now: Instant,
    wait: Duration,
    mut wake: impl FnMut(Instant) -> Option<Instant>,
) -> Instant {
    let end = now + wait;
    let mut deadline = wake(now);
    for _ in 0..WAKES_PER_WAIT {
        match deadline {
            Some(at) if at < end => deadline = wake(at),
            _ => {
                wake(end);
                return end;
            }
        }
    }
    panic!("Quiet: the deadline only creeps, and stands at {deadline:?} within {wait:?}");
}

/// Above these no honest machine comes: an event costs the peer a byte, but for a few at the end of
/// a stream or at a deadline.
const STEPS_PER_RUN: usize = 1000;
const STEPS_PER_BYTE: usize = 4;
const WAKES_PER_WAIT: usize = 100_000;
