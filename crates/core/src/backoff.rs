//! How long a client waits before it tries again. When it tries is the client machine's business.

use core::time::Duration;

use crate::Entropy;

/// Exponential back-off with full jitter: the wait is drawn evenly from `floor` to a ceiling that
/// starts at `base` and doubles with each failure up to `cap`.
///
/// Full jitter from the first retry on keeps clients that were all dropped at one instant from
/// coming back at one instant (RFC 6455 §7.2.3).
///
/// ```
/// use core::time::Duration;
/// use tidewire_core::{Backoff, Entropy};
///
/// let mut latest = Entropy::new(|bytes| bytes.fill(255));
/// let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
/// assert_eq!(backoff.next(&mut latest), Duration::from_secs(1));
/// assert_eq!(backoff.next(&mut latest), Duration::from_secs(2));
/// backoff.reset();
/// assert_eq!(backoff.next(&mut latest), Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The shortest wait. Default 100 ms: a server that asks for none would get a storm.
    pub floor: Duration,
    /// The longest first wait.
    pub base: Duration,
    /// The longest wait of all.
    pub cap: Duration,
    failures: u32,
}

impl Backoff {
    /// A back-off whose first wait is at most `base` and whose longest wait is `cap`.
    #[must_use]
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self { floor: Duration::from_millis(100), base, cap, failures: 0 }
    }

    /// The wait before the next attempt, after one more failure.
    pub fn next(&mut self, entropy: &mut Entropy) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let ceiling = self.base.saturating_mul(factor).min(self.cap).max(self.floor);
        self.failures = self.failures.saturating_add(1);
        self.floor + entropy.up_to(ceiling - self.floor)
    }

    /// Starts over. Call it on progress, not on a mere connection: a server that accepts and drops
    /// at once would else be asked without pause.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// How many waits were drawn since the last reset.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }
}

impl Default for Backoff {
    /// From at most 1 s up to 30 s.
    fn default() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_stays_between_floor_and_cap_for_ever() {
        for fill in [0, 255] {
            let mut entropy = Entropy::new(move |bytes| bytes.fill(fill));
            let mut backoff = Backoff::default();
            for _ in 0..100 {
                let wait = backoff.next(&mut entropy);
                assert!((backoff.floor..=backoff.cap).contains(&wait), "{wait:?}");
            }
            assert_eq!(backoff.failures(), 100);
        }
    }

    #[test]
    fn a_floor_above_the_cap_wins() {
        let mut backoff = Backoff::new(Duration::ZERO, Duration::ZERO);
        backoff.floor = Duration::from_secs(5);
        assert_eq!(backoff.next(&mut Entropy::new(|b| b.fill(9))), Duration::from_secs(5));
    }
}
