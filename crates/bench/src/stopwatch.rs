//! How long work takes, and on what machine. What is timed, and how often, is decided elsewhere.

use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// The time that passes: for short work, which most times passes undisturbed.
#[allow(clippy::disallowed_methods, reason = "a stopwatch reads a clock")]
pub(crate) fn elapsed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The time that this thread has the processor: for work so long that other programs get their turns
/// meanwhile. That they empty the caches is in it.
#[cfg(unix)]
pub(crate) fn busy(work: impl FnOnce()) -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    let start = clock_gettime(ClockId::ThreadCPUTime);
    work();
    let spent = clock_gettime(ClockId::ThreadCPUTime) - start;
    Duration::try_from(spent).expect("time does not run backwards")
}

#[cfg(not(unix))]
pub(crate) fn busy(work: impl FnOnce()) -> Duration {
    elapsed(work)
}

/// The machine in a few words, as far as it tells.
pub(crate) fn machine() -> String {
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(env::consts::ARCH, |(_, model)| model);
    let count = thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {count} processors, {}", env::consts::OS)
}
