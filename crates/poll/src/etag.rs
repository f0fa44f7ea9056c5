//! Cursors as entity tags, for polls that are conditional requests. RFC 9110 §8.8.3, §13.1.2.

use core::{fmt, str};

use tidewire_hub::Cursor;

/// The entity tag of an answer: the cursor behind it, in quotes.
///
/// ```
/// use tidewire_hub::Cursor;
/// use tidewire_poll::EntityTag;
///
/// assert_eq!(EntityTag(Cursor { epoch: 1_000, offset: 42 }).to_string(), "\"v8.42\"");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntityTag(pub Cursor);

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

/// Whether the values of `If-None-Match` name the answer whose cursor is `next`, so that 304 says it
/// all. Tags compare weakly: a proxy that compresses makes them weak, or adds its own `-gzip` or the
/// like to what stands in the quotes, which is passed over.
///
/// ```
/// use tidewire_hub::Cursor;
/// use tidewire_poll::if_none_match;
///
/// let next = Cursor { epoch: 1_000, offset: 42 };
/// assert!(if_none_match([&b"\"other\", W/\"v8.42\""[..]], next));
/// assert!(!if_none_match([&b"\"v8.41\""[..]], next));
/// ```
pub fn if_none_match<'v>(values: impl IntoIterator<Item = &'v [u8]>, next: Cursor) -> bool {
    values
        .into_iter()
        .any(|value| value.trim_ascii() == b"*" || cursors(value).any(|cursor| cursor == next))
}

/// The cursor in the values of `If-None-Match`, from which a poll without one goes on: the first tag
/// that is a cursor.
///
/// ```
/// use tidewire_hub::Cursor;
/// use tidewire_poll::cursor_from_etag;
///
/// let cursor = Cursor { epoch: 1_000, offset: 42 };
/// assert_eq!(cursor_from_etag([&b"\"v8.42\""[..]]), Some(cursor));
/// ```
#[must_use]
pub fn cursor_from_etag<'v>(values: impl IntoIterator<Item = &'v [u8]>) -> Option<Cursor> {
    values.into_iter().flat_map(cursors).next()
}

/// The tags of a list that are cursors, up to where it stops being a list of tags.
fn cursors(list: &[u8]) -> impl Iterator<Item = Cursor> {
    // No cursor has a dash: what follows one names the coding that a proxy chose.
    let cursor =
        |tag: &[u8]| str::from_utf8(tag.split(|&byte| byte == b'-').next()?).ok()?.parse().ok();
    tags(list).filter_map(cursor)
}

/// What stands in the quotes. A comma there belongs to the tag, so the list is not split by commas.
fn tags(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    core::iter::from_fn(move || {
        let start = list.iter().position(|byte| !b" \t,".contains(byte))?;
        let tag = &list[start..];
        let opaque = tag.strip_prefix(b"W/").unwrap_or(tag).strip_prefix(b"\"")?;
        let end = opaque.iter().position(|&byte| byte == b'"')?;
        list = &opaque[end + 1..];
        Some(&opaque[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: Cursor = Cursor { epoch: 5, offset: 7 };

    #[test]
    fn lists_weak_tags_and_the_star_match() {
        let matching: [&[&[u8]]; 9] = [
            &[b"\"5.7\""],
            &[b"\"5.7-gzip\""],
            &[b"W/\"5.7--br\""],
            &[b"W/\"5.7\""],
            &[b"*"],
            &[b" * "],
            &[b"\"5.6\" ,\t\"5.7\""],
            &[b"\"a,b\",, \"\", \"5.7\""],
            &[b"\"5.6\"", b"\"5.7\""],
        ];
        for values in matching {
            assert!(if_none_match(values.iter().copied(), NEXT), "{values:?}");
        }
    }

    #[test]
    fn what_is_no_tag_of_the_answer_does_not_match() {
        let others: [&[u8]; 12] = [
            b"",
            b"5.7",
            b"\"5.7",
            b"\"5.6\"",
            b"\"5.6-gzip\"",
            b"\"-5.7\"",
            b"\"6.7\"",
            b"\"05.7\"",
            b"w/\"5.7\"",
            b"W/ \"5.7\"",
            b"\"\"5.7\"\"",
            b"\"*\"",
        ];
        for value in others {
            assert!(!if_none_match([value], NEXT), "{}", value.escape_ascii());
        }
        assert!(!if_none_match([], NEXT));
    }

    #[test]
    fn the_first_tag_that_is_a_cursor_is_gone_on_from() {
        let values: [&[u8]; 2] = [b"\"abc\", \"\xff\"", b"\"x.y\", W/\"5.7\", \"5.8\""];
        assert_eq!(cursor_from_etag(values), Some(NEXT));
        assert_eq!(cursor_from_etag([&b"*"[..]]), None);
    }
}
