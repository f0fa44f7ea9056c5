//! `cargo xtask fuzz`: one target, or each in turn. The bodies stand in the kit.

use std::fs;

use crate::shell::{root, sh};
use crate::workspace::Workspace;

/// Fuzzes for so many seconds a target; found inputs stay below the target directory.
pub(crate) fn fuzz(options: &[&str]) -> Result<(), String> {
    let (seconds, rest) = match options {
        ["--seconds", seconds, rest @ ..] => (*seconds, rest),
        rest => ("60", rest),
    };
    if seconds.parse::<u32>().is_err() {
        return Err(format!("--seconds takes a number, not {seconds}"));
    }
    if !sh("cargo +nightly fuzz --version").works() {
        let tools = "`rustup toolchain install nightly` and `cargo install cargo-fuzz`";
        return Err(format!("fuzzing needs {tools}; the corpus alone runs in `cargo xtask tests`"));
    }
    let known = targets()?;
    let chosen: Vec<&str> = match rest {
        [] => known.iter().map(String::as_str).collect(),
        [target] if known.iter().any(|name| name == target) => vec![target],
        _ => return Err(format!("the targets are {}", known.join(", "))),
    };
    let target_dir = Workspace::read()?.target_dir;
    for target in chosen {
        let (found, seeds) = (target_dir.join("fuzz-found"), target_dir.join("fuzz-seeds"));
        let (found, seeds) = (found.join(target), seeds.join(target));
        fs::create_dir_all(&found).map_err(|error| error.to_string())?;
        let write = sh("cargo run --quiet --locked --package tidewire-tests --example seeds --");
        write.arg(target).arg(&seeds).run()?;
        let run = sh("cargo +nightly fuzz run").arg(target).arg(&found);
        let run = run.arg(root().join("fuzz/corpus").join(target)).arg(&seeds);
        run.args(["--", &format!("-max_total_time={seconds}")]).run()?;
    }
    Ok(())
}

fn targets() -> Result<Vec<String>, String> {
    let list = sh("cargo +nightly fuzz list").read()?;
    Ok(list.lines().map(str::to_owned).collect())
}
