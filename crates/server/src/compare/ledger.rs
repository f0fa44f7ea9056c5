//! What is counted while a run lasts. What becomes of the counts is the business of `figures`.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// The counts of a run, which all its clients share.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Tally>);

/// What was counted.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    /// Bytes that crossed the clients' sockets, in both directions.
    pub(super) wire_bytes: u64,
    /// Bytes of data that were delivered.
    pub(super) payload_bytes: u64,
    /// Requests that were answered.
    pub(super) requests: u64,
    /// Those of them whose answer brought an event or opened a stream.
    pub(super) fruitful: u64,
    /// Events that were delivered, each counted once for each client.
    pub(super) delivered: u64,
    /// From publishing to delivery, in nanoseconds.
    pub(super) latencies: Histogram<u64>,
}

impl Ledger {
    pub(super) fn lock(&self) -> MutexGuard<'_, Tally> {
        // No count depends on another.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts so far; counting begins anew.
    pub(super) fn take(&self) -> Tally {
        std::mem::take(&mut *self.lock())
    }
}

impl Tally {
    /// Counts the delivery of an event.
    pub(super) fn deliver(&mut self, data_bytes: usize, latency: Duration) {
        self.delivered += 1;
        self.payload_bytes += data_bytes as u64;
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(nanos);
    }

    /// Requests whose answer brought nothing.
    pub(super) fn empty(&self) -> u64 {
        self.requests.saturating_sub(self.fruitful)
    }
}

impl Default for Tally {
    fn default() -> Self {
        let latencies = Histogram::new_with_bounds(1, LONGEST_NANOS, 3);
        Self {
            wire_bytes: 0,
            payload_bytes: 0,
            requests: 0,
            fruitful: 0,
            delivered: 0,
            latencies: latencies.expect("the bounds are in order"),
        }
    }
}

/// A latency of more than ten minutes counts as ten minutes.
const LONGEST_NANOS: u64 = 600_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_counted_once() {
        let ledger = Ledger::default();
        ledger.lock().deliver(48, Duration::from_micros(3));
        ledger.lock().requests = 5;
        ledger.lock().fruitful = 2;
        let tally = ledger.take();
        assert_eq!((tally.delivered, tally.payload_bytes, tally.empty()), (1, 48, 3));
        assert_eq!(tally.latencies.len(), 1);
        assert_eq!(ledger.take().delivered, 0);
    }

    #[test]
    fn an_absurd_latency_is_still_counted() {
        let mut tally = Tally::default();
        tally.deliver(0, Duration::MAX);
        tally.deliver(0, Duration::ZERO);
        assert_eq!(tally.latencies.len(), 2);
    }
}
