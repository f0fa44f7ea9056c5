//! What went wrong in a run, counted, so that a test can tell that it did. Who makes it go wrong is
//! `mishap`'s business.

use std::fmt;

use tidewire::hub::ResetReason;

/// Something that went wrong, or that was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mishap {
    /// A wire broke; either end learnt it at a time of its own.
    Cut,
    /// A wire swallowed what was put into it, and later let it through.
    StallHealed,
    /// A wire swallowed what was put into it, and broke.
    StallBroken,
    /// A reader went on over another transport.
    Switch,
    /// A reader crashed before it took what came, and began again from what it kept.
    Crash,
    /// A reader came with a cursor that the log has not reached.
    Stranger,
    /// A reader refused an answer, as if it were garbled.
    Refusal,
    /// A reader took its bytes in drips.
    SlowReader,
    /// A host slept.
    Sleep,
    /// A host's clock was stepped forward.
    ClockForward,
    /// A host's clock was stepped back.
    ClockBack,
    /// Several events came at once, and who waits was woken after the last.
    Burst,
    /// The server was not to be reached.
    NoConnection,
    /// The server drained.
    Drain,
    /// It came back with another log.
    NewEpoch,
    /// It came back with the log that a store kept.
    Restored,
    /// The store lost the end of the log.
    Fork,
    /// A publisher's retry was recognised.
    RetryRecognised,
    /// Events were dropped while polls were held.
    TrimWhileHeld,
    /// A poll took the place of another.
    Superseded,
    /// A poll was let go by a server that drained.
    PollDrained,
    /// A poll was sent away, for too many were held.
    Shed,
    /// A cursor was told to have expired.
    ResetExpired,
    /// A cursor was told to be of another epoch.
    ResetEpoch,
    /// A cursor was told to be ahead of the log.
    ResetAhead,
    /// A stream ran out of credit and was given more.
    CreditRestored,
    /// A poll was refused, for no more may be held.
    Full,
    /// A poll was refused, for no more of its peer may be held.
    PeerFull,
    /// The life of an event stream was over.
    StreamExpired,
    /// Someone was gone for longer than the linger.
    WentAway,
    /// Someone was back within the linger.
    CameBack,
    /// A topic was closed.
    TopicClosed,
    /// Some readers may read a topic no more.
    TopicRevoked,
    /// A reader was told that its topics are closed.
    EndClosed,
    /// A reader was told that it may read none of its topics any more.
    EndRevoked,
    /// A reader was refused, for it may not read a topic.
    Forbidden,
    /// A publisher was told that its topic is closed.
    PublishedTooLate,
    /// A reader changed its topics over its WebSocket.
    TopicsChanged,
    /// A portal answered with a page, or with an answer that breaks off.
    Garbage,
    /// A portal sent a client away.
    SentAway,
    /// Nobody looked at a phone any more.
    Hidden,
    /// A phone was put away.
    Paused,
    /// A client sent something behind a poll that was held.
    PeerAhead,
    /// A client ended its side while a poll was held.
    PeerEnded,
    /// A reader began anew, with no cursor.
    BeganAnew,
}

impl Mishap {
    /// All of them.
    pub const ALL: [Self; 45] = [
        Self::Cut,
        Self::StallHealed,
        Self::StallBroken,
        Self::Switch,
        Self::Crash,
        Self::Stranger,
        Self::Refusal,
        Self::SlowReader,
        Self::Sleep,
        Self::ClockForward,
        Self::ClockBack,
        Self::Burst,
        Self::NoConnection,
        Self::Drain,
        Self::NewEpoch,
        Self::Restored,
        Self::Fork,
        Self::RetryRecognised,
        Self::TrimWhileHeld,
        Self::Superseded,
        Self::PollDrained,
        Self::Shed,
        Self::ResetExpired,
        Self::ResetEpoch,
        Self::ResetAhead,
        Self::CreditRestored,
        Self::Full,
        Self::PeerFull,
        Self::StreamExpired,
        Self::WentAway,
        Self::CameBack,
        Self::TopicClosed,
        Self::TopicRevoked,
        Self::EndClosed,
        Self::EndRevoked,
        Self::Forbidden,
        Self::PublishedTooLate,
        Self::TopicsChanged,
        Self::Garbage,
        Self::SentAway,
        Self::Hidden,
        Self::Paused,
        Self::PeerAhead,
        Self::PeerEnded,
        Self::BeganAnew,
    ];
}

/// How often each mishap happened, and what was achieved in spite of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    counts: [u64; Mishap::ALL.len()],
    /// From each way of following to each, in the order of [`Tally::WAYS`].
    switches: [[u64; 4]; 4],
    /// Events that were published.
    pub published: u64,
    /// Events that readers took.
    pub taken: u64,
}

impl Tally {
    /// The ways of following between which a reader switches.
    pub const WAYS: [&str; 4] = ["WebSocket", "EventStream", "LongPoll", "IntervalPoll"];

    /// How often it happened.
    #[must_use]
    pub fn of(&self, mishap: Mishap) -> u64 {
        self.counts[mishap as usize]
    }

    /// How often a reader went from one of the [`WAYS`](Self::WAYS) to another.
    #[must_use]
    pub fn switches(&self, from: usize, to: usize) -> u64 {
        self.switches[from][to]
    }

    /// Adds what happened in another run.
    pub fn add(&mut self, other: &Self) {
        let pairs = self.counts.iter_mut().zip(&other.counts);
        pairs.for_each(|(count, more)| *count += more);
        let pairs = self.switches.as_flattened_mut().iter_mut();
        let pairs = pairs.zip(other.switches.as_flattened());
        pairs.for_each(|(count, more)| *count += more);
        self.published += other.published;
        self.taken += other.taken;
    }

    pub(super) fn count(&mut self, mishap: Mishap) {
        self.counts[mishap as usize] += 1;
    }

    pub(super) fn switch(&mut self, from: usize, to: usize) {
        self.count(Mishap::Switch);
        self.switches[from][to] += 1;
    }

    pub(super) fn reset(&mut self, reason: ResetReason) {
        self.count(match reason {
            ResetReason::Expired => Mishap::ResetExpired,
            ResetReason::Epoch => Mishap::ResetEpoch,
            ResetReason::Ahead => Mishap::ResetAhead,
        });
    }
}

impl Default for Tally {
    fn default() -> Self {
        let counts = [0; Mishap::ALL.len()];
        Self { counts, switches: [[0; 4]; 4], published: 0, taken: 0 }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<16} {:>10}", "published", self.published)?;
        writeln!(f, "{:<16} {:>10}", "taken", self.taken)?;
        for mishap in Mishap::ALL {
            writeln!(f, "{:<16} {:>10}", format!("{mishap:?}"), self.of(mishap))?;
        }
        for (from, row) in Self::WAYS.iter().zip(&self.switches) {
            write!(f, "from {from:<13}")?;
            for (to, count) in Self::WAYS.iter().zip(row) {
                write!(f, " {count:>7} to {to}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
