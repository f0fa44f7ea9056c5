//! `cargo xtask`: the project's own commands. What a step does stands in its own file.
#![allow(clippy::print_stdout, reason = "printing is how a command line tool speaks")]

mod browser;
mod deny;
mod fuzz;
mod house;
mod no_std;
mod outcome;
mod purity;
mod report;
mod rust;
mod shell;
mod steps;
mod workspace;

use std::env;
use std::process::ExitCode;

use crate::report::run;
use crate::steps::{STEPS, Step};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["test"] => run(&STEPS.iter().collect::<Vec<_>>()),
        ["fuzz", ref options @ ..] => match fuzz::fuzz(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                println!("FAILED: {reason}");
                ExitCode::FAILURE
            }
        },
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

fn named(name: &str) -> Option<&'static Step> {
    STEPS.iter().find(|step| step.name == name)
}

fn help() -> ExitCode {
    println!("cargo xtask test                          every step below, in order");
    println!("cargo xtask fuzz [--seconds N] [TARGET]   fuzzes one target, or each in turn");
    println!("cargo xtask STEP...");
    for Step { name, about, .. } in STEPS {
        println!("    {name:<10} {about}");
    }
    ExitCode::SUCCESS
}
