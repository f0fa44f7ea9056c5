//! What a response head means to an event source. When to ask again is the source's business.

use crate::{Redirect, ResponseHead, StatusPolicy, Stop};

/// What the head of a response means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Stream,
    /// Look elsewhere.
    Elsewhere(Redirect),
    /// Something that may pass.
    Trouble,
    Refusal(Stop),
}

/// Reads a head (WHATWG HTML §9.2.3; for redirects, Fetch §4.3 and §4.4).
pub(crate) fn read(head: &ResponseHead<'_>, policy: StatusPolicy) -> Answer {
    match head.status {
        200 if head.content_type.is_some_and(is_event_stream) => Answer::Stream,
        200 => Answer::Refusal(Stop::ContentType),
        204 => Answer::Refusal(Stop::NoContent),
        301 | 308 if head.location.is_some() => Answer::Elsewhere(Redirect::Permanent),
        302 | 303 | 307 if head.location.is_some() => Answer::Elsewhere(Redirect::Temporary),
        408 | 425 | 429 | 500..=599 if policy == StatusPolicy::Resilient => Answer::Trouble,
        status => Answer::Refusal(Stop::Status(status)),
    }
}

/// Whether an ID can be the value of a field and arrives there unchanged (RFC 9110 §5.5).
pub(crate) fn fits_a_field(id: &str) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    let bytes = id.as_bytes();
    !is_blank(bytes.first())
        && !is_blank(bytes.last())
        && bytes.iter().all(|&byte| byte == b'\t' || !byte.is_ascii_control())
}

/// Compares the essence of a MIME type, which its parameters are no part of.
fn is_event_stream(content_type: &[u8]) -> bool {
    let essence = content_type.split(|&byte| byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_essence_of_the_mime_type_decides() {
        for good in ["text/event-stream", " Text/Event-Stream ;charset=x", "text/event-stream;"] {
            assert!(is_event_stream(good.as_bytes()), "{good}");
        }
        for bad in ["", "text/event-streams", "text/html", "x;text/event-stream", "text/event"] {
            assert!(!is_event_stream(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn an_id_that_would_arrive_changed_or_not_at_all_does_not_fit() {
        for good in ["7.42", "…", "a b", "a\tb"] {
            assert!(fits_a_field(good), "{good:?}");
        }
        for bad in [" 9", "9 ", "\t9", "a\u{1}b", "a\u{7f}", "a\nb", "a\0"] {
            assert!(!fits_a_field(bad), "{bad:?}");
        }
    }
}
