//! Instructions for each message, counted by valgrind. They do not depend on what else the machine
//! does, so a small change shows.

use std::process::{Command, ExitCode};
use std::{env, thread};

use super::case::Case;
use super::{CONTESTANTS, Contestant, nothing_named};

/// Counts in the cases that `only` names, or in those of small texts, and prints a table.
pub(crate) fn run(only: &[String]) -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("valgrind is NOT on this machine: NO instruction was counted");
        return ExitCode::FAILURE;
    }
    let usual = ["text-ascii/16B", "text-ascii/125B", "text-ascii/1KiB"].map(str::to_owned);
    let cases = Case::named(if only.is_empty() { &usual } else { only });
    if cases.is_empty() {
        return nothing_named(only);
    }
    println!("instructions for each message; valgrind shows the machine without AVX-512\n");
    print!("{:<26}", "");
    CONTESTANTS.iter().for_each(|contestant| print!(" {:>16}", contestant.name));
    println!();
    for case in cases {
        print!("{:<26}", case.to_string());
        for counted in all(case) {
            match counted {
                Ok(instructions) => print!(" {instructions:>16.1}"),
                Err(reason) => {
                    eprintln!("\n{reason}");
                    return ExitCode::FAILURE;
                }
            }
        }
        println!();
    }
    ExitCode::SUCCESS
}

/// Counts for all contestants, several at a time.
fn all(case: Case) -> Vec<Result<f64, String>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = CONTESTANTS.len().div_ceil(threads);
    thread::scope(|scope| {
        let threads: Vec<_> = CONTESTANTS
            .chunks(share)
            .map(|some| {
                scope.spawn(move || some.iter().map(|one| count(one, case)).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("counting ends")).collect()
    })
}

/// Counts a short and a long run: the difference holds no buffer that grows.
fn count(contestant: &Contestant, case: Case) -> Result<f64, String> {
    let (warm, more) = (2, (MESSAGES / case.messages()).max(1));
    let short = collected(contestant, case, warm)?;
    let long = collected(contestant, case, warm + more)?;
    Ok((long as f64 - short as f64) / (more * case.messages()) as f64)
}

/// How many instructions so many operations take.
fn collected(contestant: &Contestant, case: Case, times: usize) -> Result<u64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", WORK])
        .arg(program)
        .args(["--only", &case.to_string(), "--bare", contestant.name, &times.to_string()])
        .output()
        .map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : "));
    collected
        .filter(|_| output.status.success())
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| format!("{} in {case} under valgrind: {told}", contestant.name))
}

/// Counts while the contestant works and not while it starts: some calibrate a clock then, which
/// takes as many instructions as it likes.
const WORK: &str = "--toggle-collect=*::contest::Work::run";

/// How many messages are counted, about.
const MESSAGES: usize = 16384;
