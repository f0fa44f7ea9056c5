//! Times the machines in memory: no socket, no clock inside, one thread.
//!
//! `cargo run --release -p tidewire-bench [SUITE…]` prints, for each case, the median and the fastest
//! of its rounds in nanoseconds an operation, and the allocations an operation makes once warm. The
//! rounds of a suite's cases are interleaved, so that a slow moment of the machine hits all alike.
#![allow(clippy::print_stdout, reason = "printing figures is what this program is for")]

mod harness;
mod suites;

use std::process::ExitCode;

use harness::run;

fn main() -> ExitCode {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let all = suites::all();
    if let Some(unknown) = named.iter().find(|name| all.iter().all(|(suite, _)| suite != name)) {
        let known: Vec<&str> = all.iter().map(|(suite, _)| *suite).collect();
        eprintln!("no suite {unknown:?}; there are: {}", known.join(" "));
        return ExitCode::from(2);
    }
    for (suite, cases) in all {
        if named.is_empty() || named.iter().any(|name| name == suite) {
            run(suite, cases());
        }
    }
    ExitCode::SUCCESS
}
