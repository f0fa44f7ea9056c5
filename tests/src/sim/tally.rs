//! What went wrong in a run, counted, so that a test can tell that it did. Who makes it go wrong is
//! `mishap`'s business.

use std::fmt;

use tidewire::hub::ResetReason;

/// Declares what may go wrong: its names, and what each means.
macro_rules! mishaps {
    ($($name:ident = $about:literal,)*) => {
        /// Something that went wrong, or that was done about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Mishap {
            $(#[doc = $about] $name,)*
        }

        impl Mishap {
            /// All of them.
            pub const ALL: [Self; [$($about),*].len()] = [$(Self::$name),*];

            /// What it means.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$name => $about,)*
                }
            }
        }
    };
}

mishaps! {
    Cut = "A wire broke; either end learnt it at a time of its own",
    StallHealed = "A wire swallowed what was put into it, and later let it through",
    StallBroken = "A wire swallowed what was put into it, and broke",
    Switch = "A reader went on over another transport",
    Crash = "A reader crashed before it took what came, and began again from what it kept",
    Stranger = "A reader came with a cursor that the log has not reached",
    Refusal = "A reader refused an answer, as if it were garbled",
    SlowReader = "A reader took its bytes in drips",
    Sleep = "A host slept",
    ClockForward = "A host's clock was stepped forward",
    ClockBack = "A host's clock was stepped back",
    Burst = "Several events came at once, and who waits was woken after the last",
    NoConnection = "The server was not to be reached",
    Drain = "The server drained",
    NewEpoch = "It came back with another log",
    Restored = "It came back with the log that a store kept",
    Fork = "The store lost the end of the log",
    RetryRecognised = "A publisher's retry was recognised",
    TrimWhileHeld = "Events were dropped while polls were held",
    Superseded = "A poll took the place of another",
    PollDrained = "A poll was let go by a server that drained",
    Shed = "A poll was sent away, for too many were held",
    ResetExpired = "A cursor was told to have expired",
    ResetEpoch = "A cursor was told to be of another epoch",
    ResetAhead = "A cursor was told to be ahead of the log",
    CreditRestored = "A stream ran out of credit and was given more",
    Full = "A poll was refused, for no more may be held",
    PeerFull = "A poll was refused, for no more of its peer may be held",
    StreamExpired = "The life of an event stream was over",
    WentAway = "Someone was gone for longer than the linger",
    CameBack = "Someone was back within the linger",
    TopicClosed = "A topic was closed",
    TopicRevoked = "Some readers may read a topic no more",
    EndClosed = "A reader was told that its topics are closed",
    EndRevoked = "A reader was told that it may read none of its topics any more",
    Forbidden = "A reader was refused, for it may not read a topic",
    PublishedTooLate = "A publisher was told that its topic is closed",
    TopicsChanged = "A reader changed its topics over its WebSocket",
    Garbage = "A portal answered with a page, or with an answer that breaks off",
    SentAway = "A portal sent a client away",
    Hidden = "Nobody looked at a phone any more",
    Paused = "A phone was put away",
    PeerAhead = "A client sent something behind a poll that was held",
    PeerEnded = "A client ended its side while a poll was held",
    BeganAnew = "A reader began anew, with no cursor",
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

    /// What each line of a tally means.
    #[must_use]
    pub fn legend() -> String {
        let mishaps = Mishap::ALL.map(|mishap| (format!("{mishap:?}"), mishap.about()));
        let counts =
            [("published", "Events that were published"), ("taken", "Events that readers took")];
        let counts = counts.map(|(name, about)| (name.to_owned(), about));
        let ways = ("from A .. to B".to_owned(), "Readers that went on over another transport");
        let lines = counts.into_iter().chain(mishaps).chain([ways]);
        lines.map(|(name, about)| format!("{name:<16} {about}\n")).collect()
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
