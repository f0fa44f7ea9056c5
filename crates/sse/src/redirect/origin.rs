//! The origin of a URL. What may go from one to another is told elsewhere.

/// The origin of a URL: its scheme, host and port (RFC 6454 §4).
///
/// Two are equal if the schemes and the ports are, and the hosts but for the case of letters. Hosts
/// are compared as they are written: one host in two spellings counts as two, never the other way
/// round.
///
/// ```
/// use tidewire_sse::redirect::Origin;
///
/// assert_eq!(Origin::of("HTTPS://A.example"), Origin::of("https://a.example:443/sse?x#y"));
/// assert_ne!(Origin::of("https://a.example"), Origin::of("https://a.example:444"));
/// assert_eq!(Origin::of("//a.example"), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Origin<'u> {
    scheme: Scheme,
    host: &'u str,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl<'u> Origin<'u> {
    /// The origin of an absolute URL of `http` or `https`; `None` if it is another, or if two readers
    /// could take different hosts from it (RFC 3986 §3.2, §7.6).
    #[must_use]
    pub fn of(url: &'u str) -> Option<Self> {
        // Blanks, controls and backslashes are mended by some readers and not by others.
        if url.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let scheme = Scheme::of(scheme)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port),
            _ => (authority, ""),
        };
        let port = match port {
            "" => scheme.default_port(),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            _ => return None,
        };
        is_host(host).then_some(Self { scheme, host, port })
    }

    /// Whether what goes there is encrypted.
    pub(super) fn is_encrypted(self) -> bool {
        self.scheme == Scheme::Https
    }
}

impl PartialEq for Origin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme
            && self.port == other.port
            && self.host.eq_ignore_ascii_case(other.host)
    }
}

impl Eq for Origin<'_> {}

impl Scheme {
    fn of(name: &str) -> Option<Self> {
        match name {
            _ if name.eq_ignore_ascii_case("http") => Some(Self::Http),
            _ if name.eq_ignore_ascii_case("https") => Some(Self::Https),
            _ => None,
        }
    }

    /// RFC 9110 §4.2.1, §4.2.2.
    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Whether a host is a name, an address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.contains(':') && address.bytes().all(is_in_ipv6),
        None => !host.is_empty() && host.bytes().all(is_in_name),
    }
}

fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn is_in_ipv6(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let own = Origin::of("https://a.example/sse").unwrap();
        for same in [
            "https://a.example",
            "https://a.example:443",
            "https://a.example:/",
            "HTTPS://A.EXAMPLE:00443/other?x=https://b.example#y",
            "https://a.example?@b.example",
            "https://a.example#@b.example",
        ] {
            assert_eq!(Origin::of(same), Some(own), "{same}");
        }
        for other in [
            "http://a.example",
            "http://a.example:443",
            "https://a.example:80",
            "https://a.example:4430",
            "https://a.example.",
            "https://a.example.b.example",
            "https://b.a.example",
            "https://[::1]",
        ] {
            assert_ne!(Origin::of(other), Some(own), "{other}");
            assert!(Origin::of(other).is_some(), "{other}");
        }
        assert_eq!(Origin::of("http://[::1]"), Origin::of("http://[::1]:80/"));
        assert_ne!(Origin::of("http://[::1]"), Origin::of("http://[::2]"));
    }

    #[test]
    fn a_url_that_two_readers_could_take_differently_has_no_origin() {
        for url in [
            "",
            "/sse",
            "//a.example/sse",
            "https:a.example",
            "https:/a.example",
            "https:///a.example",
            "https://",
            "https://:443",
            "https://?a.example",
            "https://user@a.example",
            "https://a.example:443@b.example",
            "https://a.example\\@b.example",
            "https:\\\\a.example",
            "https://a.example\\.b.example",
            "https://a example",
            " https://a.example",
            "https://a.example\n",
            "ht\ttps://a.example",
            "https://a\0.example",
            "https://a%2eexample",
            "https://ä.example",
            "https://a.example:65536",
            "https://a.example:+443",
            "https://a.example:4x3",
            "https://a.example:443:443",
            "https://[::1",
            "https://::1]",
            "https://[::1]x",
            "https://[a.example]",
            "https://[]",
            "wss://a.example",
            "javascript://a.example",
            "file:///etc/passwd",
        ] {
            assert_eq!(Origin::of(url), None, "{url:?}");
        }
    }
}
