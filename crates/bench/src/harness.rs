//! Rounds, medians and allocations. What is timed is the suites' business.

use std::time::{Duration, Instant};

/// Something to time: a name and one operation.
pub(crate) struct Case {
    name: &'static str,
    operation: Box<dyn FnMut()>,
}

impl Case {
    pub(crate) fn new(name: &'static str, operation: impl FnMut() + 'static) -> Self {
        Self { name, operation: Box::new(operation) }
    }
}

const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(5);

/// Times the cases in interleaved rounds and prints a table.
pub(crate) fn run(suite: &str, mut cases: Vec<Case>) {
    let counts: Vec<u32> = cases.iter_mut().map(operations_per_round).collect();
    let mut rounds = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for ((case, &count), rounds) in cases.iter_mut().zip(&counts).zip(&mut rounds) {
            let nanos = time(case, count).as_nanos() as f64;
            rounds.push(nanos / f64::from(count));
        }
    }
    println!("{suite:<44} {:>10} {:>10} {:>12}", "median ns", "fastest ns", "allocations");
    for (case, mut rounds) in cases.iter_mut().zip(rounds) {
        rounds.sort_by(f64::total_cmp);
        let allocations =
            allocation_counter::measure(|| (0..1000).for_each(|_| (case.operation)()));
        let allocations = allocations.count_total as f64 / 1000.0;
        let (name, median, fastest) = (case.name, rounds[ROUNDS / 2], rounds[0]);
        println!("  {name:<42} {median:>10.1} {fastest:>10.1} {allocations:>12.2}");
    }
    println!();
}

/// How many operations fill a round, found by doubling; warms the case up besides.
fn operations_per_round(case: &mut Case) -> u32 {
    let mut count = 1;
    while time(case, count) < ROUND && count < 1 << 24 {
        count *= 2;
    }
    count
}

#[allow(clippy::disallowed_methods, reason = "a stopwatch reads a clock")]
fn time(case: &mut Case, count: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        (case.operation)();
    }
    start.elapsed()
}
