//! How held polls are let go when the server goes away: how fast, and when to come back. Which poll
//! is next is the park's business.

use core::time::Duration;

use tidewire_core::{Entropy, Instant};

/// The time over which a crowd goes, one after the other, and comes back elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drain {
    /// How many polls were held when it began.
    pub(crate) crowd: usize,
    began: Instant,
    within: Duration,
    /// How long after the others the next one comes back, as a part of 2⁶⁴.
    place: u64,
}

impl Drain {
    pub(crate) fn new(crowd: usize, within: Duration, entropy: &mut Entropy, now: Instant) -> Self {
        Self { crowd, began: now, within, place: u64::from_le_bytes(entropy.bytes()) }
    }

    /// When the next poll is to go if so many are left: such that the last one goes at the end, and
    /// the time between two is the same.
    pub(crate) fn next_at(&self, left: usize) -> Option<Instant> {
        let gone = (self.crowd.checked_sub(left)? + 1) as u128;
        let nanos = (self.within.as_nanos() * gone).checked_div(self.crowd as u128)?;
        let elapsed = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        if left == 0 { None } else { Some(self.began + elapsed) }
    }

    /// How long the next one stays away, from nothing to `spread`. Steps of the golden ratio of it
    /// fill it evenly, however many are taken.
    pub(crate) fn away(&mut self, spread: Duration) -> Duration {
        self.place = self.place.wrapping_add(GOLDEN);
        let nanos = u64::try_from(spread.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(((u128::from(self.place) * u128::from(nanos)) >> 64) as u64)
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
