//! Which web pages may connect. A page cannot forge its origin; other clients can, or send none.

use alloc::string::String;
use alloc::vec::Vec;

/// The origins whose pages a server lets connect. RFC 6455 §10.2.
///
/// Browsers send cookies along with any page's handshake, and no other rule keeps a foreign page
/// from acting in the user's name. A request without Origin comes from no browser and passes.
/// Origins are compared whole: `https://good.example.evil` is not `https://good.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Every page. Only for what any page may read and do.
    Any,
    /// Pages from the host that the request names, over `http` or `https`, and from these origins,
    /// such as `https://app.example` or `http://localhost:3000`.
    SameOriginOr(Vec<String>),
    /// Pages from these origins alone.
    Only(Vec<String>),
}

impl Origins {
    pub(super) fn allow(&self, origin: &[u8], host: &str) -> bool {
        let is_listed = |list: &[String]| list.iter().any(|allowed| allowed.as_bytes() == origin);
        match self {
            Self::Any => true,
            Self::SameOriginOr(list) => is_same(origin, host) || is_listed(list),
            Self::Only(list) => is_listed(list),
        }
    }
}

impl Default for Origins {
    /// Pages from the server's own host.
    fn default() -> Self {
        Self::SameOriginOr(Vec::new())
    }
}

/// Whether `origin` is `http` or `https` at `host`. Which of both the client used, a server behind a
/// proxy cannot know.
fn is_same(origin: &[u8], host: &str) -> bool {
    // A page has a host, so who names none has no pages.
    if host.is_empty() || host.starts_with(':') {
        return false;
    }
    [("http://", ":80"), ("https://", ":443")].into_iter().any(|(scheme, port)| {
        let host = host.strip_suffix(port).unwrap_or(host);
        origin
            .strip_prefix(scheme.as_bytes())
            .map(|origin| origin.strip_suffix(port.as_bytes()).unwrap_or(origin))
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn the_default_lets_only_pages_of_the_same_host_in() {
        let origins = Origins::default();
        for (origin, host, allowed) in [
            ("https://a.example", "a.example", true),
            ("http://a.example", "A.Example", true),
            ("https://a.example", "a.example:443", true),
            ("http://a.example", "a.example:80", true),
            ("http://a.example:8080", "a.example:8080", true),
            ("http://[::1]:80", "[::1]", true),
            ("http://a.example", "a.example:443", false),
            ("http://a.example:8080", "a.example", false),
            ("https://b.example", "a.example", false),
            ("https://a.example.evil", "a.example", false),
            ("https://evila.example", "a.example", false),
            ("ftp://a.example", "a.example", false),
            ("a.example", "a.example", false),
            ("null", "null", false),
            ("", "", false),
            ("http://", "", false),
            ("https://", ":443", false),
            ("http://:8080", ":8080", false),
        ] {
            assert_eq!(origins.allow(origin.as_bytes(), host), allowed, "{origin} at {host}");
        }
    }

    #[test]
    fn a_list_is_compared_whole() {
        let list = vec![String::from("https://good.example")];
        let (own, only) = (Origins::SameOriginOr(list.clone()), Origins::Only(list));
        assert!(own.allow(b"https://good.example", "a"));
        assert!(own.allow(b"https://a", "a"));
        assert!(only.allow(b"https://good.example", "a"));
        assert!(!only.allow(b"https://a", "a"));
        for bad in ["https://good.example.evil", "https://evilgood.example", "http://good.example"]
        {
            assert!(!own.allow(bad.as_bytes(), "a"), "{bad}");
        }
        assert!(Origins::Any.allow(b"null", "a"));
    }
}
