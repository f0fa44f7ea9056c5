//! Licences, bans, sources and advisories by `cargo deny`. What is allowed stands in `deny.toml`.

use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;

pub(crate) fn deny() -> Outcome {
    if !is_installed() {
        return Ok(Verdict::Skipped("cargo-deny cannot be installed".to_owned()));
    }
    sh("cargo deny --locked --workspace check licenses bans sources").run()?;
    Ok(Verdict::Passed)
}

pub(crate) fn advisories() -> Outcome {
    if !is_installed() {
        return Ok(Verdict::Skipped("cargo-deny cannot be installed".to_owned()));
    }
    if sh("cargo deny fetch db").run().is_err() {
        return Ok(Verdict::Skipped("the advisory database is out of reach".to_owned()));
    }
    sh("cargo deny --locked --workspace check --disable-fetch advisories").run()?;
    Ok(Verdict::Passed)
}

/// Whether cargo-deny is there, installed now if need be, which takes two minutes.
fn is_installed() -> bool {
    sh("cargo deny --version").works() || sh("cargo install --locked cargo-deny").run().is_ok()
}
