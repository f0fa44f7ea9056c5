//! `cargo xtask`: the project's own commands. What a step does stands in its own file.
#![allow(clippy::print_stdout, reason = "printing is how a command line tool speaks")]

mod autobahn;
mod browser;
mod deny;
mod fuzz;
mod house;
mod kit;
mod miri;
mod no_std;
mod outcome;
mod planted;
mod purity;
mod report;
mod running;
mod rust;
mod say;
mod shell;
mod sim;
mod steps;
mod stopwatch;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::outcome::{Outcome, Verdict};
use crate::report::run;
use crate::say::{say, warn};
use crate::steps::{STEPS, Step};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["test"] => run(&STEPS.iter().collect::<Vec<_>>()),
        ["fuzz", ref options @ ..] => told(fuzz::fuzz(options).map(|()| Verdict::Passed)),
        ["miri"] => told(miri::miri()),
        ["behaviours", "--help" | "-h"] => usage(BEHAVIOURS),
        ["behaviours", ref words @ ..] => kit::behaviours(words),
        ["sim", ref options @ ..] => kit::sim(options),
        ["planted", "--help" | "-h"] => usage(&planted::usage()),
        ["planted", ref words @ ..] => told(planted::planted(words)),
        ["autobahn", ref options @ ..] if !options.is_empty() => told(autobahn::chosen(options)),
        [] | ["help" | "--help" | "-h"] => help(),
        ref names => match names.iter().map(|name| named(name)).collect::<Option<Vec<_>>>() {
            Some(steps) => run(&steps),
            None => {
                warn(format_args!("no such command: cargo xtask {}", names.join(" ")));
                help();
                ExitCode::FAILURE
            }
        },
    }
}

fn told(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Verdict::Passed) => ExitCode::SUCCESS,
        Ok(Verdict::Skipped(reason)) => {
            say(format_args!("SKIPPED: {reason}"));
            ExitCode::SUCCESS
        }
        Err(reason) => {
            warn(format_args!("FAILED: {reason}"));
            ExitCode::FAILURE
        }
    }
}

fn named(name: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.name == name)
}

fn usage(text: &str) -> ExitCode {
    say(text);
    ExitCode::SUCCESS
}

fn help() -> ExitCode {
    let steps: String =
        STEPS.iter().map(|Step { name, about, .. }| format!("    {name:<10} {about}\n")).collect();
    usage(&format!("{COMMANDS}\ncargo xtask STEP...\n{}", steps.trim_end()))
}

const BEHAVIOURS: &str = "\
cargo xtask behaviours [WORD]...          lists what polling has to get right, and the tests: all of it,
                                          or what has one of the words in its name, text or tests";

const COMMANDS: &str = "\
cargo xtask test                          every step below, in order
cargo xtask fuzz [--seconds N] [TARGET]   fuzzes one target, or each in turn
cargo xtask miri                          looks for undefined behaviour in tests
cargo xtask behaviours [WORD]...          lists what polling has to get right, and the tests
cargo xtask autobahn [--whole] [--server] [--client] [CASE]...
                                          its cases, a sample of them or such as 6.4.*
cargo xtask sim [--seeds N] [--from S]    the simulation, from any seed on
cargo xtask sim --seed N [--trace]        one seed, and all that happens
cargo xtask planted [WORD]...             whether the simulation finds planted bugs";
