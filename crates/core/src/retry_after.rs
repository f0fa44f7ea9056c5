//! What `Retry-After` says. How far it is obeyed is the client machine's business.

use core::str;
use core::time::Duration;

use crate::date::seconds_since_1970;

/// How long the value of `Retry-After` says to stay away: seconds, or a date. RFC 9110 §10.2.3.
///
/// A date only says something beside the value of the same response's `Date`, for no clock is read
/// here and the two sides' clocks need not agree. A date that has passed is no wait. A year of two
/// digits is the last one that is not more than 50 years later than `date` (RFC 9110 §5.6.7), and in
/// `date` itself one from 1970 to 2069. `None` if neither can be read.
///
/// ```
/// use core::time::Duration;
/// use tidewire_core::retry_after;
///
/// assert_eq!(retry_after(b"120", None), Some(Duration::from_secs(120)));
/// let date = b"Sun, 06 Nov 1994 08:49:37 GMT";
/// let later = b"Sun, 06 Nov 1994 08:50:00 GMT";
/// assert_eq!(retry_after(later, Some(date)), Some(Duration::from_secs(23)));
/// ```
#[must_use]
pub fn retry_after(value: &[u8], date: Option<&[u8]>) -> Option<Duration> {
    let value = text(value)?;
    if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        // So many digits that they do not fit mean a long time all the same.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let now = seconds_since_1970(text(date?)?, None)?;
    let until = seconds_since_1970(value, Some(now))?;
    Some(Duration::from_secs(until.saturating_sub(now)))
}

fn text(value: &[u8]) -> Option<&str> {
    str::from_utf8(value.trim_ascii()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_however_many() {
        assert_eq!(retry_after(b" 0 ", None), Some(Duration::ZERO));
        assert_eq!(retry_after(&[b'9'; 100], None), Some(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn a_date_needs_the_date_of_the_response() {
        let (early, late) =
            (b"Sun, 06 Nov 1994 08:49:37 GMT", b"Sunday, 06-Nov-94 08:49:40 GMT".as_slice());
        assert_eq!(retry_after(late, None), None);
        assert_eq!(retry_after(late, Some(early)), Some(Duration::from_secs(3)));
        assert_eq!(retry_after(early, Some(late)), Some(Duration::ZERO));
    }

    #[test]
    fn a_year_of_two_digits_is_held_against_the_date() {
        let now = b"Wed, 31 Dec 2098 23:59:59 GMT".as_slice();
        assert_eq!(
            retry_after(b"Thursday, 01-Jan-99 00:00:09 GMT", Some(now)),
            Some(Duration::from_secs(10))
        );
        assert_eq!(retry_after(b"Friday, 01-Jan-49 00:00:00 GMT", Some(now)), Some(Duration::ZERO));
        assert!(retry_after(b"Thursday, 31-Dec-48 23:59:59 GMT", Some(now)) > Some(Duration::ZERO));
    }

    #[test]
    fn nonsense_says_nothing() {
        for value in [&b""[..], b"-1", b"1.5", b"soon", b"\xff", b"1 2"] {
            assert_eq!(retry_after(value, Some(value)), None);
        }
    }
}
