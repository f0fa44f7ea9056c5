//! A position in the log and its text. Where a reader without one begins is `start`'s business.

use core::fmt;
use core::str::FromStr;

/// A position in one log: behind the event with this offset, before the next one.
///
/// The log mints offsets from 1 without a hole, so offset 0 lies before its first event. The epoch
/// tells one life of a log from another; offsets of two epochs do not compare, hence no order.
///
/// As text it is the epoch in base 32 (digits `0` to `9`, then `a` to `v`), a dot, and the offset in
/// decimal: at most 34 bytes, fit for a URL, an event id and an entity tag. Each cursor has exactly
/// one text, and only that one is read.
///
/// ```
/// use tidewire_hub::Cursor;
///
/// let cursor = Cursor { epoch: 1_000, offset: 42 };
/// assert_eq!(cursor.to_string(), "v8.42");
/// assert_eq!("v8.42".parse(), Ok(cursor));
/// assert!("V8.42".parse::<Cursor>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Which life of the log the offset belongs to.
    pub epoch: u64,
    /// The offset of the last event before this position; 0 if there is none.
    pub offset: u64,
}

/// The text is no position: not a cursor in its one form, nor the name of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a log")]
pub struct ParseCursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let significant = (u64::BITS - self.epoch.leading_zeros()).div_ceil(DIGIT_BITS).max(1);
        for place in (0..significant).rev() {
            let digit = (self.epoch >> (place * DIGIT_BITS)) as u32 % 32;
            fmt::Write::write_char(f, char::from_digit(digit, 32).unwrap_or('0'))?;
        }
        write!(f, ".{}", self.offset)
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let (epoch, offset) = text.split_once('.').ok_or(ParseCursorError)?;
        Ok(Self { epoch: canonical(epoch, 32)?, offset: canonical(offset, 10)? })
    }
}

/// Reads a number in the one form it is written in: lower case, no sign, no leading zero.
pub(crate) fn canonical(text: &str, radix: u32) -> Result<u64, ParseCursorError> {
    let is_digit = |byte: u8| char::from(byte).is_digit(radix) && !byte.is_ascii_uppercase();
    let leads_with_zero = text.len() > 1 && text.starts_with('0');
    if leads_with_zero || !text.bytes().all(is_digit) {
        return Err(ParseCursorError);
    }
    u64::from_str_radix(text, radix).map_err(|_| ParseCursorError)
}

/// Bits that a digit of the epoch's text stands for.
const DIGIT_BITS: u32 = 5;

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use allocation_counter::measure;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_cursor_takes_34_url_safe_bytes() {
        let text = Cursor { epoch: u64::MAX, offset: u64::MAX }.to_string();
        assert_eq!(text, "fvvvvvvvvvvvv.18446744073709551615");
        assert_eq!(text.len(), 34);
    }

    #[test]
    fn b10_malformed_or_oversize_cursors_are_refused() {
        let refused = [
            "",
            ".",
            "1",
            "1.",
            ".1",
            "01.1",
            "1.01",
            "+1.1",
            "1.+1",
            "-1.1",
            "A.1",
            "w.1",
            "1.a",
            "1.1 ",
            " 1.1",
            "1.1.1",
            "1,1",
            "g000000000000.1",
            "1.18446744073709551616",
            "1.١",
        ];
        for text in refused {
            assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError), "{text}");
        }
        assert!("9".repeat(100_000).parse::<Cursor>().is_err());
        assert_eq!("0.0".parse(), Ok(Cursor { epoch: 0, offset: 0 }));
    }

    proptest! {
        #[test]
        fn a_cursor_reads_back_as_written(epoch: u64, offset: u64) {
            let cursor = Cursor { epoch, offset };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn b10_a_text_that_is_read_is_the_only_one_and_nothing_is_allocated(text in texts()) {
            let mut read = Err(ParseCursorError);
            prop_assert_eq!(measure(|| read = text.parse::<Cursor>()).count_total, 0);
            if let Ok(cursor) = read {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    /// Texts of a cursor's characters and their likes, and cursors of which a piece was replaced.
    fn texts() -> impl Strategy<Value = String> {
        let spliced = (any::<(u64, u64)>(), 0..34_usize, 0..3_usize, "[0-9a-wA-W.+ -]{0,3}|.");
        let spliced = spliced.prop_map(|((epoch, offset), at, cut, piece)| {
            let mut text = Cursor { epoch: epoch >> (at % 64), offset }.to_string();
            let at = at.min(text.len());
            text.replace_range(at..text.len().min(at + cut), &piece);
            text
        });
        prop_oneof!["[0-9a-vA-V.+]{0,8}", ".{0,64}", "[0-9]{0,40}[.][0-9]{0,4000}", spliced]
    }
}
