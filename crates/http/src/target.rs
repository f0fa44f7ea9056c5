//! The forms of a request target. Which one a received request has, its head remembers.

use crate::authority::{is_authority, names_host};
use crate::syntax::is_target;

/// A request target, taken apart.
pub(crate) struct Target<'t> {
    /// The host and port of an absolute form.
    pub(crate) authority: Option<&'t [u8]>,
    /// Path and query, or `*`. Empty if an absolute form has neither.
    pub(crate) origin: &'t [u8],
}

impl<'t> Target<'t> {
    /// Takes apart a target in origin-form, in absolute-form of an `http` or `https` URI without
    /// userinfo, or in asterisk-form if `method` is OPTIONS. RFC 9112 §3.2.
    pub(crate) fn parse(method: &[u8], target: &'t [u8]) -> Option<Self> {
        if !is_target(target) {
            return None;
        }
        match (method, target) {
            (_, [b'/', ..]) | (b"OPTIONS", b"*") => Some(Self { authority: None, origin: target }),
            (_, target) => Self::parse_absolute(target),
        }
    }

    fn parse_absolute(target: &'t [u8]) -> Option<Self> {
        let scheme_end = memchr::memmem::find(target, b"://")?;
        let (scheme, rest) = (&target[..scheme_end], &target[scheme_end + 3..]);
        let is_known =
            [&b"http"[..], b"https"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
        let authority_end = memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len());
        let (authority, origin) = rest.split_at(authority_end);
        // RFC 9110 §4.2.1: a URI without a host is invalid.
        let is_good = is_known && is_authority(authority) && names_host(authority);
        is_good.then_some(Self { authority: Some(authority), origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(target: &str) -> Option<(Option<&[u8]>, &[u8])> {
        Target::parse(b"GET", target.as_bytes()).map(|parts| (parts.authority, parts.origin))
    }

    #[test]
    fn origin_and_absolute_forms_are_taken_apart() {
        assert_eq!(parse("/p?q"), Some((None, &b"/p?q"[..])));
        assert_eq!(parse("//x"), Some((None, &b"//x"[..])));
        assert_eq!(parse("http://b/p?q"), Some((Some(&b"b"[..]), &b"/p?q"[..])));
        assert_eq!(parse("HTTPS://B:1"), Some((Some(&b"B:1"[..]), &b""[..])));
        assert_eq!(parse("http://[::1]?q"), Some((Some(&b"[::1]"[..]), &b"?q"[..])));
    }

    #[test]
    fn an_asterisk_is_for_options_alone() {
        assert!(Target::parse(b"OPTIONS", b"*").is_some());
        assert!(Target::parse(b"GET", b"*").is_none());
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in [
            "",
            "a",
            "a:80",
            "?q",
            "://b",
            "http:/b",
            "http://",
            "http:///p",
            "http://:80/",
            "http://b:x/",
            "http://u@b/",
            "ftp://b/",
            "/#f",
            "/\u{e9}",
            "/\x7f",
            "/\x01",
            "/ ",
        ] {
            assert!(parse(bad).is_none(), "{bad:?}");
        }
    }
}
