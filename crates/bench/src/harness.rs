//! Rounds, medians and allocations. What is timed is the suites' business.

use std::time::Duration;

use crate::{heap, stopwatch};

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

/// How long to measure. A round is shorter than what a busy machine gives a thread at a time, so that
/// most rounds pass undisturbed; there are many instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    rounds: usize,
    round: Duration,
    is_full: bool,
}

impl Effort {
    /// For figures to be told to others.
    pub(crate) const FULL: Self =
        Self { rounds: 101, round: Duration::from_millis(1), is_full: true };
    /// For a look while working.
    pub(crate) const QUICK: Self =
        Self { rounds: 31, round: Duration::from_micros(500), is_full: false };

    /// What belongs to this effort.
    pub(crate) fn choose<T>(self, full: T, quick: T) -> T {
        if self.is_full { full } else { quick }
    }

    /// Whether a case has had its share; one whose operation is long has it after fewer rounds.
    fn is_spent(self, rounds: &[Duration]) -> bool {
        let share = self.round * 4 * self.rounds as u32;
        rounds.len() >= 5 && rounds.iter().sum::<Duration>() > share
    }
}

/// What was measured of one case, for each operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Of the rounds, in nanoseconds.
    pub(crate) median: f64,
    /// The fastest round, in nanoseconds.
    pub(crate) fastest: f64,
    /// How many times it took memory, once warm.
    pub(crate) allocations: f64,
}

/// Times the cases in interleaved rounds, so that a slow moment of the machine hits all alike.
pub(crate) fn measure(cases: &mut [Case], effort: Effort) -> Vec<Figures> {
    let counts: Vec<u32> =
        cases.iter_mut().map(|case| operations_per_round(case, effort.round)).collect();
    let mut rounds = vec![Vec::with_capacity(effort.rounds); cases.len()];
    for _ in 0..effort.rounds {
        for ((case, &count), rounds) in cases.iter_mut().zip(&counts).zip(&mut rounds) {
            if !effort.is_spent(rounds) {
                rounds.push(time(case, count));
            }
        }
    }
    let warm = cases.iter_mut().zip(counts).zip(rounds);
    warm.map(|((case, count), mut rounds)| {
        rounds.sort();
        let nanos = |round: Duration| round.as_nanos() as f64 / f64::from(count);
        let (median, fastest) = (nanos(rounds[rounds.len() / 2]), nanos(rounds[0]));
        let count = count.min(1000);
        let allocations = heap::allocations(|| (0..count).for_each(|_| (case.operation)()));
        Figures { median, fastest, allocations: allocations as f64 / f64::from(count) }
    })
    .collect()
}

/// Measures the cases and prints a table.
pub(crate) fn run(suite: &str, mut cases: Vec<Case>, effort: Effort) {
    let figures = measure(&mut cases, effort);
    println!("{suite:<44} {:>10} {:>10} {:>12}", "median ns", "fastest ns", "allocations");
    for (case, figures) in cases.iter().zip(figures) {
        let Figures { median, fastest, allocations } = figures;
        println!("  {:<42} {median:>10.1} {fastest:>10.1} {allocations:>12.2}", case.name);
    }
    println!();
}

/// How many operations fill a round, found by doubling; warms the case up besides.
fn operations_per_round(case: &mut Case, round: Duration) -> u32 {
    let mut count = 1;
    while time(case, count) < round && count < 1 << 24 {
        count *= 2;
    }
    count
}

fn time(case: &mut Case, count: u32) -> Duration {
    stopwatch::elapsed(|| {
        for _ in 0..count {
            (case.operation)();
        }
    })
}
