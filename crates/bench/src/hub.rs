//! The hub, in memory, on one thread: events that nobody waits for, that up to 100,000 wait for, and that
//! one comes for late. Other ways to bring an event to many stand beside it.

mod catch_up;
mod fan_out;
mod lag;
mod publish;
mod readers;

use crate::harness::Effort;
use crate::sheet::Sheet;
use crate::stopwatch::machine;

/// Runs those tables whose title contains one of the parts, or all, and prints them.
pub(crate) fn run(only: &[String], effort: Effort) {
    println!(
        "The hub in memory, one thread, on {}.\nTimes are the thread's own, in nanoseconds: medians of \
         the rounds, and the fastest of the largest size. Events weigh 64 bytes.\n",
        machine()
    );
    let sizes = effort.choose(&FULL[..], &QUICK[..]);
    let rounds = effort.choose(51, 5);
    let is_named = |title: &str| only.is_empty() || only.iter().any(|part| title.contains(part));
    let tables: [(&str, &Measured); 4] = [
        ("publish, nobody waits", &|title| publish::sheets(title, rounds)),
        ("fan-out, for each subscriber", &|title| fan_out::sheets(title, sizes)),
        ("fan-out beside laggards, for each who reads", &|title| lag::sheets(title, sizes)),
        ("catch-up, for each event", &|title| catch_up::sheets(title, rounds)),
    ];
    let named = tables.into_iter().filter(|(title, _)| is_named(title));
    let held: Vec<bool> =
        named.flat_map(|(title, measured)| measured(title)).map(|sheet| sheet.print()).collect();
    let kept = held.iter().filter(|&&held| held).count();
    println!("all targets hold in {kept} of {} tables", held.len());
}

/// Measures the tables that begin with a title.
type Measured<'a> = dyn Fn(&str) -> Vec<Sheet> + 'a;
/// How many subscribe, and how many rounds with so many.
type Sizes = [(usize, usize)];
const FULL: [(usize, usize); 3] = [(1_000, 101), (10_000, 51), (100_000, 21)];
const QUICK: [(usize, usize); 1] = [(1_000, 5)];

/// What is published.
const EVENT: [u8; 64] = [b'x'; 64];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_comes_to_its_end() {
        run(&[], Effort::QUICK);
    }
}
