//! One line of an event stream, split into its field and value. What the field does is told
//! elsewhere.

use core::time::Duration;

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

/// Splits a line into its field and value; the value is always the line's tail.
#[inline]
pub(crate) fn split(line: &[u8]) -> (Field, &[u8]) {
    if let Some(tail) = line.strip_prefix(b"data") {
        return valued(Field::Data, tail);
    }
    let (field, tail) = match line {
        [] => return (Field::Blank, line),
        [b':', ..] => (Field::Comment, line),
        [b'e', b'v', b'e', b'n', b't', tail @ ..] => (Field::Event, tail),
        [b'i', b'd', tail @ ..] => (Field::Id, tail),
        [b'r', b'e', b't', b'r', b'y', tail @ ..] => (Field::Retry, tail),
        _ => (Field::Unknown, line),
    };
    valued(field, tail)
}

/// What stands behind a field name: nothing, a value, or more of a name that is none.
#[inline]
fn valued(field: Field, tail: &[u8]) -> (Field, &[u8]) {
    match tail {
        [] => (field, tail),
        [b':', b' ', value @ ..] | [b':', value @ ..] => (field, value),
        _ => (Field::Unknown, tail),
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

    #[test]
    fn one_space_behind_the_colon_is_dropped() {
        assert_eq!(split(b"data:x"), (Field::Data, &b"x"[..]));
        assert_eq!(split(b"data: x "), (Field::Data, &b"x "[..]));
        assert_eq!(split(b"data:  x"), (Field::Data, &b" x"[..]));
        assert_eq!(split(b"data:\tx"), (Field::Data, &b"\tx"[..]));
        assert_eq!(split(b"data"), (Field::Data, &b""[..]));
    }

    #[test]
    fn only_whole_names_in_lower_case_count() {
        for line in [&b" data: x"[..], b"data : x", b"Data: x", b"dat: x", b"datas", b"\0id: 1"] {
            assert_eq!(split(line).0, Field::Unknown, "{}", line.escape_ascii());
        }
        assert_eq!(split(b":"), (Field::Comment, &b""[..]));
        assert_eq!(split(b": data: x"), (Field::Comment, &b"data: x"[..]));
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
