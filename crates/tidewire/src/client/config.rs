//! Where a client finds its log, how it asks and what limits hold. What it does is elsewhere.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;

use tidewire_http::{self as http, FieldName, FieldValue, InvalidField, Request};
use tidewire_hub::Start;
use tidewire_poll as poll;
use tidewire_sse as sse;
use tidewire_ws as ws;

/// The way in which events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// A WebSocket. RFC 6455.
    WebSocket,
    /// Server-Sent Events. WHATWG HTML §9.2.
    EventStream,
    /// Requests that the server holds until there is news. RFC 6202 §2.
    LongPoll,
    /// Requests in a fixed rhythm.
    IntervalPoll,
}

/// Where the log is, how it is asked for, and what limits hold.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The server's name and port, as the Host field has them.
    pub host: FieldValue,
    /// The path that answers with a WebSocket. Default `/v1/ws`.
    pub websocket_path: String,
    /// The path that answers with an event stream. Default `/v1/sse`.
    pub event_stream_path: String,
    /// The path that answers polls. Default `/v1/poll`.
    pub poll_path: String,
    /// The query that names what to follow; `after`, and a poll's `wait`, are added.
    pub query: String,
    /// How long a long poll asks to be held. Default 25 s, below what proxies allow. Whatever `http` says,
    /// the head of its answer may take so long and the poller's `grace`, and the body its `take_within`.
    pub wait: Duration,
    /// The period of interval polling. Default 1 s.
    pub every: Duration,
    /// The limits of HTTP; by default those of its client, but for an answer's body 4 MiB: it may list
    /// 256 KiB of events, which JSON may make several times as long. A longer one ends the connection.
    pub http: http::ClientConfig,
    /// The limits and periods of a WebSocket.
    pub websocket: Arc<ws::Config>,
    /// The limits and periods of an event stream. Unlike a browser's, it comes back after a server
    /// in trouble, as the other transports do; and as they, it follows no redirect, and takes
    /// [`Reconnect::IfResumable`](sse::Reconnect::IfResumable) for
    /// [`Always`](sse::Reconnect::Always), whatever this says.
    pub event_stream: sse::SourceConfig,
    /// The periods of polling; its mode and start are set by the client.
    pub poll: poll::PollerConfig,
}

impl Config {
    /// The defaults, for the server `host` and what `query` names.
    #[must_use]
    pub fn new(host: FieldValue, query: &str) -> Self {
        let mut http = http::ClientConfig::default();
        http.max_body_bytes = 4 << 20;
        let mut event_stream = sse::SourceConfig::default();
        event_stream.status_policy = sse::StatusPolicy::Resilient;
        Self {
            host,
            websocket_path: "/v1/ws".into(),
            event_stream_path: "/v1/sse".into(),
            poll_path: "/v1/poll".into(),
            query: query.into(),
            wait: poll::Ask::DEFAULT_WAIT,
            every: Duration::from_secs(1),
            http,
            websocket: Arc::default(),
            event_stream,
            poll: poll::PollerConfig::default(),
        }
    }

    pub(super) fn target(&self, path: &str, after: Start) -> String {
        format!("{path}?{}&after={after}", self.query)
    }

    pub(super) fn get(&self, target: &str) -> Result<Request, InvalidField> {
        Ok(Request::new("GET", target)?.field(FieldName::HOST, self.host.clone()))
    }
}
