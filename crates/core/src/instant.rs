//! A point in time, counted from an origin that the caller picks. No clock is read here.

use core::fmt;
use core::ops::{Add, AddAssign};
use core::time::Duration;

/// A point in time: nanoseconds since an origin of the caller's choice.
///
/// The caller measures how long ago its origin was, on a clock that does not jump, and passes the
/// result to every call that takes `now`. Two instants compare only if they share an origin. The
/// range is 584 years; sums saturate at its end, and "never" is `None`, not a far instant.
///
/// ```
/// use core::time::Duration;
/// use tidewire_core::Instant;
///
/// let now = Instant::from_origin(Duration::from_secs(3));
/// let later = now + Duration::from_millis(500);
/// assert_eq!(later.saturating_duration_since(now), Duration::from_millis(500));
/// assert_eq!(now.saturating_duration_since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The origin itself.
    pub const ORIGIN: Self = Self(0);

    /// The instant that lies `elapsed` after the origin.
    #[must_use]
    pub const fn from_origin(elapsed: Duration) -> Self {
        Self(saturating_nanos(elapsed))
    }

    /// How long after the origin this instant lies.
    #[must_use]
    pub const fn since_origin(self) -> Duration {
        Duration::from_nanos(self.0)
    }

    /// How long after `earlier` this instant lies; zero if it lies before.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(saturating_nanos(wait)))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, wait: Duration) {
        *self = *self + wait;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{:?}", self.since_origin())
    }
}

/// The earliest of several deadlines, where `None` means "never".
///
/// ```
/// use tidewire_core::{Instant, earliest};
///
/// assert_eq!(earliest([None, Some(Instant::ORIGIN), None]), Some(Instant::ORIGIN));
/// assert_eq!(earliest([None, None]), None);
/// ```
#[must_use]
pub fn earliest<const N: usize>(deadlines: [Option<Instant>; N]) -> Option<Instant> {
    deadlines.into_iter().flatten().min()
}

const fn saturating_nanos(duration: Duration) -> u64 {
    let nanos = duration.as_nanos();
    if nanos > u64::MAX as u128 { u64::MAX } else { nanos as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_past_the_range_saturates() {
        let end = Instant::from_origin(Duration::MAX);
        assert_eq!(end + Duration::from_secs(1), end);
        assert_eq!(end.since_origin(), Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn an_optional_deadline_costs_two_words() {
        assert!(size_of::<Option<Instant>>() <= 16);
    }
}
