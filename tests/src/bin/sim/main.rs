//! Runs the simulation over many seeds on all cores, or one seed with all that happens in it. What a run is,
//! the kit knows; how it is asked for, `options`.

mod options;

use std::fmt::Display;
use std::io::{self, Write};
use std::num::NonZero;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};
use std::{env, panic, thread};

use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory, FromArgMatches};
use tidewire_tests::sim::{self, Run, Tally};

use self::options::Options;

fn main() -> ExitCode {
    let legend = format!("What is counted, over all seeds:\n{}", Tally::legend());
    let mut command = Options::command().after_help(legend);
    let matches = command.try_get_matches_from_mut(env::args_os());
    let options = matches.and_then(|matches| Options::from_arg_matches(&matches));
    let options = options.unwrap_or_else(|mut error| {
        // A wrong value, too, is answered with how the command is used.
        error.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
        error.exit()
    });
    // A broken promise is told below, with what led to it.
    panic::set_hook(Box::new(|_| {}));
    match options.seed {
        Some(seed) => one(seed, options.trace),
        None => many(options.from, options.from + options.seeds),
    }
}

/// Runs one seed, and shows how it ends or all of it.
fn one(seed: u64, whole: bool) -> ExitCode {
    let Run { broken, digest, lines, tally } = sim::run(seed, true);
    let shown = if whole { 0 } else { lines.len().saturating_sub(LAST_LINES) };
    say(sim::HEADER);
    lines[shown..].iter().for_each(say);
    if whole {
        say(&tally);
    }
    say(format_args!("seed {seed}: {} steps, digest {digest:016x}", lines.len()));
    match broken {
        None => {
            say(verdict(&tally));
            ExitCode::SUCCESS
        }
        Some(broken) => failed(seed, broken),
    }
}

/// Runs seeds on all cores up to the first that fails.
fn many(from: u64, to: u64) -> ExitCode {
    let begin = now();
    let (next, first_failed) = (Arc::new(AtomicU64::new(from)), Arc::new(AtomicU64::new(u64::MAX)));
    let (sender, news) = mpsc::channel();
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    for worker in 0..cores {
        let (next, failed) = (Arc::clone(&next), Arc::clone(&first_failed));
        let sender = sender.clone();
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
            return failed(*seed, "a machine never returns");
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    match first_failed.load(Ordering::Relaxed) {
        u64::MAX => {
            say(&tally);
            let seeds = to - from;
            let rate = seeds as f64 / seconds;
            say(format_args!(
                "{seeds} seeds in {seconds:.1} s on {cores} cores: {rate:.0} a second"
            ));
            say(verdict(&tally));
            ExitCode::SUCCESS
        }
        seed => {
            say(format_args!("after {seconds:.1} s:"));
            one(seed, false)
        }
    }
}

fn verdict(Tally { published, taken, .. }: &Tally) -> String {
    format!("nothing lost: {published} events published, {taken} taken")
}

fn failed(seed: u64, why: impl Display) -> ExitCode {
    warn(format_args!("FAILED at seed {seed}: {why}"));
    ExitCode::FAILURE
}

/// Says a line. Who reads no further has read enough.
fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn warn(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
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
