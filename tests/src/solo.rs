//! One end whose peer is the test: bytes and time by hand. Two machines meet in `link`.

use std::fmt::Debug;
use std::time::Duration;

use bytes::Buf;
use tidewire_core::{Instant, Protocol};

use crate::end::{End, pass};
use crate::trace::Trace;

/// An end with virtual time. What is fed beyond the inbox's room waits its turn, as in a socket.
pub struct Solo<M: Protocol> {
    /// The end itself.
    pub end: End<M>,
    now: Instant,
    waiting: Vec<u8>,
    sent: Vec<u8>,
}

/// What a run of one end came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The events and the error.
    pub trace: Trace,
    /// The bytes that were sent.
    pub sent: Vec<u8>,
    /// Whether the writing side was ended.
    pub ended: bool,
    /// Whether there was an error.
    pub failed: bool,
}

impl<M: Protocol<Error: Debug>> Solo<M> {
    /// An end at the origin of time, whose peer reads all it is sent at once.
    #[must_use]
    pub fn new(end: End<M>) -> Self {
        Self { end, now: Instant::ORIGIN, waiting: Vec::new(), sent: Vec::new() }
    }

    /// The instant at which the end stands.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Sends `bytes` to the machine. After its error they are not read any more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.turn(self.now);
        while self.read() {
            self.turn(self.now);
        }
    }

    /// Ends the stream to the machine.
    pub fn finish(&mut self) {
        self.end.inbox.end();
        self.turn(self.now);
    }

    /// Lets time pass, from deadline to deadline.
    pub fn wait(&mut self, wait: Duration) {
        self.now = pass(self.now, wait, |now| {
            self.turn(now);
            self.end.machine.deadline()
        });
    }

    /// Runs the machine at another instant, which may lie in the past, and forgets it again.
    pub fn glance(&mut self, now: Instant) {
        self.turn(now);
    }

    /// The bytes that were given and not eaten.
    #[must_use]
    pub fn left(&self) -> Vec<u8> {
        [self.end.inbox.as_slice(), &self.waiting].concat()
    }

    /// What the run came to so far.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome {
            trace: self.end.trace.clone(),
            sent: self.sent.clone(),
            ended: self.end.outbox.is_ended(),
            failed: self.end.error.is_some(),
        }
    }

    /// Whether the inbox took more of what waits.
    fn read(&mut self) -> bool {
        let len = self.end.inbox.room().min(self.waiting.len());
        if len == 0 || self.end.error.is_some() {
            return false;
        }
        self.end.inbox.push(&self.waiting[..len]);
        self.waiting.drain(..len);
        true
    }

    fn turn(&mut self, now: Instant) {
        self.end.run(now);
        while self.end.outbox.has_remaining() {
            let chunk = self.end.outbox.chunk();
            let len = chunk.len();
            self.sent.extend_from_slice(chunk);
            self.end.outbox.advance(len);
        }
    }
}
