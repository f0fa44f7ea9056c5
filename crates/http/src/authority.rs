//! The syntax of `host [":" port]`. Which host a request means, its head decides.

use core::net::Ipv6Addr;

use crate::syntax::text;

/// Whether `bytes` is `uri-host [ ":" port ]`, as in a Host field. An empty host is legal there.
///
/// Userinfo and IP literals of a future version are refused. RFC 9110 §7.2, RFC 3986 §3.2.2.
pub(crate) fn is_authority(bytes: &[u8]) -> bool {
    let (host, port) = split_port(bytes);
    let host_is_good = match host {
        [b'[', literal @ .., b']'] => {
            literal.is_ascii() && text(literal).parse::<Ipv6Addr>().is_ok()
        }
        name => is_reg_name(name),
    };
    host_is_good && port.iter().all(u8::is_ascii_digit)
}

/// Whether an authority names a host at all, as an `http` URI must. RFC 9110 §4.2.1.
pub(crate) fn names_host(authority: &[u8]) -> bool {
    !split_port(authority).0.is_empty()
}

/// The host, and the port without its colon.
fn split_port(bytes: &[u8]) -> (&[u8], &[u8]) {
    let literal_end = memchr::memrchr(b']', bytes).map_or(0, |index| index + 1);
    match memchr::memchr(b':', &bytes[literal_end..]) {
        Some(colon) => (&bytes[..literal_end + colon], &bytes[literal_end + colon + 1..]),
        None => (bytes, b""),
    }
}

fn is_reg_name(bytes: &[u8]) -> bool {
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        let good = match byte {
            b'%' => {
                [rest.next(), rest.next()].iter().all(|hex| hex.is_some_and(u8::is_ascii_hexdigit))
            }
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&'..=b',' | b';' | b'=' => true,
            byte => byte.is_ascii_alphanumeric(),
        };
        if !good {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_kind_pass() {
        for good in
            ["", "a", "a:80", "a:", "a.example", "a_b", "127.0.0.1:8080", "[::1]", "[::1]:80"]
        {
            assert!(is_authority(good.as_bytes()), "{good}");
        }
        assert!(is_authority(b"%c3%a9.example"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in [
            "a b",
            "a, b",
            "u@a",
            "a:b",
            "a:80:80",
            "[::1",
            "::1",
            "[::1]x",
            "[a]",
            "[]",
            "a/b",
            "a?",
            "a\\b",
            "%4",
            "%zz",
            "é",
            "[fe80::1%25eth0]",
            "[::1]]",
            "a]",
            "\"a\"",
            "<a>",
        ] {
            assert!(!is_authority(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn an_authority_may_lack_a_host() {
        assert!(names_host(b"a:80") && names_host(b"[::1]"));
        assert!(!names_host(b"") && !names_host(b":80"));
    }
}
