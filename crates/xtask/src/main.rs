//! `cargo xtask`: the project's own commands. What a step does stands in its own file.
#![allow(clippy::print_stdout, reason = "printing is how a command line tool speaks")]

mod autobahn;
mod browser;
mod deny;
mod fuzz;
mod house;
mod miri;
mod no_std;
mod outcome;
mod planted;
mod purity;
mod report;
mod running;
mod rust;
mod shell;
mod sim;
mod steps;
mod stopwatch;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::outcome::{Outcome, Verdict};
use crate::report::run;
use crate::steps::{STEPS, Step};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["test"] => run(&STEPS.iter().collect::<Vec<_>>()),
        ["fuzz", ref options @ ..] => told(fuzz::fuzz(options).map(|()| Verdict::Passed)),
        ["miri"] => told(miri::miri()),
        ["behaviours"] => told(rust::behaviours()),
        ["sim", ref options @ ..] if !options.is_empty() => told(sim::chosen(options)),
        ["planted", ref words @ ..] => told(planted::planted(words)),
        ["autobahn", ref options @ ..] if !options.is_empty() => told(autobahn::chosen(options)),
        [] | ["help" | "--help" | "-h"] => help(),
        ref names => match names.iter().map(|name| named(name)).collect::<Option<Vec<_>>>() {
            Some(steps) => run(&steps),
            None => {
                println!("no such command: cargo xtask {}", names.join(" "));
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
            println!("SKIPPED: {reason}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            println!("FAILED: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn named(name: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.name == name)
}

fn help() -> ExitCode {
    println!("cargo xtask test                          every step below, in order");
    println!("cargo xtask fuzz [--seconds N] [TARGET]   fuzzes one target, or each in turn");
    println!("cargo xtask miri                          looks for undefined behaviour in tests");
    println!(
        "cargo xtask behaviours                    lists what polling has to get right, and the tests"
    );
    println!("cargo xtask autobahn [--whole] [--server] [--client] [CASE]...");
    println!(
        "                                          its cases, a sample of them or such as 6.4.*"
    );
    println!("cargo xtask sim [--seeds N] [--from S]   the simulation, from any seed on");
    println!("cargo xtask sim --seed N [--trace]       one seed, and all that happens");
    println!("cargo xtask planted [WORD]...            whether the simulation finds planted bugs");
    println!("cargo xtask STEP...");
    for Step { name, about, .. } in STEPS {
        println!("    {name:<10} {about}");
    }
    ExitCode::SUCCESS
}
