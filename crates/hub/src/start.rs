//! Where a reader begins, and the text for it. The cursor's own text is `cursor`'s business.

use core::fmt;
use core::str::FromStr;

use crate::cursor::canonical;
use crate::{Cursor, ParseCursorError};

/// Where a reader begins.
///
/// As text: a cursor, `oldest`, `now`, or `last:` and a decimal number without leading zeros.
///
/// ```
/// use tidewire_hub::{Cursor, Start};
///
/// assert_eq!("last:10".parse(), Ok(Start::Last(10)));
/// assert_eq!("v8.42".parse(), Ok(Start::After(Cursor { epoch: 1_000, offset: 42 })));
/// assert_eq!(Start::Oldest.to_string(), "oldest");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// Behind what the reader has seen. The only start that can be [reset](crate::Reset).
    After(Cursor),
    /// At the oldest event that the log still keeps.
    Oldest,
    /// At the next event to be published.
    Now,
    /// As many events back as the number says, counted over the reader's topics alone: right before
    /// the first of those that the log keeps, or at the head if it keeps none.
    Last(u64),
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(cursor) => cursor.fmt(f),
            Self::Oldest => f.write_str("oldest"),
            Self::Now => f.write_str("now"),
            Self::Last(events) => write!(f, "last:{events}"),
        }
    }
}

impl FromStr for Start {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        match text {
            "oldest" => Ok(Self::Oldest),
            "now" => Ok(Self::Now),
            _ => match text.strip_prefix("last:") {
                Some(events) => canonical(events, 10).map(Self::Last),
                None => text.parse().map(Self::After),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_start_reads_back_as_written() {
        let cursor = Cursor { epoch: 7, offset: 9 };
        for start in [Start::After(cursor), Start::Oldest, Start::Now, Start::Last(u64::MAX)] {
            assert_eq!(start.to_string().parse(), Ok(start));
        }
    }

    #[test]
    fn other_words_are_no_start() {
        for text in ["", "newest", "Now", "last", "last:", "last:-1", "last:01", "oldest "] {
            assert_eq!(text.parse::<Start>(), Err(ParseCursorError), "{text}");
        }
    }
}
