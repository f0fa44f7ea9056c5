//! The limits and periods of both machines. What happens at a limit stands at its field.

use core::time::Duration;

use tidewire_core::Backoff;
use tidewire_hub::{Batch, Start};

/// The limits of a [`Park`](crate::Park).
///
/// A held poll takes 56 bytes, 6 more if it names its client, and 13 more for each peer that has polls
/// held; twice that where a table has just grown. A set of topics that is waited for takes about 500
/// bytes here and in the hub, and its names. What the fullest moment took is kept for the next, but for
/// a set's list of its polls.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParkConfig {
    /// Shortest time to hold a poll that wants to wait. Default 1 s, so that nobody polls faster by
    /// asking for a short wait. A poll that asks for less is held so long; one that asks for no wait
    /// is not held. Above `max_wait` it counts as that.
    pub min_wait: Duration,
    /// Longest time to hold a poll. Default 55 s, below the 60 s after which common proxies give up.
    /// A poll that asks for more is held so long. Zero makes every poll an interval poll.
    pub max_wait: Duration,
    /// How much of its wait a poll may lose, in percent, so that polls which came together do not
    /// leave together. Default 10. It is taken off, so a proxy's bound is kept. Above 100 counts as
    /// 100.
    pub jitter_percent: u32,
    /// How much an answer carries at most. Default 256 events, 256 KiB. More waits for the next poll.
    pub max_batch: Batch,
    /// How long news may wait for more to come along. Default zero: it adds no latency. The first
    /// event that ends a wait begins it; it ends early with a full batch, and with the time of any
    /// poll that it is for.
    pub linger: Duration,
    /// Places for polls at one time, whether they are held or were sent away lately. Default 131,072,
    /// about 10 MB were all held. One more is refused with 503, unless it supersedes one: that gives up
    /// its place, and is answered by the next [`next_answer`](crate::Park::next_answer). Zero refuses
    /// every poll that would wait.
    pub max_holds: usize,
    /// Held polls from which on new ones are sent away: answered at once and told to come back later.
    /// Default 104,857, four fifths of `max_holds`. Polls that are held stay so. Who is sent away takes
    /// one of the places between this and `max_holds`, which become vacant again at
    /// `comeback_polls_per_second`: a crowd is told when to come back, and a storm that heeds no such
    /// word meets 503. From `max_holds` on there is no such place, and nobody is sent away.
    pub shed_above: usize,
    /// Polls held for one peer. Default 128, room for an office behind one address. One more is
    /// refused with 429. Above 65,535 counts as that.
    pub max_holds_per_peer: usize,
    /// Polls a second that those who were sent away, or let go by a drain, may amount to. Default
    /// 2,000: a core answers ten times as many. They are told to stay away for a time from a second
    /// to as long as all who are held need at this rate. Zero counts as one.
    pub comeback_polls_per_second: u32,
    /// Polls that one answer is for. Default 1,024: what wakes a million becomes a thousand steps
    /// between which others are served. The rest follows in later steps. Zero counts as one.
    pub max_holds_per_answer: usize,
    /// The time over which held polls are let go once the server goes away. Default 10 s. With zero
    /// all go at once.
    pub drain_within: Duration,
}

impl Default for ParkConfig {
    fn default() -> Self {
        Self {
            min_wait: Duration::from_secs(1),
            max_wait: Duration::from_secs(55),
            jitter_percent: 10,
            max_batch: Batch::default(),
            max_holds: 131_072,
            shed_above: 104_857,
            max_holds_per_peer: 128,
            comeback_polls_per_second: 2_000,
            max_holds_per_answer: 1_024,
            linger: Duration::ZERO,
            drain_within: Duration::from_secs(10),
        }
    }
}

/// The periods of a [`Poller`](crate::Poller).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PollerConfig {
    /// Whether the server holds a poll. Default long-polling with 25 s.
    pub mode: Mode,
    /// Where to begin. Default `Start::Now`; a client that kept its cursor begins after it.
    pub start: Start,
    /// How long after its wait a poll may stay unanswered. Default 10 s, for the network and for
    /// servers that add to the wait. After that the poll counts as failed.
    pub grace: Duration,
    /// How long after its head the body of an answer may take to be read and taken. Default 30 s.
    /// After that the poll counts as failed.
    pub take_within: Duration,
    /// The wait after failures. Default from at most 0.5 s up to 30 s.
    pub backoff: Backoff,
    /// The media type of the answers, parameters apart. Default `application/json`. A 200 or 410 of
    /// another one is no answer of the server's.
    pub media_type: &'static str,
    /// The period of polling while the application is [hidden](crate::Poller::hide). Default 60 s.
    pub hidden_every: Duration,
    /// The longest time to stay away because the server says so, and the longest period that its hint
    /// can bring about. Default 5 minutes: an absurd `Retry-After` must not end the stream. Up to a
    /// fifth is added at random, so that those who are told the same do not come back together.
    pub max_retry_after: Duration,
    /// How often polls may follow each other in the long run. Default one in 50 ms: events that come
    /// faster arrive in larger batches instead. A server that has more and hints at a longer time
    /// gets one poll in that time.
    pub min_gap: Duration,
    /// How many polls may follow each other at once after a pause, however long that was. Default 2:
    /// news, and then the poll that waits. Zero counts as one.
    pub burst: u32,
}

/// Whether the server holds a poll until there is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does, and the next poll follows at once. Until there is a cursor it does not.
    Long {
        /// How long it shall hold the poll.
        wait: Duration,
    },
    /// It answers at once, and the next poll follows a period later.
    Interval {
        /// The period, drawn anew each time from 90 % to 110 % of this. The server's hint adapts it
        /// for one poll: up to [`max_retry_after`](PollerConfig::max_retry_after), and never below
        /// this. A hint of a second or less is the rhythm for those who have none, and changes
        /// nothing.
        every: Duration,
    },
}

impl Default for PollerConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Long { wait: crate::Ask::DEFAULT_WAIT },
            start: Start::Now,
            grace: Duration::from_secs(10),
            take_within: Duration::from_secs(30),
            media_type: "application/json",
            hidden_every: Duration::from_secs(60),
            backoff: Backoff::new(Duration::from_millis(500), Duration::from_secs(30)),
            max_retry_after: Duration::from_secs(300),
            min_gap: Duration::from_millis(50),
            burst: 2,
        }
    }
}
