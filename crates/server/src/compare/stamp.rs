//! The data of an event that is timed: its number and when it was sent. Who sends and who reads it is
//! elsewhere.

use std::fmt::Write;

use tidewire::core::Instant;

/// What an event says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Events are numbered from 1; 0 is the greeting, which is not counted.
    pub(super) number: u64,
    /// By the one clock of this process.
    pub(super) sent: Instant,
}

impl Stamp {
    /// The stamp as text, padded to `bytes`; 48 are enough for any stamp.
    pub(super) fn to_data(self, bytes: usize) -> String {
        let mut data = String::with_capacity(bytes);
        let nanos = self.sent.since_origin().as_nanos();
        write!(data, "{} {nanos} ", self.number).expect("a string takes all");
        data.extend(std::iter::repeat_n('~', bytes.saturating_sub(data.len())));
        data
    }

    /// Reads what [`to_data`](Self::to_data) wrote.
    pub(super) fn read(data: &str) -> Option<Self> {
        let mut words = data.split(' ');
        let number = words.next()?.parse().ok()?;
        let nanos = words.next()?.parse().ok()?;
        let sent = Instant::from_origin(std::time::Duration::from_nanos(nanos));
        Some(Self { number, sent })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let sent = Instant::from_origin(Duration::from_nanos(u64::MAX));
        let longest = Stamp { number: u64::MAX, sent };
        for bytes in [48, 100] {
            let data = longest.to_data(bytes);
            assert_eq!((data.len(), Stamp::read(&data)), (bytes, Some(longest)));
        }
        assert_eq!(Stamp::read("hello"), None);
    }
}
