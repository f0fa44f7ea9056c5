//! What a response's status means to a poller. What it does then is the poller's business.

/// What a response's status means, and what the caller does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 200: read the body, take the events, then say [`delivered`](crate::Poller::delivered), or
    /// [`rejected`](crate::Poller::rejected) if it is not a valid answer.
    ReadBody,
    /// 204, 304 after a cursor: there is no news. Nothing to do.
    NotModified,
    /// 410: the cursor cannot be continued. Read the body for where the stream goes on, tell the
    /// application of the gap, then say [`delivered`](crate::Poller::delivered) with that cursor.
    Reset,
    /// Any other status: the server, or something between, is in trouble. So is a server that says
    /// 204 or 304 before it has given a cursor. Nothing to do; the poller asks again from the same
    /// place once it has backed off.
    Retry,
    /// 4xx: asking again would not help. The poller has stopped. Only 408, 410, 425 and 429, which
    /// pass, are not of these.
    Stopped,
}

impl Verdict {
    pub(crate) const fn of(status: u16) -> Self {
        match status {
            200 => Self::ReadBody,
            204 | 304 => Self::NotModified,
            410 => Self::Reset,
            400..=499 if !matches!(status, 408 | 425 | 429) => Self::Stopped,
            _ => Self::Retry,
        }
    }
}
