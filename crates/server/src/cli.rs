//! The command line: names, defaults and help. What the commands do is elsewhere.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{RangedU64ValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use tidewire::hub::Start;

/// One event log, served over WebSocket, Server-Sent Events, long-polling and interval polling.
///
/// Without a command it serves, with the live page at `/`.
#[derive(Debug, Parser)]
#[command(name = "tidewire", version, args_conflicts_with_subcommands = true)]
#[command(after_help = "RUST_LOG=debug makes the server tell on standard error what it does.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

impl Cli {
    /// The command to run: `serve` unless another is named.
    pub(crate) fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve an in-memory event log and the live page
    Serve(Serve),
    /// Print events as they come; reconnect and resume by cursor
    Listen(Listen),
    /// Publish one event, or one per line of standard input
    Publish(Publish),
    /// Measure the four transports side by side; print a table and write a report with charts
    Compare(Compare),
    /// Serve a WebSocket echo, for conformance tools
    Echo(Echo),
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to listen on, or a port of 127.0.0.1; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Another origin whose pages may use the API, e.g. https://app.example; repeatable
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub(crate) allow_origin: Vec<String>,
    /// Another host name under which the server may be addressed; repeatable
    #[arg(long, value_name = "HOST", value_parser = host)]
    pub(crate) allow_host: Vec<String>,
    /// Most events kept for those who come back
    #[arg(long, value_name = "COUNT", default_value_t = 65_536, value_parser = count(1 << 30))]
    pub(crate) max_events: usize,
    /// Most memory for kept events, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024 * 1024, value_parser = count(1 << 40))]
    pub(crate) max_log_bytes: usize,
    /// Oldest age of a kept event, in whole seconds; unlimited by default
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u64>,
    /// Longest body of one event, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024, value_parser = count(64 << 20))]
    pub(crate) max_event_bytes: usize,
    /// Most connections at once; one more is refused with 503
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, value_parser = count(1 << 20))]
    pub(crate) max_connections: usize,
    /// Most bytes that wait for one slow reader before its events stay in the log
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024, value_parser = count(1 << 30))]
    pub(crate) max_pending_bytes: usize,
    /// Longest time a poll is held, in seconds, at most 120; proxies have to wait longer
    #[arg(long, value_name = "SECONDS", default_value_t = 55, value_parser = clap::value_parser!(u64).range(1..=120))]
    pub(crate) max_wait: u64,
    /// Most polls held for one address, or one /64 network of IPv6; one more is refused with 429. This
    /// machine's own address is not counted, as that of a proxy here; one elsewhere counts as one
    #[arg(long, value_name = "COUNT", default_value_t = 1_024, value_parser = count(65_535))]
    pub(crate) max_polls_per_address: usize,
    /// Longest life of an event stream, in seconds; then its client is told to reconnect, and resumes
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_stream_age: u64,
    /// Longest time for goodbyes after SIGTERM or SIGINT, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub(crate) drain: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// The server, e.g. http://127.0.0.1:8080; may name topics: …/?topic=a&topic=b
    pub(crate) url: String,
    /// How to receive
    #[arg(long, value_enum, default_value_t = TransportArg::Ws)]
    pub(crate) transport: TransportArg,
    /// Topic to receive instead of those of the URL; repeatable; `demo` if none is named
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Vec<String>,
    /// Where to begin: a cursor, `oldest`, `now` or `last:N`
    #[arg(long, value_name = "START", default_value = "now", value_parser = start)]
    pub(crate) after: Start,
    /// Print each event as the JSON object that the server sent, instead of its data alone
    #[arg(long)]
    pub(crate) json: bool,
    /// End after so many events
    #[arg(long, value_name = "COUNT")]
    pub(crate) count: Option<u64>,
    /// Time between two interval polls, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) every: Duration,
    /// How long the server may hold a long poll, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "25", value_parser = seconds)]
    pub(crate) wait: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TransportArg {
    /// WebSocket
    Ws,
    /// Server-Sent Events
    Sse,
    /// HTTP requests that the server holds until there is news
    Longpoll,
    /// HTTP requests in a fixed rhythm
    Poll,
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The server, e.g. http://127.0.0.1:8080
    pub(crate) url: String,
    /// Topic to publish to; `demo` if the URL names none either
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,
    /// Name of the event
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Option<String>,
    /// The event's data; without it, or with `-`, each line of standard input is one event
    pub(crate) data: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The server to measure, e.g. http://127.0.0.1:8080; by default one of its own
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// How many clients listen, one number for each load
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', default_values_t = [10, 100], value_parser = count(1 << 16))]
    pub(crate) clients: Vec<usize>,
    /// Events a second, one number for each load
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_values_t = [1, 10, 100], value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rates: Vec<u32>,
    /// How long events are published in each run, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "1.5", value_parser = span)]
    pub(crate) seconds: Duration,
    /// Time between two interval polls, e.g. 1s or 250ms
    #[arg(long, value_name = "INTERVAL", default_value = "1s", value_parser = span)]
    pub(crate) interval: Duration,
    /// Length of an event's data, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 100, value_parser = RangedU64ValueParser::<usize>::new().range(48..=65_536))]
    pub(crate) payload: usize,
    /// Where to write the report, a page that needs no other file
    #[arg(long, value_name = "FILE", default_value = "tidewire-compare.html")]
    pub(crate) report: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Echo {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9001", value_parser = address)]
    pub(crate) listen: SocketAddr,
    /// Longest message, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024 * 1024)]
    pub(crate) max_message_bytes: usize,
    /// Agree on permessage-deflate with clients that offer it
    #[arg(long)]
    pub(crate) deflate: bool,
}

/// Reads a whole number from 1 to `most`.
fn count(most: u64) -> impl TypedValueParser<Value = usize> {
    RangedU64ValueParser::<usize>::new().range(1..=most)
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let parsed = match text.parse::<u16>() {
        Ok(port) => Some(SocketAddr::from(([127, 0, 0, 1], port))),
        Err(_) => text.to_socket_addrs().ok().and_then(|mut found| found.next()),
    };
    parsed.ok_or_else(|| "expected an address and a port, e.g. 127.0.0.1:8080".to_owned())
}

fn start(text: &str) -> Result<Start, &'static str> {
    text.parse().map_err(|_| "expected a cursor, `oldest`, `now` or `last:N`")
}

