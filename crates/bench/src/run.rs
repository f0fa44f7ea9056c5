//! What the command line asks of a contest: figures, or work to look at. What a contest is stands in
//! `contest`.

use std::process::ExitCode;

use crate::contest::{Case, Contest, Contestant, Rank};
use crate::harness::Effort;
use crate::summary;
use crate::table::Table;

/// Times the cases that `only` names and prints a table for each, and one over all.
pub(crate) fn timed<C: Contest>(only: &[String], effort: Effort) -> ExitCode {
    let cases = C::Case::named(only);
    if cases.is_empty() {
        return nothing_named::<C>(only);
    }
    print_notes::<C>();
    let mut tables = Vec::new();
    for case in cases {
        let table = Table::<C>::measured(case, effort);
        table.print();
        tables.push(table);
    }
    summary::print(&tables);
    ExitCode::SUCCESS
}

/// Runs one contestant in one case so many times, for a profiler to look at.
pub(crate) fn bare<C: Contest>(contestant: &str, times: &str, only: &[String]) -> ExitCode {
    let Some(contestant) = C::CONTESTANTS.iter().find(|known| known.name == contestant) else {
        let known: Vec<&str> = C::CONTESTANTS.iter().map(|known| known.name).collect();
        eprintln!("no contestant {contestant:?}; there are: {}", known.join(", "));
        return ExitCode::from(2);
    };
    let (Ok(times), [case, ..]) = (times.parse::<u64>(), &C::Case::named(only)[..]) else {
        eprintln!("how many times, and in which case?");
        return ExitCode::from(2);
    };
    let Ok(mut work) = C::start(contestant, *case, &C::stage(*case)) else {
        eprintln!("{} is not in {case}", contestant.name);
        return ExitCode::FAILURE;
    };
    (0..times).for_each(|_| work.run());
    ExitCode::SUCCESS
}

pub(crate) fn nothing_named<C: Contest>(only: &[String]) -> ExitCode {
    eprintln!("no case of {} has {} in its name; there are:", C::SUITE, only.join(" or "));
    C::Case::all().iter().for_each(|case| eprintln!("  {case}"));
    ExitCode::from(2)
}

fn print_notes<C: Contest>() {
    println!("{}; every figure is for one {}.\n", C::TITLE, C::UNIT);
    for Contestant { name, rank, note, .. } in C::CONTESTANTS {
        let rank = match rank {
            Rank::Ours | Rank::Aside => "ours",
            Rank::Whole => C::WHOLE,
            Rank::Part | Rank::Unchecked => "part",
            Rank::Floor => "floor",
        };
        println!("  {name:<18} {rank:<6} {note}");
    }
    println!("\n  {}\n", C::NOTES);
}
