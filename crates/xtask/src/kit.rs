//! Programs of the kit that speak for themselves: what they print is all that is printed, and how they end is
//! how the command ends.

use std::process::ExitCode;

use crate::say::warn;
use crate::shell::{Shell, sh};

/// The simulation: many seeds, or one with all that happens in it.
pub(crate) fn sim(options: &[&str]) -> ExitCode {
    speak(sh("cargo run --quiet --locked --release --package tidewire-tests --bin sim --"), options)
}

/// What push over HTTP has to get right, each with the tests that hold it.
pub(crate) fn behaviours(words: &[&str]) -> ExitCode {
    speak(sh("cargo run --quiet --locked --package tidewire-tests --bin behaviours --"), words)
}

fn speak(program: Shell, arguments: &[&str]) -> ExitCode {
    match program.args(arguments).code() {
        Ok(code) => code,
        Err(why) => {
            warn(format_args!("FAILED: {why}"));
            ExitCode::FAILURE
        }
    }
}
