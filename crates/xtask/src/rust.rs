//! The steps that cargo itself does: format, lint, test, document.
//!
//! All of them share one target directory and the same features, so that little is built twice.

use std::collections::BTreeSet;

use crate::house::PROTOCOL;
use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;
use crate::workspace::Workspace;

pub(crate) fn fmt() -> Outcome {
    component("rustfmt", "cargo fmt --version")?;
    sh("cargo fmt --all --check").run()?;
    sh("cargo fmt --manifest-path fuzz/Cargo.toml --check").run()?;
    Ok(Verdict::Passed)
}

pub(crate) fn clippy() -> Outcome {
    component("clippy", "cargo clippy --version")?;
    let warnings = ["--", "-D", "warnings"];
    let all = sh("cargo clippy --locked --workspace --all-targets --all-features");
    all.args(warnings).run()?;
    // Without the crates that ask for features, the others are seen without.
    let crates = PROTOCOL.iter().flat_map(|name| ["--package", name]);
    let bare = sh("cargo clippy --locked --lib --no-default-features");
    bare.args(crates).args(warnings).run()?;
    Ok(Verdict::Passed)
}

pub(crate) fn tests() -> Outcome {
    sh("cargo test --locked --workspace --all-features").run()?;
    Ok(Verdict::Passed)
}

/// Runs the vector tests once more, so that their counts are seen.
pub(crate) fn vectors() -> Outcome {
    let packages = Workspace::read()?.packages;
    let tests = packages.into_iter().flat_map(|package| package.tests);
    let vectors: BTreeSet<String> = tests.filter(|test| test.contains("vectors")).collect();
    if vectors.is_empty() {
        return Ok(Verdict::Skipped("no crate has a vector test".to_owned()));
    }
    let names = vectors.iter().flat_map(|name| ["--test", name]);
    let test = sh("cargo test --quiet --locked --workspace --all-features").args(names);
    test.args(["--", "--nocapture"]).run()?;
    // The frame cases share the kit of the connection's tests, so they are a module there.
    let frames = sh("cargo test --quiet --locked --workspace --all-features --test connection");
    frames.args(["vectors", "--", "--nocapture"]).run()?;
    Ok(Verdict::Passed)
}

pub(crate) fn docs() -> Outcome {
    let doc = sh("cargo doc --locked --workspace --all-features --no-deps");
    doc.env("RUSTDOCFLAGS", "-D warnings").run()?;
    Ok(Verdict::Passed)
}

/// Adds a part of the toolchain that a minimal installation lacks.
fn component(name: &str, probe: &str) -> Result<(), String> {
    if sh(probe).works() { Ok(()) } else { sh("rustup component add").arg(name).run() }
}
