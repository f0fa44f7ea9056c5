//! What a server's states hold. Every step between them stands with the [server](super).

use tidewire_core::Instant;

use crate::after::After;
use crate::body::BodyReader;
use crate::scan::Scan;
use crate::write::BodyWriter;
use crate::{RequestHead, Version};

#[derive(Debug)]
pub(super) enum State {
    /// A head is awaited that has to be there in time: the first one, or one that has begun.
    Head { scan: Scan, until: Instant, empty_line_eaten: bool },
    /// A request was read, or is being read, and its response is due or under way.
    Exchange(Exchange),
    /// The next request may begin.
    Idle { until: Instant },
    /// The outbox was ended; that is still to be told.
    Ended,
    /// Another protocol took over.
    Upgraded,
    /// Nothing happens any more.
    Over,
}

#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) reading: Reading,
    pub(super) answering: Answering,
    /// The version that the response has to be readable in.
    pub(super) version: Version,
    /// Whether the method is HEAD, so that the response has no body.
    pub(super) to_head: bool,
    pub(super) upgrade: Upgrade,
    pub(super) after: After,
}

#[derive(Debug)]
pub(super) enum Reading {
    Body { reader: BodyReader, until: Instant, awaits_continue: bool },
    Done,
}

#[derive(Debug)]
pub(super) enum Answering {
    Due,
    Body(BodyWriter),
    Done,
}

/// What the client said of another protocol. RFC 9110 §7.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upgrade {
    Unasked,
    /// It named one without asking for the switch, or the other way round: frames may follow, though
    /// no switch may be granted.
    Hinted,
    Asked,
}

/// Whether the end of the peer's stream has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PeerEnd {
    Untold,
    Told,
}

impl State {
    /// When the client must have gone on.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Head { until, .. } | Self::Idle { until } => Some(*until),
            Self::Exchange(exchange) => match &exchange.reading {
                Reading::Body { until, .. } => Some(*until),
                Reading::Done => None,
            },
            Self::Ended | Self::Upgraded | Self::Over => None,
        }
    }
}

impl Reading {
    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Body { reader, .. } => reader.is_complete(),
            Self::Done => true,
        }
    }
}

impl Upgrade {
    /// HTTP/1.0 knows no Upgrade. RFC 9110 §7.8.
    pub(super) fn asked_by(head: &RequestHead) -> Self {
        let fields = head.fields();
        let is_named = head.version() >= Version::Http11 && fields.get("Upgrade").is_some();
        match (is_named, fields.has_token("Connection", "upgrade")) {
            (false, false) => Self::Unasked,
            (true, true) => Self::Asked,
            (true, false) | (false, true) => Self::Hinted,
        }
    }
}
