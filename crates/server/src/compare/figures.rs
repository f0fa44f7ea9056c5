//! The figures of a run, and how figures are written. Where they are shown is elsewhere.

use std::time::Duration;

use super::ledger::Tally;
use super::plan::Run;

/// What a run came to.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) run: Run,
    /// Deliveries that there should have been: each event to each client.
    pub(super) expected: u64,
    /// Bytes that crossed a client's socket before counting began, on average.
    pub(super) warm_up_bytes: u64,
    pub(super) tally: Tally,
    /// Processor time of the server, if it is our own.
    pub(super) cpu: Option<Duration>,
}

impl Figures {
    pub(super) fn lost(&self) -> u64 {
        self.expected.saturating_sub(self.tally.delivered)
    }

    /// Bytes on the wire that are not the data that was published.
    pub(super) fn overhead_bytes(&self) -> u64 {
        self.tally.wire_bytes.saturating_sub(self.tally.payload_bytes)
    }

    /// The median of the latency, in seconds.
    pub(super) fn p50(&self) -> Option<f64> {
        (self.tally.delivered > 0).then(|| self.latency(50.0))
    }

    /// The 99th percentile of the latency, in seconds, if so many were delivered that it is more than
    /// the slowest.
    pub(super) fn p99(&self) -> Option<f64> {
        (self.tally.delivered >= LEAST_FOR_P99).then(|| self.latency(99.0))
    }

    /// The latency, in seconds, that so many percent of the deliveries did not pass.
    fn latency(&self, percent: f64) -> f64 {
        self.tally.latencies.value_at_percentile(percent) as f64 / 1e9
    }

    /// `total` for each delivered event.
    pub(super) fn each(&self, total: f64) -> Option<f64> {
        let delivered = self.tally.delivered;
        (delivered > 0).then(|| total / delivered as f64)
    }

    /// Processor time of the server for each delivered event, in seconds.
    pub(super) fn cpu_each(&self) -> Option<f64> {
        self.each(self.cpu?.as_secs_f64())
    }
}

/// The fewest deliveries with a 99th percentile: of fewer it would be the slowest.
pub(super) const LEAST_FOR_P99: u64 = 100;

/// A time in the unit that fits.
pub(super) fn time(seconds: f64) -> String {
    match seconds {
        ..0.001 => format!("{} µs", three_digits(seconds * 1e6)),
        ..1.0 => format!("{} ms", three_digits(seconds * 1e3)),
        _ => format!("{} s", three_digits(seconds)),
    }
}

/// A count of bytes in the unit that fits.
pub(super) fn bytes(count: f64) -> String {
    match count {
        ..1e3 => format!("{} B", three_digits(count)),
        ..1e6 => format!("{} kB", three_digits(count / 1e3)),
        ..1e9 => format!("{} MB", three_digits(count / 1e6)),
        _ => format!("{} GB", three_digits(count / 1e9)),
    }
}

/// A whole number, its thousands apart.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with about three digits, which is more than repeated runs agree on.
pub(super) fn three_digits(number: f64) -> String {
    let text = match number {
        ..9.995 => format!("{number:.2}"),
        ..99.95 => format!("{number:.1}"),
        _ => return format!("{number:.0}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `text`, or what stands where nothing is known.
pub(super) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use tidewire::client::Transport;

    use super::*;
    use crate::compare::plan::Load;

    #[test]
    fn figures_are_written_in_the_unit_that_fits() {
        let times = [0.000_000_5, 0.000_123_4, 0.05, 0.999, 1.0, 61.5].map(time);
        assert_eq!(times, ["0.5 µs", "123 µs", "50 ms", "999 ms", "1 s", "61.5 s"]);
        let sizes = [0.0, 999.0, 1_000.0, 1_234_567.0, 2e9].map(bytes);
        assert_eq!(sizes, ["0 B", "999 B", "1 kB", "1.23 MB", "2 GB"]);
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0.0, 0.05, 9.999, 10.0, 99.99, 100.0, 1e4].map(three_digits),
            ["0", "0.05", "10", "10", "100", "100", "10000"]
        );
        assert_eq!(or_dash(None), "-");
    }

    #[test]
    fn what_did_not_come_is_lost_and_what_is_no_payload_is_overhead() {
        let run = Run { transport: Transport::LongPoll, load: Load { clients: 2, rate: 1 } };
        let mut tally = Tally::default();
        let none = Figures { run, expected: 4, warm_up_bytes: 0, tally: tally.clone(), cpu: None };
        assert_eq!((none.lost(), none.p50(), none.each(1.0)), (4, None, None));
        for millis in [1, 2, 3] {
            tally.deliver(50, Duration::from_millis(millis));
        }
        tally.wire_bytes = 450;
        let cpu = Some(Duration::from_millis(3));
        let figures = Figures { run, expected: 4, warm_up_bytes: 0, tally, cpu };
        assert_eq!((figures.lost(), figures.overhead_bytes()), (1, 300));
        assert_eq!(figures.p50().map(time).as_deref(), Some("2 ms"));
        assert_eq!(figures.cpu_each().map(time).as_deref(), Some("1 ms"));
    }

    #[test]
    fn the_slowest_of_few_is_no_99th_percentile() {
        let run = Run { transport: Transport::EventStream, load: Load { clients: 1, rate: 99 } };
        let tally = Tally::default();
        let mut figures = Figures { run, expected: 100, warm_up_bytes: 0, tally, cpu: None };
        for _ in 0..99 {
            figures.tally.deliver(50, Duration::from_millis(1));
        }
        assert_eq!(figures.p99(), None);
        figures.tally.deliver(50, Duration::from_secs(1));
        assert_eq!(figures.p99().map(time).as_deref(), Some("1 ms"));
    }
}
