//! What a response's head means to a poller. What it does then is the poller's business.

use crate::ResponseHead;

/// What a response's head means, and what the caller does now.
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
    /// 204 or 304 before it has given a cursor, and whoever sends a 200 or 410 of another [media
    /// type](crate::PollerConfig::media_type): the page of a captive portal, say. Nothing to do; the
    /// poller asks again from the same place once it has backed off.
    Retry,
    /// 4xx: asking again would not help. The poller has stopped. Only 408, 410, 425 and 429, which
    /// pass, are not of these.
    Stopped,
}

impl Verdict {
    pub(crate) fn of(head: &ResponseHead<'_>, media_type: &str) -> Self {
        match head.status {
            200 | 410 if !head.content_type.is_some_and(|value| is(media_type, value)) => {
                Self::Retry
            }
            200 => Self::ReadBody,
            204 | 304 => Self::NotModified,
            410 => Self::Reset,
            400..=499 if !matches!(head.status, 408 | 425 | 429) => Self::Stopped,
            _ => Self::Retry,
        }
    }
}

/// Compares the essence of a media type, which its parameters are no part of. RFC 9110 §8.3.1.
fn is(media_type: &str, content_type: &[u8]) -> bool {
    let essence = content_type.split(|&byte| byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(media_type.as_bytes())
}