fn origin(text: &str) -> Result<String, String> {
    let origin = text.trim_end_matches('/');
    match origin.split_once("://") {
        Some((scheme, host)) if !scheme.is_empty() && !host.is_empty() && !host.contains('/') => {
            Ok(origin.to_owned())
        }
        _ => Err("expected a scheme and a host, e.g. https://app.example".to_owned()),
    }
}

fn host(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && !text.contains(['/', ':', '*', ' ']);
    if is_name { Ok(text.to_owned()) } else { Err("expected a name, e.g. app.example".to_owned()) }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// Reads a time from a millisecond to an hour, in seconds unless it says otherwise.
fn span(text: &str) -> Result<Duration, String> {
    let span = match text.strip_suffix("ms") {
        Some(millis) => seconds(millis)? / 1000,
        None => seconds(text.strip_suffix('s').unwrap_or(text))?,
    };
    let bounds = Duration::from_millis(1)..=Duration::from_secs(3600);
    if bounds.contains(&span) { Ok(span) } else { Err("expected 1ms to 3600s".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_span_has_a_unit_and_bounds() {
        let millis = |text| span(text).map(|span| span.as_millis()).ok();
        assert_eq!(
            ["1", "1s", "250ms", "0.5s", "1ms"].map(millis).map(Option::unwrap),
            [1000, 1000, 250, 500, 1]
        );
        assert_eq!(["", "s", "0", "0.9ms", "3601", "-1", "1h"].map(millis), [None; 7]);
    }

    #[test]
    fn r6_a_poll_may_be_held_for_two_minutes_and_no_longer() {
        let max_wait = |seconds: &str| {
            Cli::try_parse_from(["tidewire", "--max-wait", seconds]).map(|cli| cli.serve.max_wait)
        };
        assert_eq!(Cli::parse_from(["tidewire"]).serve.max_wait, 55);
        assert_eq!((max_wait("1").ok(), max_wait("120").ok()), (Some(1), Some(120)));
        assert!(["0", "121", "-1", "1.5"].into_iter().all(|seconds| max_wait(seconds).is_err()));
        assert!(tidewire::poll::Ask::DEFAULT_WAIT <= Duration::from_secs(30), "RFC 6202 §5.5");
    }

    #[test]
    fn no_argument_serves_on_loopback() {
        let Command::Serve(serve) = Cli::parse_from(["tidewire"]).into_command() else {
            panic!("serves by default")
        };
        assert!(serve.listen.ip().is_loopback());
    }
}
