//! How often something may be done in the long run. What is done is the owner's business.

use core::time::Duration;

use tidewire_core::Instant;

/// A bucket of tokens. What was spent is kept as one instant, so nothing runs while it refills.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    size: u32,
    /// How long a token takes to come back.
    price: Duration,
    full_at: Instant,
}

impl Bucket {
    /// A full bucket of so many tokens; of one for zero.
    pub(crate) fn new(size: u32, price: Duration) -> Self {
        Self { size: size.max(1), price, full_at: Instant::ORIGIN }
    }

    pub(crate) fn spend(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.price;
    }

    /// Lets tokens come back in another time, those that are spent among them. The one spent at
    /// `since` costs no less than that.
    pub(crate) fn reprice(&mut self, price: Duration, since: Instant, now: Instant) {
        let debt = nanos(self.full_at.saturating_duration_since(now));
        let debt = debt * nanos(price) / nanos(self.price).max(1);
        let debt = Duration::from_nanos(debt.try_into().unwrap_or(u64::MAX));
        self.full_at = (now + debt).max(since + price);
        self.price = price;
    }

    /// When there is a token.
    pub(crate) fn ready_at(&self) -> Instant {
        let ahead = self.price.saturating_mul(self.size - 1);
        Instant::from_origin(self.full_at.since_origin().saturating_sub(ahead))
    }
}

/// The nanoseconds of a duration, up to 584 years: of two, the product fits.
fn nanos(duration: Duration) -> u128 {
    duration.as_nanos().min(u64::MAX.into())
}
