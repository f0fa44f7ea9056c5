//! Who comes when, for how long, and who is cancelled. What they come to is the queues' business.

use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use tidewire::core::Instant;

/// The waiters of one life.
pub(crate) struct Load {
    /// When each comes and when its time is up, by its number.
    pub(crate) comes: Vec<Stay>,
    /// Who is cancelled and comes again at once, in a random order.
    pub(crate) again: Vec<(u32, Stay)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
}

impl Load {
    /// They come evenly over 20 seconds, and wait for 22.5 to 25, so none leaves before all are there.
    pub(crate) fn new(len: usize) -> Self {
        let mut random = SmallRng::seed_from_u64(7);
        let mut stay = |from| Stay { from, until: from + random.random_range(SHORTEST..=WAIT) };
        let gap = ARRIVAL / len as u32;
        let comes = (0..len as u32).map(|number| stay(Instant::ORIGIN + gap * number)).collect();
        let last = Instant::ORIGIN + ARRIVAL;
        let mut pick = SmallRng::seed_from_u64(8);
        let again = (0..len.min(MOST_AGAIN))
            .map(|_| (pick.random_range(0..len as u32), stay(last)))
            .collect();
        Self { comes, again }
    }

    pub(crate) fn len(&self) -> usize {
        self.comes.len()
    }
}

/// A random number that a source gave.
pub(crate) fn fill_from(random: &mut SmallRng, bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&random.random::<u64>().to_le_bytes()[..chunk.len()]);
    }
}

/// How long a poll asks to be held.
pub(crate) const WAIT: Duration = Duration::from_secs(25);
/// What is left of it at least after the jitter.
const SHORTEST: Duration = Duration::from_millis(22_500);
const ARRIVAL: Duration = Duration::from_secs(20);
const MOST_AGAIN: usize = 200_000;
/// When the time of all is up.
pub(crate) const END: Instant = Instant::from_origin(Duration::from_secs(60));
