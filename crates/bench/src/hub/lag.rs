//! Some read on while others have not read for long: what those cost who do.

use super::Sizes;
use super::readers::Readers;
use crate::sheet::{Rank, Sheet};
use crate::stopwatch::busy;

pub(crate) fn sheets(title: &str, sizes: &Sizes) -> Vec<Sheet> {
    let columns: Vec<usize> = sizes.iter().map(|&(size, _)| size).collect();
    let mut sheet = Sheet::new(title, &columns, NOTE);
    for &(size, rounds) in sizes {
        let lag = Rank::AsBefore(1.2);
        let mut cases = [
            ("9 of 10 read, nobody lags", Rank::Aside, size / 10 * 9, 0),
            ("9 of 10 read, 1 of 10 lags", lag, size / 10 * 9, size / 10),
            ("one reads, nobody lags", Rank::Aside, 1, 0),
            ("one reads, all others lag", lag, 1, size - 1),
        ]
        .map(|(name, rank, reading, lagging)| (name, rank, reading, crowd(reading, lagging)));
        for _ in 0..rounds {
            for (name, rank, reading, crowd) in &mut cases {
                let events = (READS_PER_ROUND / *reading).max(1);
                let took = busy(|| {
                    for _ in 0..events {
                        crowd.publish();
                        assert_eq!(crowd.read(), *reading, "each reads one");
                    }
                });
                sheet.add(name, *rank, size, took, events * *reading);
            }
        }
    }
    vec![sheet]
}

/// So many who wait, and so many who did not read what they were named for, which is dropped already.
fn crowd(reading: usize, lagging: usize) -> Readers {
    let mut readers = Readers::new(lagging);
    readers.publish();
    readers.fall_behind();
    readers.join(reading);
    for _ in 0..DROPPED_BEHIND.min(MOST_READS / reading) {
        readers.publish();
        readers.read();
    }
    readers
}

const READS_PER_ROUND: usize = 10_000;
/// Events after which the first is dropped.
const DROPPED_BEHIND: usize = 2_048;
const MOST_READS: usize = 2_000_000;
const NOTE: &str = "Publish, next_ready, and each reads and waits again. Who lags was named once and has not \
    read since.\n  A reader is a position, so those who lag are to cost nothing.";
