//! Who may ask: by the page a request comes from and by the name it calls us.

use std::net::{IpAddr, SocketAddr};

use tidewire::http::RequestHead;

use crate::refusal::Refusal;

/// Checks where a request comes from and whom it means.
///
/// A page of another origin must not read or write with its visitor's access (cross-site WebSocket
/// hijacking, CSRF), so `Origin` has to be ours or listed. Images, scripts and links of a page carry
/// none, but browsers say so otherwise, and the API is not theirs to load. And a public name that is
/// made to point at our address must not turn a page into "same origin" (DNS rebinding), so on a
/// loopback address, or once names are listed, only local and listed names count.
#[derive(Debug)]
pub(crate) struct Guard {
    origins: Vec<String>,
    hosts: Vec<String>,
    checks_hosts: bool,
}

/// What the guard found out about a request that may pass.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// No page of another origin asks.
    Own,
    /// A listed page of another origin asks, and its browser wants to be told that it may.
    Listed(String),
}

impl Guard {
    /// A guard for a server that listens on `address`.
    pub(crate) fn new(address: SocketAddr, origins: Vec<String>, hosts: Vec<String>) -> Self {
        let checks_hosts = address.ip().is_loopback() || !hosts.is_empty();
        let origins = origins.into_iter().map(|origin| origin.to_ascii_lowercase()).collect();
        Self { origins, hosts, checks_hosts }
    }

    /// Whether it matters by which name the server is called.
    pub(crate) fn checks_hosts(&self) -> bool {
        self.checks_hosts
    }

    /// Lets `head` pass or says why not.
    pub(crate) fn admit(&self, head: &RequestHead) -> Result<Origin, Refusal> {
        if !self.knows(head.host()) {
            return Err(Refusal::Misdirected);
        }
        let mut lines = head.fields().get_all("origin");
        let origin = match (lines.next(), lines.next()) {
            (None, _) if is_foreign_load(head) => return Err(Refusal::ForeignOrigin),
            (None, _) => return Ok(Origin::Own),
            (Some(origin), None) => origin,
            (Some(_), Some(_)) => return Err(Refusal::ForeignOrigin),
        };
        let origin = std::str::from_utf8(origin).map_err(|_| Refusal::ForeignOrigin)?;
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        if authority.is_some_and(|authority| authority.eq_ignore_ascii_case(head.host())) {
            Ok(Origin::Own)
        } else if self.origins.iter().any(|listed| listed.eq_ignore_ascii_case(origin)) {
            Ok(Origin::Listed(origin.to_owned()))
        } else {
            Err(Refusal::ForeignOrigin)
        }
    }

    /// Whether `host` is a name for this server. A name without a dot cannot be a public one.
    fn knows(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        !self.checks_hosts
            || !name.contains('.')
            || bare.parse::<IpAddr>().is_ok()
            || name.to_ascii_lowercase().ends_with(".localhost")
            || self.hosts.iter().any(|listed| listed.eq_ignore_ascii_case(name))
    }
}

/// Whether a page of another origin loads part of the API as an image, a script or a link.
fn is_foreign_load(head: &RequestHead) -> bool {
    let site = head.fields().get("sec-fetch-site");
    head.path().starts_with("/v1/") && matches!(site, Some(b"cross-site" | b"same-site"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(fields: &str) -> Result<Origin, u16> {
        let guard = Guard::new(
            ([127, 0, 0, 1], 8080).into(),
            vec!["https://Good.example".to_owned()],
            vec!["push.example".to_owned()],
        );
        let head = format!("GET / HTTP/1.1\r\n{fields}\r\n\r\n");
        let head = RequestHead::parse(head.as_bytes()).unwrap();
        guard.admit(&head).map_err(|refusal| refusal.status())
    }

    #[test]
    fn origins_are_ours_or_listed() {
        let listed = Ok(Origin::Listed("https://good.example".to_owned()));
        for (origin, expected) in [
            ("http://127.0.0.1:8080", Ok(Origin::Own)),
            ("https://good.example", listed),
            ("http://good.example", Err(403)),
            ("https://good.example:444", Err(403)),
            ("https://good.example.evil.example", Err(403)),
            ("https://sub.good.example", Err(403)),
            ("http://127.0.0.1:8081", Err(403)),
            ("http://127.0.0.1", Err(403)),
            ("null", Err(403)),
            ("", Err(403)),
        ] {
            let fields = format!("Host: 127.0.0.1:8080\r\nOrigin: {origin}");
            assert_eq!(admit(&fields), expected, "{origin}");
        }
        assert_eq!(admit("Host: 127.0.0.1:8080"), Ok(Origin::Own));
        let twice = "Host: a\r\nOrigin: http://a\r\nOrigin: http://a";
        assert_eq!(admit(twice), Err(403));
    }

    #[test]
    fn a_foreign_page_cannot_load_the_api_as_an_image() {
        let fetch = |path: &str, site: &str| {
            let guard = Guard::new(([127, 0, 0, 1], 8080).into(), vec![], vec![]);
            let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: {site}\r\n\r\n");
            guard.admit(&RequestHead::parse(head.as_bytes()).unwrap()).is_ok()
        };
        assert!(!fetch("/v1/poll?topic=a", "cross-site"));
        assert!(!fetch("/v1/sse?topic=a", "same-site"));
        assert!(fetch("/v1/poll?topic=a", "same-origin"));
        assert!(fetch("/v1/poll?topic=a", "none"));
        assert!(fetch("/", "cross-site"));
    }

    #[test]
    fn public_names_do_not_reach_a_loopback_server() {
        for (host, expected) in [
            ("127.0.0.1:8080", Ok(Origin::Own)),
            ("[::1]:8080", Ok(Origin::Own)),
            ("localhost", Ok(Origin::Own)),
            ("app.localhost:80", Ok(Origin::Own)),
            ("push.example:8080", Ok(Origin::Own)),
            ("evil.example", Err(421)),
            ("127.0.0.1.evil.example:8080", Err(421)),
        ] {
            assert_eq!(admit(&format!("Host: {host}")), expected, "{host}");
        }
    }
}
