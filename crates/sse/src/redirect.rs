//! Which redirects a client may follow, and what of its request may go along. Which responses are
//! redirects, and how many of them are enough, is the source's business.

mod origin;

pub use origin::Origin;

/// Judges one hop of a redirect, from the URL that was asked to the one that `Location` names.
///
/// Both are absolute: resolve a relative `Location` first. What may be sent to the new place,
/// [`Hop::carries`] tells. It holds for the rest of the way: what was dropped at one hop stays
/// dropped, even if a later one leads back. And it holds as long as a
/// [permanent](crate::Redirect::Permanent) redirect is remembered: the new place may be asked first
/// from then on, but without what was dropped on the way to it.
///
/// ```
/// use tidewire_sse::redirect::{Hop, RefusedHop, judge};
///
/// let hop = judge("https://a.example/sse", "https://b.example/sse")?;
/// assert_eq!(hop, Hop::CrossOrigin);
/// assert!(hop.carries("Last-Event-ID", &["X-Api-Key"]));
/// assert!(!hop.carries("Authorization", &["X-Api-Key"]));
/// assert!(!hop.carries("x-api-key", &["X-Api-Key"]));
///
/// let downgrade = judge("https://a.example/sse", "http://a.example/sse");
/// assert_eq!(downgrade, Err(RefusedHop::Downgrade));
/// # Ok::<(), RefusedHop>(())
/// ```
///
/// # Errors
///
/// The hop must not be made: it would leave encryption, or one of the two is no URL of `http` or
/// `https` that is beyond doubt.
pub fn judge(from: &str, to: &str) -> Result<Hop, RefusedHop> {
    let from = Origin::of(from).ok_or(RefusedHop::BadUrl)?;
    let to = Origin::of(to).ok_or(RefusedHop::BadUrl)?;
    if from == to {
        Ok(Hop::SameOrigin)
    } else if from.is_encrypted() && !to.is_encrypted() {
        Err(RefusedHop::Downgrade)
    } else {
        Ok(Hop::CrossOrigin)
    }
}

/// The method with which to follow a redirect of this status (RFC 9110 §15.4, Fetch §4.4): after a
/// 303 all but `HEAD` become `GET`, after a 301 or 302 a `POST` does. Where the method changes the
/// body stays behind, and so do the fields that [describe it](describes_body).
///
/// ```
/// use tidewire_sse::redirect::method;
///
/// assert_eq!(method(303, "POST"), "GET");
/// assert_eq!(method(307, "POST"), "POST");
/// ```
#[must_use]
pub fn method(status: u16, method: &str) -> &str {
    match (status, method) {
        (303, "HEAD") => method,
        (303, _) | (301 | 302, "POST") => "GET",
        _ => method,
    }
}

/// Whether a field describes the body of a request, and stays behind with it (Fetch §4.4).
///
/// ```
/// use tidewire_sse::redirect::describes_body;
///
/// assert!(describes_body("content-length") && !describes_body("Accept"));
/// ```
#[must_use]
pub fn describes_body(field: &str) -> bool {
    DESCRIBES_BODY.iter().any(|name| name.eq_ignore_ascii_case(field))
}

/// Where a redirect leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// To the server that was asked.
    SameOrigin,
    /// To another one, or to another port or scheme of the same.
    CrossOrigin,
}

/// Why a redirect must not be followed. Close the source, or report the end of its connection to have
/// it ask again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedHop {
    /// It leads from `https` to `http`: whoever listens could read and forge the stream.
    #[error("peer redirected from https to http")]
    Downgrade,
    /// A URL is not absolute, neither `http` nor `https`, has userinfo, or is one of those that
    /// readers of URLs mend each in their own way.
    #[error("peer redirected to what is no plain URL of http or https")]
    BadUrl,
}

impl Hop {
    /// Whether a field of the request may go along.
    ///
    /// `Host` may not, for it names the old place: write it anew. To another origin, credentials may
    /// not, nor what tells where the request came from, nor the fields that `secrets` names in any
    /// case. All else may, the last event ID among it, if its body does: see [`method`]. RFC 9110
    /// §15.4.
    #[must_use]
    pub fn carries(self, field: &str, secrets: &[&str]) -> bool {
        let is_in = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(field));
        match self {
            Self::SameOrigin => !is_in(&["Host"]),
            Self::CrossOrigin => !is_in(&BOUND_TO_ORIGIN) && !is_in(secrets),
        }
    }
}

/// What is meant for one origin alone, or tells the next one of it.
const BOUND_TO_ORIGIN: [&str; 10] = [
    "Authorization",
    "Authentication-Info",
    "Cookie",
    "Cookie2",
    "Host",
    "Origin",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Referer",
    "WWW-Authenticate",
];

/// What says something of a body.
const DESCRIBES_BODY: [&str; 6] = [
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Location",
    "Content-Type",
    "Transfer-Encoding",
];

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_hop_never_leaves_encryption() {
        assert_eq!(judge("https://a", "http://a"), Err(RefusedHop::Downgrade));
        assert_eq!(judge("https://a", "http://a:443"), Err(RefusedHop::Downgrade));
        assert_eq!(judge("https://a", "https://a/b"), Ok(Hop::SameOrigin));
        assert_eq!(judge("http://a", "http://a:80/b"), Ok(Hop::SameOrigin));
        assert_eq!(judge("http://a", "https://a"), Ok(Hop::CrossOrigin));
        assert_eq!(judge("http://a", "http://a:8080"), Ok(Hop::CrossOrigin));
        assert_eq!(judge("https://a", "/b"), Err(RefusedHop::BadUrl));
        assert_eq!(judge("/a", "https://a"), Err(RefusedHop::BadUrl));
    }

    #[test]
    fn a_post_becomes_a_get_unless_it_is_to_be_sent_again() {
        for (asked, then) in [
            ("GET", ["GET"; 5]),
            ("HEAD", ["HEAD"; 5]),
            ("POST", ["GET", "GET", "GET", "POST", "POST"]),
            ("PUT", ["PUT", "PUT", "GET", "PUT", "PUT"]),
        ] {
            assert_eq!([301, 302, 303, 307, 308].map(|status| method(status, asked)), then);
        }
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let secrets = ["X-Api-Key"];
        for name in BOUND_TO_ORIGIN.into_iter().chain(secrets) {
            for name in [name, &name.to_ascii_lowercase(), &name.to_ascii_uppercase()] {
                assert!(!Hop::CrossOrigin.carries(name, &secrets), "{name}");
                let stays = name.eq_ignore_ascii_case("Host");
                assert_eq!(Hop::SameOrigin.carries(name, &secrets), !stays, "{name}");
            }
        }
        for name in ["Last-Event-ID", "Accept", "Cache-Control", "User-Agent", "X-Api-Key2", ""] {
            assert!(Hop::CrossOrigin.carries(name, &secrets), "{name}");
        }
    }

    proptest::proptest! {
        /// Whatever a hostile `Location` says: what counts as the same origin is asked at the same host.
        #[test]
        fn no_text_of_a_peer_passes_for_our_origin(tail in "[@:/\\\\?#.a-z0-9\\[\\]]{0,12}") {
            let url = format!("https://a.example{tail}");
            if judge("https://a.example", &url) == Ok(Hop::SameOrigin) {
                let rest = tail.strip_prefix(':').map_or(&*tail, |port| {
                    port.trim_start_matches(|digit: char| digit.is_ascii_digit())
                });
                proptest::prop_assert!(rest.is_empty() || rest.starts_with(['/', '?', '#']), "{url}");
            }
        }
    }
}
