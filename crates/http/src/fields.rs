//! The field lines of a received head or trailer section. How long they may be, [`crate::scan`]
//! tells; what they mean, their readers.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use crate::Error;
use crate::span::Span;
use crate::syntax::{text, trim};

/// Received field lines, in the order in which they came.
///
/// They are views into the one buffer that holds the whole head. Names are tokens, compared without
/// regard to case; values have no blank at either end and no control but HTAB inside, but may hold
/// bytes outside ASCII.
///
/// ```
/// use tidewire_http::RequestHead;
///
/// let head = b"GET / HTTP/1.1\r\nHost: a\r\nAccept: x, y\r\naccept: z\r\n\r\n";
/// let head = RequestHead::parse(head)?;
/// assert_eq!(head.fields().get("host"), Some(&b"a"[..]));
/// assert!(head.fields().tokens("Accept").eq(["x", "y", "z"]));
/// # Ok::<(), tidewire_http::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Fields {
    bytes: Bytes,
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
struct Line {
    name: Span,
    value: Span,
}

impl Fields {
    /// Reads the field lines of `head` from `start` on, up to the empty line that ends it.
    pub(crate) fn parse(head: Bytes, start: usize) -> Result<Self, Error> {
        let section = &head[start..];
        let mut lines = vec![httparse::EMPTY_HEADER; memchr::memchr_iter(b'\n', section).count()];
        let Ok(httparse::Status::Complete((len, parsed))) =
            httparse::parse_headers(section, &mut lines)
        else {
            return Err(Error::BadField);
        };
        debug_assert_eq!(len, section.len(), "the scan found the same end");
        let lines = parsed.iter().map(|line| Line {
            name: Span::of(&head, line.name.as_bytes()),
            value: Span::of(&head, line.value),
        });
        let lines = lines.collect();
        Ok(Self { bytes: head, lines })
    }

    /// The number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All lines as name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let part =
            |line: &Line| (text(line.name.bytes(&self.bytes)), line.value.bytes(&self.bytes));
        self.lines.iter().map(part)
    }

    /// The value of the first line of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.get_all(name).next()
    }

    /// The values of all lines of this name.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.iter()
            .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The members of a comma-separated list that may span several lines. RFC 9110 §5.6.1.
    ///
    /// Blanks around a member are cut; empty members and those outside ASCII are skipped. Quoted
    /// strings are not looked into: use it for fields whose members are tokens.
    pub fn tokens(&self, name: &str) -> impl Iterator<Item = &str> {
        self.members(name).filter(|member| member.is_ascii()).map(text)
    }

    /// Whether a list field has this member, compared without regard to case.
    #[must_use]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.tokens(name).any(|member| member.eq_ignore_ascii_case(token))
    }

    /// The members of a list field, whatever their bytes. RFC 9110 §5.6.1.2: empty ones are ignored.
    pub(crate) fn members(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.get_all(name)
            .flat_map(|value| value.split(|&byte| byte == b','))
            .map(trim)
            .filter(|member| !member.is_empty())
    }

    /// The bytes into which spans point.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.iter().map(|(name, value)| (name, value.escape_ascii()));
        f.debug_map().entries(lines.map(|(name, value)| (name, alloc::format!("{value}")))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(section: &'static str) -> Result<Fields, Error> {
        Fields::parse(Bytes::from_static(section.as_bytes()), 0)
    }

    #[test]
    fn lines_keep_their_order_and_lose_outer_blanks() {
        let fields = parse("B: 1\r\na:\t 2 \t\r\nB:\r\n\r\n").unwrap();
        let lines: Vec<_> = fields.iter().collect();
        assert_eq!(lines, [("B", &b"1"[..]), ("a", b"2"), ("B", b"")]);
        assert_eq!(fields.get("b"), Some(&b"1"[..]));
        assert_eq!(fields.get_all("b").count(), 2);
        assert_eq!(fields.get("c"), None);
        assert_eq!((fields.len(), fields.is_empty()), (3, false));
    }

    #[test]
    fn list_members_span_lines() {
        let fields = parse("V: a ,, b\t,\r\nX: z\r\nv: \u{e9}, c,\r\n\r\n").unwrap();
        assert!(fields.tokens("v").eq(["a", "b", "c"]));
        assert!(fields.has_token("V", "B") && !fields.has_token("V", "z"));
    }

    #[test]
    fn malformed_lines_are_refused() {
        for bad in
            ["a : 1", ": 1", "a", "a b: 1", " a: 1", "a: 1\r\n b", "a: \0", "a: \x7f", "\u{e9}: 1"]
        {
            let section = Bytes::from(alloc::format!("{bad}\r\n\r\n"));
            assert_eq!(Fields::parse(section, 0).err(), Some(Error::BadField), "{bad:?}");
        }
    }
}
