//! The step `sim`: the simulation in which nothing may be lost. What it simulates, the kit knows.

use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;

/// The seeds that are run if nobody says which, on all cores.
pub(crate) fn sim() -> Outcome {
    sh("cargo run --quiet --locked --release --package tidewire-tests --bin sim").run()?;
    Ok(Verdict::Passed)
}
