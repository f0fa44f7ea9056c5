//! What is compared: which loads over which transports, and for how long. How a run is made is
//! elsewhere.

use std::fmt;
use std::time::Duration;

use tidewire::client::Transport;
use tidewire::poll::PollerConfig;

use crate::cli::Compare;

/// All that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The server to measure; one of our own if none is named.
    pub(super) url: Option<String>,
    pub(super) loads: Vec<Load>,
    /// How long events are published in a run.
    pub(super) lasts: Duration,
    /// The time between two interval polls of a client.
    pub(super) interval: Duration,
    /// The length of an event's data.
    pub(super) payload_bytes: usize,
}

/// How many listen, and how often something is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Load {
    pub(super) clients: usize,
    /// Events a second.
    pub(super) rate: u32,
}

/// One load over one transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) transport: Transport,
    pub(super) load: Load,
}

impl Plan {
    pub(super) fn new(options: &Compare) -> Self {
        let Compare { clients, rates, .. } = options;
        let loads = clients
            .iter()
            .flat_map(|&clients| rates.iter().map(move |&rate| Load { clients, rate }))
            .collect();
        Self {
            url: options.url.clone(),
            loads,
            lasts: options.seconds,
            interval: options.interval,
            payload_bytes: options.payload,
        }
    }

    /// The time between two long-polls of a client, in the long run.
    pub(super) fn gap(&self) -> Duration {
        PollerConfig::default().min_gap.min(self.interval)
    }

    /// The runs in their order.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> {
        self.loads.iter().flat_map(|&load| TRANSPORTS.map(|transport| Run { transport, load }))
    }

    /// How many events are published under a load.
    pub(super) fn events(&self, load: Load) -> u64 {
        let events = f64::from(load.rate) * self.lasts.as_secs_f64();
        (events.ceil() as u64).max(1)
    }

    pub(super) fn most_clients(&self) -> usize {
        self.loads.iter().map(|load| load.clients).max().unwrap_or_default()
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clients, rate } = self;
        let clients_end = if *clients == 1 { "" } else { "s" };
        let rate_end = if *rate == 1 { "" } else { "s" };
        write!(f, "{clients} client{clients_end}, {rate} event{rate_end} a second")
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", name(self.transport), self.load)
    }
}

/// What a transport is called.
pub(super) fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::IntervalPoll => "interval polling",
        Transport::LongPoll => "long-polling",
        Transport::EventStream => "SSE",
        Transport::WebSocket => "WebSocket",
    }
}

/// The transports, from the oldest to the youngest.
pub(super) const TRANSPORTS: [Transport; 4] =
    [Transport::IntervalPoll, Transport::LongPoll, Transport::EventStream, Transport::WebSocket];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_load_is_run_over_every_transport() {
        let loads = [1, 2].map(|rate| Load { clients: 3, rate });
        let plan = Plan {
            url: None,
            loads: loads.to_vec(),
            lasts: Duration::from_millis(1500),
            interval: Duration::from_secs(1),
            payload_bytes: 64,
        };
        assert_eq!(plan.runs().count(), 8);
        assert_eq!(plan.runs().last().map(|run| run.load), Some(loads[1]));
        assert_eq!(loads.map(|load| plan.events(load)), [2, 3]);
        let fast = Plan { interval: Duration::from_millis(10), ..plan.clone() };
        assert_eq!([plan.gap(), fast.gap()].map(|gap| gap.as_millis()), [50, 10]);
        let first = plan.runs().next().map(|run| run.to_string());
        assert_eq!(first.as_deref(), Some("interval polling: 3 clients, 1 event a second"));
    }
}
