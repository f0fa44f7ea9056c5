//! `tidewire compare`: the four transports side by side under chosen loads, as a table and a report.
//! How a run is made, counted and shown is each the business of a module below.

mod axis;
mod chart;
mod figures;
mod follower;
mod gallery;
mod ledger;
mod limits;
mod machine;
mod mark;
mod meter;
mod plan;
mod publisher;
mod report;
mod run;
mod stamp;
mod table;
mod target;

use std::io::{self, Write};

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};

use crate::Failure;
use crate::cli::Compare;
use figures::Figures;
use plan::Plan;
use target::Target;

/// Runs all loads over all transports, prints the table and writes the report.
pub(crate) async fn run(options: Compare) -> Result<(), Failure> {
    let plan = Plan::new(&options);
    limits::check(plan.most_clients())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // The server of our own ends with us, so a signal may not end us at once.
    let figures = tokio::select! {
        figures = measure(&plan) => figures?,
        _ = terminate.recv() => return Err("ended before all was measured".into()),
        _ = interrupt.recv() => return Err("ended before all was measured".into()),
    };

    write!(io::stdout(), "{}", table::tables(&figures))?;
    let path = options.report.display();
    std::fs::write(&options.report, report::page(&plan, &figures)?)
        .map_err(|error| format!("cannot write the report to {path}: {error}; see --report"))?;
    writeln!(io::stdout(), "\nThe report, with charts: {path}")?;
    match figures.iter().map(Figures::lost).sum::<u64>() {
        0 => Ok(()),
        lost => Err(format!("{lost} events were lost").into()),
    }
}

/// One run after the other, so that no transport disturbs another.
async fn measure(plan: &Plan) -> Result<Vec<Figures>, Failure> {
    let target = Target::start(plan).await?;
    let style = ProgressStyle::with_template("{bar:32} {pos}/{len}  {msg}");
    let bar = ProgressBar::new(plan.runs().count() as u64)
        .with_style(style.expect("the template is ours"))
        .with_finish(ProgressFinish::AndClear);
    let mut all = Vec::new();
    for run in plan.runs() {
        bar.set_message(run.to_string());
        all.push(run::measure(run, plan, &target).await?);
        bar.inc(1);
    }
    Ok(all)
}
