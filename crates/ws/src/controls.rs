//! How many pings and pongs a peer may send. What they are answered with is not known here.

use core::time::Duration;

use tidewire_core::Instant;

use crate::{Config, Error};

/// A leaky bucket for pings and pongs: each fills its share, and time drains it.
#[derive(Debug)]
pub(crate) struct Controls {
    /// The time that it takes to run dry.
    level: Duration,
    /// When the last one came.
    seen: Instant,
}

impl Controls {
    pub(crate) fn new(now: Instant) -> Self {
        Self { level: Duration::ZERO, seen: now }
    }

    #[cold]
    pub(crate) fn admit(&mut self, config: &Config, now: Instant) -> Result<(), Error> {
        let limit = config.max_control_frames_per_second;
        let one = FULL.checked_div(limit).ok_or(Error::ControlFlood { limit })?;
        // A clock that ran backwards says nothing of the pace.
        let has_leapt = now < self.seen;
        let rested = if has_leapt { FULL } else { now.saturating_duration_since(self.seen) };
        let level = self.level.saturating_sub(rested) + one;
        if level > FULL {
            return Err(Error::ControlFlood { limit });
        }
        *self = Self { level, seen: now };
        Ok(())
    }
}

/// The time in which a full bucket runs dry.
const FULL: Duration = Duration::from_secs(1);
