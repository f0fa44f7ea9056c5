//! A poll as the server understood it, and what it can be refused for. Who holds it is `park`'s
//! business.

use core::time::Duration;

use tidewire_hub::{Access, Batch, Start, SubscribeError};

/// A poll, as read from a request.
///
/// ```
/// use core::time::Duration;
/// use tidewire_hub::Start;
/// use tidewire_poll::Ask;
///
/// let mut interval_poll = Ask::new(&["news"], Start::Now);
/// interval_poll.wait = Duration::ZERO;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The topics whose events are wanted.
    pub topics: &'a [&'a str],
    /// Where the asker stands.
    pub start: Start,
    /// How long to hold the poll if there is no news. Zero is an interval poll, answered at once; so
    /// is every `HEAD`, for which the caller sets it to zero.
    pub wait: Duration,
    /// How much the answer may carry, cut to [`max_batch`](crate::ParkConfig::max_batch).
    pub max: Batch,
    /// Which client asks, if it says so. A client has at most one poll held.
    pub client: Option<Client>,
    /// Whom a held poll counts against: a hash of the account or the address prefix. `None` counts
    /// against nobody.
    pub peer: Option<u64>,
    /// Which topics the asker may read, asked again when a held poll is answered. Polls share an
    /// answer if this is the same rule. Default `None`: all that it names.
    pub access: Option<&'a Access>,
}

/// A client and its count of polls. A later poll of the client supersedes an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Which client, unguessable by others: a hash of its credential and of a number that it chose.
    pub id: u64,
    /// Grows with each poll of the client. The same number again is a retry of the same poll.
    pub seq: u64,
}

/// The poll was refused. Nothing is held for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The topics passed a limit of the hub, or one is forbidden.
    #[error("the topics cannot be asked for: {0}")]
    Topics(SubscribeError),
    /// There is no room to hold any more polls, nor to send any more away.
    #[error("too many polls are held")]
    Full {
        /// When to ask again, drawn so that the refused do not come back at once.
        retry_after: Duration,
    },
    /// There is no room to hold any more polls of this peer.
    #[error("too many polls of one peer are held")]
    PeerFull {
        /// When to ask again.
        retry_after: Duration,
    },
}

impl<'a> Ask<'a> {
    /// How long a poll that names no time is held: 25 s, below the 30 s that RFC 6202 §5.5 found
    /// safe with all intermediaries.
    pub const DEFAULT_WAIT: Duration = Duration::from_secs(25);

    /// A poll for an anonymous client, held for [`DEFAULT_WAIT`](Self::DEFAULT_WAIT).
    #[must_use]
    pub fn new(topics: &'a [&'a str], start: Start) -> Self {
        let (wait, max) = (Self::DEFAULT_WAIT, Batch::default());
        Self { topics, start, wait, max, client: None, peer: None, access: None }
    }
}

impl Refused {
    /// The HTTP status that says so: 400, 403 for what is forbidden, 429 (RFC 6585 §4) or 503 (RFC 9110 §15.6.4).
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Topics(SubscribeError::Forbidden) => 403,
            Self::Topics(_) => 400,
            Self::PeerFull { .. } => 429,
            Self::Full { .. } => 503,
        }
    }

    /// What `Retry-After` says, if the same poll may be asked again.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Topics(_) => None,
            Self::PeerFull { retry_after } | Self::Full { retry_after } => Some(*retry_after),
        }
    }
}
