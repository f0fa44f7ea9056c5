//! How many pings and pongs a peer may send. What they are answered with is not known here.

use tidewire_core::Instant;

use crate::{Config, Error};

/// A leaky bucket for pings and pongs: each fills its share, and time drains it.
#[derive(Debug)]
pub(crate) struct Controls {
    /// The time that it takes to run dry.
    level_nanos: u64,
    /// When the last one came.
    seen: Instant,
}

impl Controls {
    pub(crate) fn new(now: Instant) -> Self {
        Self { level_nanos: 0, seen: now }
    }

    #[cold]
    pub(crate) fn admit(&mut self, config: &Config, now: Instant) -> Result<(), Error> {
        let limit = config.max_control_frames_per_second;
        let one = FULL_NANOS.checked_div(limit.into()).ok_or(Error::ControlFlood { limit })?;
        // A clock that ran backwards says nothing of the pace.
        let has_leapt = now < self.seen;
        let rested = now.saturating_duration_since(self.seen).as_nanos();
        let rested = if has_leapt { FULL_NANOS } else { rested.min(FULL_NANOS.into()) as u64 };
        let level_nanos = self.level_nanos.saturating_sub(rested) + one;
        if level_nanos > FULL_NANOS {
            return Err(Error::ControlFlood { limit });
        }
        *self = Self { level_nanos, seen: now };
        Ok(())
    }
}

/// The time in which a full bucket runs dry.
const FULL_NANOS: u64 = 1_000_000_000;
