//! `cargo xtask miri`: tests under an interpreter that sees undefined behaviour. Which of them are
//! too long for it, and what it looks at instead, stands beside the tests.

use crate::outcome::{Outcome, Verdict};
use crate::shell::{Shell, sh};

/// Where a word is short, and where its first byte is the highest. Nothing needs to be linked.
const TARGETS: [&str; 2] = ["i686-unknown-linux-gnu", "s390x-unknown-linux-gnu"];

pub(crate) fn miri() -> Outcome {
    if !sh("cargo +nightly --version").works() {
        return Err("Miri needs `rustup toolchain install nightly`".to_owned());
    }
    sh("rustup component add miri rust-src --toolchain nightly").run()?;
    test("--no-default-features").run()?;
    // Miri's processor has what the build demands: so `mask::wide` runs, too.
    test("--all-features").env("RUSTFLAGS", "-C target-feature=+avx2").run()?;
    for target in TARGETS {
        test("--all-features --target").arg(target).run()?;
    }
    Ok(Verdict::Passed)
}

/// The crates that have `unsafe` or lend what they keep, and the one whose buffers they lend.
fn test(options: &str) -> Shell {
    let packages = ["core", "ws", "sse"].map(|name| format!("--package=tidewire-{name}"));
    let test = sh("cargo +nightly miri test --locked --lib --tests").args(packages);
    // The vectors are read from files, and what chance finds is not kept.
    test.args(options.split_whitespace())
        .env("MIRIFLAGS", "-Zmiri-disable-isolation -Zmiri-strict-provenance")
        .env("PROPTEST_CASES", "1")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
}
