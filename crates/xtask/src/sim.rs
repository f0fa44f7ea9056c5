//! `cargo xtask sim`: the simulation in which nothing may be lost. What it simulates, the kit knows.

use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;

/// Seeds of a run in `cargo xtask test`.
const SEEDS: &str = "20000";

/// So many seeds, on all cores.
pub(crate) fn sim() -> Outcome {
    chosen(&["--seeds", SEEDS])
}

/// The seeds that the options choose: `--seeds N`, `--from S`, or `--seed N --trace`.
pub(crate) fn chosen(options: &[&str]) -> Outcome {
    let run = sh("cargo run --quiet --locked --release --package tidewire-tests --bin sim --");
    run.args(options).run()?;
    Ok(Verdict::Passed)
}
