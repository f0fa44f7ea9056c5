//! Instructions for each message or event, counted by valgrind. They do not depend on what else the
//! machine does, so a small change shows.

use std::process::{Command, ExitCode};
use std::{env, thread};

use crate::contest::{Absence, Case, Contest, Contestant};
use crate::run::nothing_named;

/// Counts in the cases that `only` names, or in the `usual` ones, and prints a table.
pub(crate) fn run<C: Contest>(only: &[String], usual: &[&str]) -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("valgrind is NOT on this machine: NO instruction was counted");
        return ExitCode::FAILURE;
    }
    let usual: Vec<String> = usual.iter().map(|&part| part.to_owned()).collect();
    let cases = C::Case::named(if only.is_empty() { &usual } else { only });
    if cases.is_empty() {
        return nothing_named::<C>(only);
    }
    println!("instructions for each {}; valgrind shows the machine without AVX-512\n", C::UNIT);
    print!("{:<26}", "");
    C::CONTESTANTS.iter().for_each(|contestant| print!(" {:>18}", contestant.name));
    println!();
    for case in cases {
        print!("{:<26}", case.to_string());
        for counted in all::<C>(case) {
            match counted {
                Ok(Some(instructions)) => print!(" {instructions:>18.1}"),
                Ok(None) => print!(" {:>18}", "-"),
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
fn all<C: Contest>(case: C::Case) -> Vec<Result<Option<f64>, String>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = C::CONTESTANTS.len().div_ceil(threads);
    thread::scope(|scope| {
        let threads: Vec<_> = C::CONTESTANTS
            .chunks(share)
            .map(|some| {
                let count = move |one| count::<C>(one, case);
                scope.spawn(move || some.iter().map(count).collect::<Vec<_>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("counting ends")).collect()
    })
}

/// Counts a short and a long run: the difference holds no buffer that grows. Nothing is counted of
/// one that does not do what the case asks for.
fn count<C: Contest>(
    contestant: &Contestant<C::Skill>,
    case: C::Case,
) -> Result<Option<f64>, String> {
    if let Err(Absence::Elsewhere | Absence::Wrong(_)) = C::start(contestant, case, &C::stage(case))
    {
        return Ok(None);
    }
    let (warm, more) = (2, (UNITS / case.units()).max(1));
    let short = collected::<C>(contestant.name, case, warm)?;
    let long = collected::<C>(contestant.name, case, warm + more)?;
    Ok(Some((long as f64 - short as f64) / (more * case.units()) as f64))
}

/// How many instructions so many operations take.
fn collected<C: Contest>(name: &str, case: C::Case, times: usize) -> Result<u64, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", WORK])
        .arg(program)
        .args([C::SUITE, "--only", &case.to_string(), "--bare", name, &times.to_string()])
        .output()
        .map_err(|error| error.to_string())?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : "));
    collected
        .filter(|_| output.status.success())
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| format!("{name} in {case} under valgrind: {told}"))
}

/// Counts while the contestant works and not while it starts: some calibrate a clock then, which
/// takes as many instructions as it likes.
const WORK: &str = "--toggle-collect=*::contest::Work::run";

/// How many units are counted, about.
const UNITS: usize = 16384;
