//! `cargo xtask planted`: plants bugs in a copy of the sources, one at a time, and looks whether the
//! simulation finds each. Which bugs, the tables below say.

mod bugs;

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use self::bugs::Bug;
use crate::outcome::{Outcome, Verdict};
use crate::say::{say, warn};
use crate::shell::root;
use crate::stopwatch::{now, seconds};
use crate::workspace::Workspace;

/// Seeds after which a bug counts as not found.
const SEEDS: u64 = 20_000;

/// Plants all bugs, or those whose names hold one of these words.
pub(crate) fn planted(words: &[&str]) -> Outcome {
    let is_chosen =
        |bug: &&Bug| words.is_empty() || words.iter().any(|word| bug.name.contains(word));
    let bugs: Vec<&Bug> = bugs::all().filter(is_chosen).collect();
    if bugs.is_empty() {
        return Err("no bug has such a name".to_owned());
    }
    warn("building…");
    let copy = Copy::new()?;
    copy.build()?;
    if let Found::At { seed, .. } = copy.simulate(SEEDS / 10)? {
        return Err(format!("the simulation fails with no bug, at seed {seed}"));
    }
    say(format_args!("{:>2} {:>7}  {:<62} found by", "#", "time", "bug"));
    let mut survivors = 0;
    for (index, bug) in bugs.iter().enumerate() {
        let start = now();
        let found = copy.plant(bug)?;
        let line = match found {
            Found::At { seed, told } => format!("seed {seed:<6} {told}"),
            Found::Never => {
                survivors += 1;
                "NOT FOUND".to_owned()
            }
        };
        let took = seconds(start.elapsed());
        say(format_args!("{:>2} {took:>7}  {:<62} {line}", index + 1, bug.name));
    }
    let all = bugs.len();
    say(format_args!("{} of {all} found", all - survivors));
    match survivors {
        0 => Ok(Verdict::Passed),
        some => Err(format!("{some} of {all} bugs were not found")),
    }
}

/// How the command is used, and which bugs there are.
pub(crate) fn usage() -> String {
    let names: String = bugs::all().map(|bug| format!("\n    {}", bug.name)).collect();
    format!(
        "cargo xtask planted [WORD]...             whether the simulation finds planted bugs: all of \
         them, or\n                                          those whose names hold one of the words\n{names}"
    )
}

/// What came of a simulation.
enum Found {
    Never,
    At { seed: u64, told: String },
}

/// A copy of the sources, with a target directory that lasts.
struct Copy {
    sources: TempDir,
    target: std::path::PathBuf,
}

impl Copy {
    fn new() -> Result<Self, String> {
        let told = |error: std::io::Error| format!("cannot copy the sources: {error}");
        let sources = tempfile::tempdir().map_err(told)?;
        let to = sources.path();
        for name in ["crates", "tests"] {
            copy(&root().join(name), &to.join(name)).map_err(told)?;
        }
        for name in ["Cargo.toml", "Cargo.lock", "README.md", "clippy.toml"] {
            fs::copy(root().join(name), to.join(name)).map_err(told)?;
        }
        let target = Workspace::read()?.target_dir.join("planted");
        Ok(Self { sources, target })
    }

    /// Plants a bug, lets the simulation look for it, and takes it out again.
    fn plant(&self, bug: &Bug) -> Result<Found, String> {
        let path = self.sources.path().join(bug.file);
        let told = |error: std::io::Error| format!("{}: {error}", bug.file);
        let clean = fs::read_to_string(&path).map_err(told)?;
        fs::write(&path, planted_in(&clean, bug)?).map_err(told)?;
        let found = self.build().and_then(|()| self.simulate(SEEDS));
        fs::write(&path, clean).map_err(told)?;
        found.map_err(|error| format!("{}: {error}", bug.name))
    }

    /// Builds the simulation: fast to build rather than fast to run.
    fn build(&self) -> Result<(), String> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--locked", "--release", "--bin", "sim"]);
        cargo.args(["--package", "tidewire-tests", "--target-dir"]).arg(&self.target);
        for (key, value) in [
            ("CARGO_INCREMENTAL", "1"),
            ("CARGO_PROFILE_RELEASE_LTO", "off"),
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
            ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
            ("RUSTFLAGS", "-Awarnings"),
        ] {
            cargo.env(key, value);
        }
        let output = cargo.current_dir(self.sources.path()).output();
        let output = output.map_err(|error| format!("cargo build: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(format!("it does not build:\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn simulate(&self, seeds: u64) -> Result<Found, String> {
        let mut sim = Command::new(self.target.join("release/sim"));
        let output = sim.args(["--seeds", &seeds.to_string()]).output();
        let output = output.map_err(|error| format!("the simulation: {error}"))?;
        let text = String::from_utf8_lossy(&output.stderr);
        if output.status.success() {
            return Ok(Found::Never);
        }
        let failed = text.split_once("FAILED at seed ").and_then(|(_, rest)| rest.split_once(": "));
        let (seed, told) = failed.ok_or("the simulation failed without a word")?;
        let seed = seed.parse().map_err(|_| "the simulation failed at no seed")?;
        Ok(Found::At { seed, told: told.lines().next().unwrap_or_default().to_owned() })
    }
}

/// The text of a file with a bug in it.
fn planted_in(clean: &str, bug: &Bug) -> Result<String, String> {
    match clean.matches(bug.text).count() {
        1 => Ok(clean.replacen(bug.text, bug.replacement, 1)),
        count => Err(format!("{}: its text stands {count} times in {}", bug.name, bug.file)),
    }
}

/// Copies what a directory holds, whatever was built in it apart.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, to) = (entry.file_name(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true if name == "target" => {}
            true => copy(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bug_has_its_text_once_and_a_name_of_its_own() {
        for (index, bug) in bugs::all().enumerate() {
            let clean = fs::read_to_string(root().join(bug.file)).expect(bug.file);
            let planted = planted_in(&clean, bug).expect(bug.name);
            assert_ne!(planted, clean, "{}", bug.name);
            assert!(bugs::all().take(index).all(|other| other.name != bug.name), "{}", bug.name);
        }
    }
}
