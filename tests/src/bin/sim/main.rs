//! Runs the simulation over many seeds on all cores, or one seed with all that happens in it:
//! `sim [--seeds N] [--from S]`, `sim --seed N [--trace]`. What a run is, the kit knows.
#![allow(clippy::print_stdout, reason = "printing is how a command line tool speaks")]

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};
use std::{env, panic, thread};

use tidewire_tests::sim::{self, Run, Tally};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let number = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        Some(arguments.get(at + 1)?.parse::<u64>().expect("a number"))
    };
    // A broken promise is told below, with what led to it.
    panic::set_hook(Box::new(|_| {}));
    if let Some(seed) = number("--seed") {
        return one(seed, arguments.iter().any(|argument| argument == "--trace"));
    }
    let from = number("--from").unwrap_or(0);
    many(from, from + number("--seeds").unwrap_or(20_000))
}

/// Runs one seed, and shows how it ends or all of it.
fn one(seed: u64, whole: bool) -> ExitCode {
    let Run { broken, digest, lines, tally } = sim::run(seed, true);
    let shown = if whole { 0 } else { lines.len().saturating_sub(LAST_LINES) };
    lines[shown..].iter().for_each(|line| println!("{line}"));
    if whole {
        println!("{tally}");
    }
    println!("seed {seed}: {} steps, digest {digest:016x}", lines.len());
    match broken {
        None => ExitCode::SUCCESS,
        Some(broken) => {
            println!("FAILED at seed {seed}: {broken}");
            ExitCode::FAILURE
        }
    }
}

/// Runs seeds on all cores up to the first that fails.
fn many(from: u64, to: u64) -> ExitCode {
    let begin = now();
    let (next, failed) = (Arc::new(AtomicU64::new(from)), Arc::new(AtomicU64::new(u64::MAX)));
    let (sender, news) = mpsc::channel();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    for worker in 0..cores {
        let (next, failed, sender) = (Arc::clone(&next), Arc::clone(&failed), sender.clone());
        thread::spawn(move || work(worker, to, &next, &failed, &sender));
    }
    drop(sender);
    let mut tally = Tally::default();
    let mut running = vec![None; cores];
    let mut left = cores;
    while left > 0 {
        match news.recv_timeout(SLOW) {
            Ok(News::Begins { worker, seed }) => running[worker] = Some((seed, now())),
            Ok(News::Done { worker, tally: more }) => {
                running[worker] = None;
                tally.add(&more);
                left -= 1;
            }
            Err(_) => {}
        }
        let hangs = running.iter().flatten().find(|(_, since)| since.elapsed() > SLOW);
        if let Some((seed, _)) = hangs {
            println!("FAILED at seed {seed}: a machine never returns");
            return ExitCode::FAILURE;
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    match failed.load(Ordering::Relaxed) {
        u64::MAX => {
            println!("{tally}");
            let rate = (to - from) as f64 / seconds;
            println!("{} seeds in {seconds:.1} s on {cores} cores: {rate:.0} a second", to - from);
            ExitCode::SUCCESS
        }
        seed => {
            println!("after {seconds:.1} s:");
            one(seed, false)
        }
    }
}

/// What a worker tells.
enum News {
    /// It begins this seed.
    Begins { worker: usize, seed: u64 },
    /// There is nothing left to do.
    Done { worker: usize, tally: Box<Tally> },
}

/// Runs seeds until there are none, or one below has failed.
fn work(worker: usize, to: u64, next: &AtomicU64, failed: &AtomicU64, news: &Sender<News>) {
    let mut tally = Tally::default();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= to.min(failed.load(Ordering::Relaxed)) {
            break;
        }
        // Nobody listens once a seed was found to hang.
        let _ = news.send(News::Begins { worker, seed });
        let run = sim::run(seed, false);
        if run.broken.is_some() {
            failed.fetch_min(seed, Ordering::Relaxed);
        }
        tally.add(&run.tally);
    }
    let tally = Box::new(tally);
    let _ = news.send(News::Done { worker, tally });
}

#[expect(clippy::disallowed_methods, reason = "the speed is measured on the real clock")]
fn now() -> Instant {
    Instant::now()
}

/// A run takes a thousandth of this.
const SLOW: Duration = Duration::from_secs(10);
/// How much of a run that failed is shown.
const LAST_LINES: usize = 40;
