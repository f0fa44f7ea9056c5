//! Builds the crates that need no std where there is none. What they may name is `purity`'s business.

use std::path::Path;

use crate::house::PROTOCOL;
use crate::outcome::{Outcome, Verdict};
use crate::shell::sh;

/// Bare metal, where nothing but `core` and `alloc` exists; and the browser's machine.
const TARGETS: [&str; 2] = ["thumbv7em-none-eabi", "wasm32-unknown-unknown"];

/// What needs no std either, though it holds no protocol.
const ADAPTERS: [&str; 1] = ["tidewire-futures"];

pub(crate) fn no_std() -> Outcome {
    let mut missing = Vec::new();
    for target in TARGETS {
        if !is_installed(target) && sh("rustup target add").arg(target).run().is_err() {
            missing.push(target);
            continue;
        }
        let crates = || PROTOCOL.iter().chain(&ADAPTERS).flat_map(|name| ["--package", name]);
        let build = || sh("cargo build --locked --no-default-features --target").arg(target);
        build().args(crates()).run()?;
        build().args(crates()).args(["--features", "tidewire/deflate,tidewire-hub/seal"]).run()?;
    }
    if missing.is_empty() {
        Ok(Verdict::Passed)
    } else {
        Ok(Verdict::Skipped(format!("rustup cannot add {}", missing.join(", "))))
    }
}

fn is_installed(target: &str) -> bool {
    let directory = sh("rustc --print target-libdir --target").arg(target).read();
    directory.is_ok_and(|directory| Path::new(&directory).is_dir())
}
