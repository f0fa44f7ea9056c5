//! The simulation over some seeds, and whether it is worth its name: all that may go wrong does, and a run
//! happens again bit for bit. `cargo xtask sim` runs many seeds.

use std::process::Command;

use tidewire_tests::sim::{self, Mishap, Run, Tally};

/// Enough that each mishap happens; few enough for a build without optimisation.
const SEEDS: u64 = 400;

#[test]
fn nothing_is_lost_and_everything_goes_wrong() {
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let run = sim::run(seed, false);
        assert_eq!(run.broken, None, "seed {seed}: see `cargo xtask sim --seed {seed}`");
        tally.add(&run.tally);
    }
    println!("{tally}");
    for mishap in Mishap::ALL {
        assert!(tally.of(mishap) >= 10, "hardly ever: {mishap:?}");
    }
    for (from, to) in (0..4).flat_map(|from| (0..4).map(move |to| (from, to))) {
        assert!(from == to || tally.switches(from, to) >= 10, "hardly ever: {from} to {to}");
    }
    assert!(tally.taken > tally.published, "most events find several readers");
}

#[test]
fn a_seed_runs_again_bit_for_bit() {
    for seed in 0..5 {
        let (one, other) = (sim::run(seed, true), sim::run(seed, true));
        assert_eq!((one.digest, &one.lines), (other.digest, &other.lines));
        assert_eq!(sim::run(seed, false).digest, one.digest, "telling changes nothing");
        assert_ne!(sim::run(seed + 1, false).digest, one.digest);
    }
}

#[test]
fn a_seed_runs_again_in_another_process() {
    let mut other = Command::new(env!("CARGO_BIN_EXE_sim"));
    let output = other.args(["--seed", "3", "--trace"]).output().expect("it was built");
    let text = String::from_utf8_lossy(&output.stdout);
    let Run { digest, lines, .. } = sim::run(3, true);
    let trace = [&[sim::HEADER.to_owned()], &*lines].concat().join("\n");
    assert!(text.starts_with(&trace));
    assert!(text.contains(&format!("digest {digest:016x}\n")), "{text}");
    assert!(text.lines().last().is_some_and(|last| last.starts_with("nothing lost: ")), "{text}");
}

#[test]
fn what_the_command_does_not_know_it_refuses() {
    for (arguments, code) in [(&["--help"][..], 0), (&["--sed", "7"], 2), (&["--seed", "x"], 2)] {
        let output = Command::new(env!("CARGO_BIN_EXE_sim")).args(arguments).output();
        let output = output.expect("it was built");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        let told = if code == 0 { output.stdout } else { output.stderr };
        assert!(String::from_utf8_lossy(&told).contains("cargo xtask sim --seed N"));
    }
}
