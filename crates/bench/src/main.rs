//! Times the machines in memory: no socket, no clock inside, one thread. A crowd alone has sockets.
//!
//! `cargo run --release -p tidewire-bench [SUITE…]` prints, for each case, the median and the fastest
//! of its rounds in nanoseconds an operation, and the allocations an operation makes once warm. The
//! rounds of a suite's cases are interleaved, so that a slow moment of the machine hits all alike.
//! The suites with peers hold ours to our targets. Those of `ws` and `sse` do the same work over and over;
//! those of `poll` and `hub` time what happens once in the life of a crowd, in rounds of whole lives.
//! `crowd` starts the server and measures what thousands of clients cost it.
#![allow(clippy::print_stdout, reason = "printing figures is what this program is for")]

mod contest;
mod crowd;
mod harness;
mod heap;
mod hub;
mod instructions;
mod poll;
mod run;
mod sample;
mod sheet;
mod sse;
mod stopwatch;
mod suites;
mod summary;
mod table;
mod wide;
mod ws;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use harness::Effort;
use sse::Sse;
use ws::Ws;

/// Times the machines in memory.
#[derive(Parser)]
struct Arguments {
    /// What to time; without any, all but instructions and the crowd.
    suites: Vec<Suite>,
    /// Fewer and shorter rounds.
    #[arg(long)]
    quick: bool,
    /// Of the suites with peers, only cases whose name contains this, such as
    /// `receive/server/text`, `decode/delta/64KiB` or `one topic`. May be given again.
    #[arg(long, value_name = "PART")]
    only: Vec<String>,
    /// Clients in the crowd. Each takes an open file of the server, and one of this program.
    #[arg(long, value_name = "COUNT", default_value_t = 15_000)]
    clients: usize,
    /// Runs one contestant in the one case named by `--only` so many times, and prints nothing:
    /// something for a profiler to look at.
    #[arg(long, num_args = 2, value_names = ["CONTESTANT", "TIMES"], hide = true)]
    bare: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// A request and its response.
    Http,
    /// WebSocket beside its peers: receiving and sending, as either end.
    Ws,
    /// WebSocket beside its peers: instructions for each message, counted by valgrind.
    WsInstructions,
    /// Server-Sent Events beside their peers: decoding in several pieces, and encoding.
    Sse,
    /// Server-Sent Events beside their peers: instructions for each event, counted by valgrind.
    SseInstructions,
    /// Held polls, a thousand to a million of them, and their timers beside other timer queues.
    Poll,
    /// Events published to nobody, and to up to 100,000 who wait, beside other ways to tell them.
    Hub,
    /// Clients that one server holds at once, over real sockets: its memory for each, and one event
    /// for all.
    Crowd,
}

fn main() -> ExitCode {
    let Arguments { suites, quick, only, clients, bare } = Arguments::parse();
    let named = |suite| suites.contains(&suite);
    if let [name, times] = &bare[..] {
        return if named(Suite::Sse) {
            run::bare::<Sse>(name, times, &only)
        } else {
            run::bare::<Ws>(name, times, &only)
        };
    }
    let effort = if quick { Effort::QUICK } else { Effort::FULL };
    for (suite, name, cases) in suites::all() {
        if suites.is_empty() || named(suite) {
            harness::run(name, cases(), effort);
        }
    }
    let mut code = ExitCode::SUCCESS;
    if suites.is_empty() || named(Suite::Ws) {
        code = run::timed::<Ws>(&only, effort);
    }
    if suites.is_empty() || named(Suite::Sse) {
        code = run::timed::<Sse>(&only, effort);
    }
    if suites.is_empty() || named(Suite::Poll) {
        poll::run(&only, effort);
    }
    if suites.is_empty() || named(Suite::Hub) {
        hub::run(&only, effort);
    }
    if named(Suite::WsInstructions) {
        code = instructions::run::<Ws>(&only, &ws::USUAL);
    }
    if named(Suite::SseInstructions) {
        code = instructions::run::<Sse>(&only, &sse::USUAL);
    }
    if named(Suite::Crowd) {
        code = crowd::run(clients);
    }
    code
}
