//! Random bytes from the caller's source. No source lives here.

use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

/// Random bytes, from a source that the caller gives.
///
/// WebSocket mask keys must not be predictable by whoever chooses the payload, so the source has to
/// be cryptographically strong (RFC 6455 §10.3). A test gives a seeded generator instead, and the
/// same seed then yields the same bytes on the wire. A closure that captures nothing costs no heap.
///
/// ```
/// use tidewire_core::Entropy;
///
/// let mut state = 1_u8;
/// let mut entropy = Entropy::new(move |bytes| {
///     for byte in bytes {
///         state = state.wrapping_mul(5).wrapping_add(3);
///         *byte = state;
///     }
/// });
/// assert_eq!(entropy.bytes(), [8, 43, 218, 69]);
/// ```
pub struct Entropy(Box<Fill>);

type Fill = dyn FnMut(&mut [u8]) + Send;

impl Entropy {
    /// Takes a source that fills the whole slice with fresh random bytes at each call.
    pub fn new(fill: impl FnMut(&mut [u8]) + Send + 'static) -> Self {
        Self(Box::new(fill))
    }

    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// A duration drawn evenly from zero to `max`, both included. `max` counts up to 584 years.
    pub fn up_to(&mut self, max: Duration) -> Duration {
        let max = u64::try_from(max.as_nanos()).unwrap_or(u64::MAX);
        let drawn = u64::from_le_bytes(self.bytes());
        let scaled = (u128::from(drawn) * (u128::from(max) + 1)) >> 64;
        Duration::from_nanos(scaled as u64)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_duration_reaches_both_ends_and_passes_neither() {
        let max = Duration::from_secs(30);
        assert_eq!(Entropy::new(|bytes| bytes.fill(0)).up_to(max), Duration::ZERO);
        assert_eq!(Entropy::new(|bytes| bytes.fill(255)).up_to(max), max);
        let longest = Entropy::new(|bytes| bytes.fill(255)).up_to(Duration::MAX);
        assert_eq!(longest, Duration::from_nanos(u64::MAX));
    }
}
