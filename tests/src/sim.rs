//! A simulation that proves that nothing is lost: many readers over all transports, publishers that retry,
//! one server, and a network, hosts and a store on which everything goes wrong that may.
//!
//! One seed decides a whole run. There is no thread, no socket and no clock: what happens next is what is
//! next in a queue, at the instant at which it is due, so a run happens again bit for bit. The machines on
//! both sides are the real ones.
//!
//! | file | what it holds |
//! |---|---|
//! | `world` `running` | everything, and what happens next; how everyone is run |
//! | `queue` `clock` | what is going to happen; the hosts' clocks |
//! | `wire` `network` | bytes under way, and how they and bad news arrive |
//! | `plan` `mishap` | what a seed decides at once, and what goes wrong later |
//! | `feed` `polls` `streams` `reply` | the server's log, and whom it serves |
//! | `crowd` `ends` | who is there, what is closed, who may read which |
//! | `connection` `doing` `requests` `exchange` | one connection of the server, and what is said on it |
//! | `portal` `whim` | who answers in its place, and what its owners and readers do to it |
//! | `reader` `way` `machine` | a reader, how it follows, and the machine by which it does |
//! | `browser` `phone` `talker` | those that the composition's client is not: the last changes its topics |
//! | `publisher` `document` | who publishes, and what the two sides say to each other |
//! | `book` `standing` `account` `rhythm` `calm` | what must hold: of the log, of whom the hub serves, of what each reader is told, of when it asks, and at the end |
//! | `tally` `trace` | what happened: as counts, as a number, as lines |
//!
//! # What is promised
//!
//! - What is acknowledged to a publisher is in the log, once however often it was said.
//! - Each reader takes each event of its topics that the log keeps, in order and once, over whatever
//!   transports it comes; or is told of a gap, truly. Nothing comes that was not published.
//! - Who is told where it stands has missed nothing up to there, and the cursor of a reader whose topics
//!   are quiet moves along with the log. Who could go on is told of no gap, and who could not goes on with the
//!   oldest event that is kept.
//! - A poll is held no longer than its time and a tick, nor when its client goes on or ends its side, and
//!   answered once. No more are held than may be, and
//!   none is refused or sent away before.
//! - Who follows closed topics alone, or may read none of its own any more, is told so once: behind the last
//!   event, and nothing after it. Nobody is given what it may not read.
//! - Someone is in a topic as long as a connection of it is, and for the linger after the last.
//! - A poller asks when its rhythm has it and not while it is to stay away, whatever it is answered.
//! - When nothing goes wrong, all catch up, no stream ends, and news come in a trip or two (`calm` has the
//!   bounds). When all have gone, nothing is left of them.

mod account;
mod book;
mod browser;
mod calm;
mod clock;
mod connection;
mod crowd;
mod document;
mod doing;
mod ends;
mod exchange;
mod feed;
mod machine;
mod mishap;
mod network;
mod phone;
mod plan;
mod polls;
mod portal;
mod publisher;
mod queue;
mod reader;
mod reply;
mod requests;
mod rhythm;
mod running;
mod standing;
mod streams;
mod talker;
mod tally;
mod trace;
mod way;
mod whim;
mod wire;
mod world;

use std::panic::{self, AssertUnwindSafe};

pub use tally::{Mishap, Tally};
pub use trace::HEADER;
use world::World;

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Which promise was broken, if one was.
    pub broken: Option<String>,
    /// A number over all that happened: the same seed gives the same.
    pub digest: u64,
    /// What happened, if it was to be told.
    pub lines: Vec<String>,
    /// What went wrong.
    pub tally: Tally,
}

/// Runs the world of one seed. `told` keeps what happened as lines, which takes its time.
///
/// A broken promise is a panic inside, which is caught here: silence the panic hook to have many runs
/// without noise.
#[must_use]
pub fn run(seed: u64, told: bool) -> Run {
    let mut world = World::new(seed, told);
    let broken = panic::catch_unwind(AssertUnwindSafe(|| world.run())).err().map(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned())
    });
    let World { trace, feed, .. } = world;
    Run { broken, digest: trace.digest(), tally: feed.tally, lines: trace.into_lines() }
}
