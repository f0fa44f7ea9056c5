//! How long something took. What it was is not known here.

use std::time::{Duration, Instant};

pub(crate) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[expect(clippy::disallowed_methods, reason = "a step's time is measured on the real clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
