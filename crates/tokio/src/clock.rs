//! The one place of the adapter that reads a clock.

use tidewire_core::Instant;

/// tokio's monotonic clock, as instants since the moment the clock was made.
///
/// Copies share the origin, so machines that were given copies of one clock agree about time. Under
/// `tokio::time::pause` it stands still with the runtime's own.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: tokio::time::Instant,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { origin: tokio::time::Instant::now() }
    }

    /// The present.
    #[must_use]
    pub fn now(self) -> Instant {
        Instant::from_origin(self.origin.elapsed())
    }

    /// The runtime's instant for one of ours.
    #[must_use]
    pub fn at(self, instant: Instant) -> tokio::time::Instant {
        self.origin + instant.since_origin()
    }
}
