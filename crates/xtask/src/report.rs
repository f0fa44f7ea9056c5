//! Runs steps and tells what came of them. What they do is not known here.

use std::process::ExitCode;
use std::time::Duration;

use crate::outcome::{Outcome, Verdict};
use crate::steps::Step;
use crate::stopwatch::{now, seconds};

/// Runs the steps in order up to the first that fails, and ends with a table of all of them.
pub(crate) fn run(steps: &[&Step]) -> ExitCode {
    let begin = now();
    let mut rows = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        println!("\n==== {}/{} {}: {}", index + 1, steps.len(), step.name, step.about);
        let start = now();
        let outcome = (step.run)();
        let took = start.elapsed();
        match &outcome {
            Ok(Verdict::Passed) => println!("---- ok: {} in {}", step.name, seconds(took)),
            Ok(Verdict::Skipped(why)) => println!("!!!! SKIPPED: {}: {why}", step.name),
            Err(why) => println!("!!!! FAILED: {}: {why}", step.name),
        }
        let failed = outcome.is_err();
        rows.push((outcome, took));
        if failed {
            break;
        }
    }
    println!("\n==== summary, {} in all", seconds(begin.elapsed()));
    for (index, step) in steps.iter().enumerate() {
        println!("{}", line(step, rows.get(index)));
    }
    if rows.iter().all(|(outcome, _)| outcome.is_ok()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn line(step: &Step, row: Option<&(Outcome, Duration)>) -> String {
    let name = step.name;
    match row {
        None => format!("{name:<10} not run"),
        Some((outcome, took)) => {
            let told = match outcome {
                Ok(Verdict::Passed) => "ok".to_owned(),
                Ok(Verdict::Skipped(why)) => format!("SKIPPED  {why}"),
                Err(why) => format!("FAILED   {why}"),
            };
            format!("{name:<10} {:>8}  {told}", seconds(*took))
        }
    }
}
