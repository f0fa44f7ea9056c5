//! What the machines allow. Every limit is on by default.

use core::time::Duration;

use crate::limits::{Folds, Limits};

/// What a server allows its peer. Make one with `default` and change fields.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Longest request line taken, in bytes, its CRLF apart. Default 8,192; below 8,000 clients may
    /// fail. A longer one is answered 414. RFC 9112 §3.
    pub max_request_line_bytes: usize,
    /// Longest head taken, and longest trailer section, in bytes, from the first byte of the start
    /// line through the empty line. Default 16,384, near what common servers take; at most 4 GiB. A
    /// longer one is answered 431. RFC 6585 §5.
    pub max_head_bytes: usize,
    /// Most field lines taken in a head or trailer section, each counted whatever its name. Default
    /// 100, as common servers. One more is answered 431. RFC 6585 §5.
    pub max_fields: usize,
    /// Longest request body taken, in bytes, chunk framing apart. Default 65,536: a publish, not an
    /// upload. A longer one is answered 413, from its Content-Length if it has one. RFC 9110
    /// §15.5.14.
    pub max_body_bytes: u64,
    /// Most bytes taken in the chunk extensions of one body. Default 4,096: nobody uses them, and
    /// they would else be free of every other limit. One more is answered 400. RFC 9112 §7.1.1.
    pub max_chunk_extension_bytes: usize,
    /// Most bytes that may wait in the outbox behind a command, the heads and chunk lines that it
    /// adds apart; an empty outbox takes any one piece. Default 1 MiB: some seconds of a slow link,
    /// and a thousand stalled peers still fit in memory. A command that would pass it fails with
    /// [`SendError::OutboxFull`](crate::SendError). While more than half of it waits, no further
    /// request is begun, so that a response of up to the other half always fits.
    pub max_outbox_bytes: usize,
    /// Most requests served on one connection. Default 1,000, so that connections get spread anew
    /// now and then. The last response says `Connection: close`.
    pub max_requests: u32,
    /// How long a whole head may take, from the moment the connection opens, and on a kept
    /// connection from the head's first byte. Default 10 s, against peers that send a byte now and
    /// then. A later one is answered 408; if no byte came, the connection ends in silence.
    pub head_timeout: Duration,
    /// How long a whole body may take from the end of its head. Default 30 s: the default body
    /// limit needs 2.2 kB/s for that. Raise both together. A later one is answered 408.
    pub body_timeout: Duration,
    /// How long a kept connection may wait for its next request. Default 15 s. Then it ends in
    /// silence.
    pub idle_timeout: Duration,
    /// The methods that this server implements, case-sensitive. Default GET, HEAD, POST, PUT,
    /// PATCH, DELETE and OPTIONS. Another one is answered 501, and CONNECT always is. RFC 9110
    /// §9.1.
    pub methods: &'static [&'static str],
}

/// What a client allows its peer. Make one with `default` and change fields.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientConfig {
    /// Longest head taken, and longest trailer section, in bytes, from the first byte of the status
    /// line through the empty line. Default 16,384; at most 4 GiB. A longer one ends the
    /// connection.
    pub max_head_bytes: usize,
    /// Most field lines taken in a head or trailer section, each counted whatever its name. Default
    /// 100. One more ends the connection.
    pub max_fields: usize,
    /// Longest response body taken, in bytes, chunk framing apart. Default 65,536. A longer one
    /// ends the connection. For endless streams there is [`for_streams`](Self::for_streams).
    pub max_body_bytes: u64,
    /// Most bytes taken in the chunk extensions of one body. Default 4,096. One more ends the
    /// connection. RFC 9112 §7.1.1.
    pub max_chunk_extension_bytes: usize,
    /// Most interim responses taken before a final one. Default 8. One more ends the connection.
    /// RFC 9110 §15.2.
    pub max_interim: u32,
    /// Most bytes that may wait in the outbox behind a command, the heads and chunk lines that it
    /// adds apart; an empty outbox takes any one piece. Default 1 MiB. A command that would pass it
    /// fails with [`SendError::OutboxFull`](crate::SendError).
    pub max_outbox_bytes: usize,
    /// How long the response's head may take from the moment its request was given, interim
    /// responses included. Default 75 s: a long-poll of 55 s and time to spare. Later, the
    /// connection ends.
    pub head_timeout: Duration,
    /// How long the body may take from the end of its head; `None` for streams that last. Default
    /// 30 s. Later, the connection ends.
    pub body_timeout: Option<Duration>,
}

impl ServerConfig {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            line_bytes: self.max_request_line_bytes,
            section_bytes: self.max_head_bytes.min(u32::MAX as usize),
            fields: self.max_fields,
            body_bytes: self.max_body_bytes,
            chunk_extension_bytes: self.max_chunk_extension_bytes,
            folds: Folds::Refuse,
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            max_request_line_bytes: 8192,
            max_head_bytes: 16_384,
            max_fields: 100,
            max_body_bytes: 65_536,
            max_chunk_extension_bytes: 4096,
            max_outbox_bytes: 1024 * 1024,
            max_requests: 1000,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(15),
            methods: &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        }
    }
}

impl ClientConfig {
    /// For bodies that last, such as event streams: any length, over any time. Whoever reads them
    /// bounds what it keeps and how long it waits; head and framing are bounded as ever.
    ///
    /// ```
    /// let config = tidewire_http::ClientConfig::for_streams();
    /// assert_eq!((config.max_body_bytes, config.body_timeout), (u64::MAX, None));
    /// ```
    #[must_use]
    pub fn for_streams() -> Self {
        Self { max_body_bytes: u64::MAX, body_timeout: None, ..Self::default() }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            line_bytes: usize::MAX,
            section_bytes: self.max_head_bytes.min(u32::MAX as usize),
            fields: self.max_fields,
            body_bytes: self.max_body_bytes,
            chunk_extension_bytes: self.max_chunk_extension_bytes,
            folds: Folds::Join,
        }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            max_head_bytes: 16_384,
            max_fields: 100,
            max_body_bytes: 65_536,
            max_chunk_extension_bytes: 4096,
            max_interim: 8,
            max_outbox_bytes: 1024 * 1024,
            head_timeout: Duration::from_secs(75),
            body_timeout: Some(Duration::from_secs(30)),
        }
    }
}
