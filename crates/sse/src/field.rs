//! One line of an event stream, split into its field and value. What the field does is told
//! elsewhere.

use core::time::Duration;

use crate::Text;

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Blank,
    Comment,
    Data,
    Event,
    Id,
    Retry,
    Unknown,
}

/// Splits a line into its field and value.
#[inline]
pub(crate) fn split(line: Text<'_>) -> (Field, Text<'_>) {
    let (field, value) = locate(line.as_bytes());
    (field, line.split_at(value).1)
}

/// The field of a line, and where its value starts, which goes on to the line's end.
#[inline]
pub(crate) fn locate(line: &[u8]) -> (Field, usize) {
    let (field, name_len) = match line {
        // Nearly all lines. And to compare bytes together is faster than to match one by one.
        _ if line.starts_with(b"data") => (Field::Data, 4),
        [] => return (Field::Blank, 0),
        [b':', ..] => (Field::Comment, 0),
        _ if line.starts_with(b"event") => (Field::Event, 5),
        _ if line.starts_with(b"id") => (Field::Id, 2),
        _ if line.starts_with(b"retry") => (Field::Retry, 5),
        _ => return (Field::Unknown, 0),
    };
    match line[name_len..] {
        [] => (field, name_len),
        [b':', b' ', ..] => (field, name_len + 2),
        [b':', ..] => (field, name_len + 1),
        _ => (Field::Unknown, 0),
    }
}

/// The reconnection time of a `retry` value, which is ASCII digits alone; saturates at 64 bits.
pub(crate) fn reconnection_time(value: &[u8]) -> Option<Duration> {
    digits(value).map(Duration::from_millis)
}

/// The number that is written in ASCII digits and nothing else; saturates at 64 bits.
pub(crate) fn digits(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(value.iter().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field and the value of a line.
    fn parts(line: &[u8]) -> (Field, &[u8]) {
        let (field, value) = split(Text::new(line));
        (field, value.as_bytes())
    }

    #[test]
    fn one_space_behind_the_colon_is_dropped() {
        assert_eq!(parts(b"data:x"), (Field::Data, &b"x"[..]));
        assert_eq!(parts(b"data: x "), (Field::Data, &b"x "[..]));
        assert_eq!(parts(b"data:  x"), (Field::Data, &b" x"[..]));
        assert_eq!(parts(b"data:\tx"), (Field::Data, &b"\tx"[..]));
        assert_eq!(parts(b"data"), (Field::Data, &b""[..]));
    }

    #[test]
    fn only_whole_names_in_lower_case_count() {
        for line in [&b" data: x"[..], b"data : x", b"Data: x", b"dat: x", b"datas", b"\0id: 1"] {
            assert_eq!(parts(line).0, Field::Unknown, "{}", line.escape_ascii());
        }
        assert_eq!(parts(b":"), (Field::Comment, &b""[..]));
        assert_eq!(parts(b": data: x"), (Field::Comment, &b"data: x"[..]));
    }

    #[test]
    fn a_retry_is_digits_alone_and_never_overflows() {
        for value in [&b""[..], b"+5", b"-5", b" 5", b"5 ", b"1.5", b"1_0", "٣".as_bytes()] {
            assert_eq!(reconnection_time(value), None, "{}", value.escape_ascii());
        }
        assert_eq!(reconnection_time(b"0003"), Some(Duration::from_millis(3)));
        let longest = Duration::from_millis(u64::MAX);
        assert_eq!(reconnection_time(b"18446744073709551615"), Some(longest));
        assert_eq!(reconnection_time(b"18446744073709551616"), Some(longest));
    }
}
