//! Licences, bans, sources and advisories by `cargo deny`. What is allowed stands in `deny.toml`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;

pub(crate) fn deny() -> Outcome {
    if !is_installed() {
        return Ok(Verdict::Skipped("cargo-deny cannot be installed".to_owned()));
    }
    sh("cargo deny --locked --workspace check licenses bans sources").run()?;
    Ok(Verdict::Passed)
}

/// Checks against the copy of the advisory database that this machine has. It is not fetched here: a test
/// run asks nobody but the package registries.
pub(crate) fn advisories() -> Outcome {
    if !is_installed() {
        return Ok(Verdict::Skipped("cargo-deny cannot be installed".to_owned()));
    }
    if !has_database() {
        let reason = "no advisory database on this machine; `cargo deny fetch db` gets it";
        return Ok(Verdict::Skipped(reason.to_owned()));
    }
    sh("cargo deny --locked --workspace check --disable-fetch advisories").run()?;
    Ok(Verdict::Passed)
}

fn has_database() -> bool {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".cargo")));
    let databases = home.and_then(|home| fs::read_dir(home.join("advisory-dbs")).ok());
    databases.is_some_and(|mut found| found.any(|entry| entry.is_ok_and(|e| e.path().is_dir())))
}

/// Whether cargo-deny is there, installed now if need be, which takes two minutes.
fn is_installed() -> bool {
    sh("cargo deny --version").works() || sh("cargo install --locked cargo-deny").run().is_ok()
}
