//! The cursor's arithmetic in one log, its forks and its return after a restart.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

const EPOCH: u64 = 5;
const NOW: Instant = Instant::ORIGIN;

/// Appends as many events, alternately to the topics `odd` and `even`.
fn append(log: &mut Log<u64>, events: u64) {
    for _ in 0..events {
        let item = log.head() + 1;
        let topic = log.topics.hold(if item % 2 == 1 { "odd" } else { "even" });
        log.append(topic, item, 10, NOW);
        log.topics.release(topic);
    }
}

/// A log of the events 1 to 10 that keeps the latest `kept` of them.
fn ten(kept: usize) -> Log<u64> {
    let mut log = Log::restored(Lineage::new(EPOCH), 0);
    append(&mut log, 10);
    log.trim(&Config { max_events: kept, ..Config::default() }, 0, 0, NOW);
    log
}

fn fork(log: &mut Log<u64>, epoch: u64, at: u64) -> Result<(), ForkError> {
    log.fork(epoch, at, &Config::default())
}

fn reason(log: &Log<u64>, epoch: u64, offset: u64) -> Option<ResetReason> {
    log.continued(Cursor { epoch, offset }).err().map(|reset| reset.reason)
}

fn offsets(log: &Log<u64>) -> Vec<u64> {
    log.records.iter().map(|record| record.offset).collect()
}

/// The log's books agree with what it keeps.
fn check(log: &Log<u64>) {
    assert!(offsets(log).into_iter().eq(log.floor()..=log.head()));
    assert_eq!(log.bytes(), 10 * log.len());
    for (name, parity) in [("odd", 1), ("even", 0)] {
        let kept: Vec<_> = offsets(log).into_iter().filter(|o| o % 2 == parity).collect();
        let indexed = log.topics.find(name).map(|key| log.topics[key].offsets.clone());
        assert_eq!(indexed.unwrap_or_default(), kept);
        assert_eq!(log.topics.find(name).is_none(), kept.is_empty());
    }
}

#[test]
fn b05_each_start_has_a_position() {
    let log = ten(4);
    let topics: Vec<_> = log.topics.find("odd").into_iter().collect();
    let after = Start::After(Cursor { epoch: EPOCH, offset: 8 });
    let starts = [(Start::Oldest, 6), (Start::Now, 10), (after, 8)];
    let last = [(0, 10), (1, 8), (2, 6), (3, 6)].map(|(n, at)| (Start::Last(n), at));
    for (start, position) in starts.into_iter().chain(last) {
        assert_eq!(log.locate(&topics, start), Ok(position), "{start}");
    }
}

#[test]
fn b06_a_cursor_below_the_floor_is_told_floor_and_head() {
    let log = ten(4);
    let reset = log.continued(Cursor { epoch: EPOCH, offset: 5 });
    let (floor, head) = (log.cursor(7), log.cursor(10));
    assert_eq!(reset, Err(Reset { reason: ResetReason::Expired, floor, head }));
}

#[test]
fn b07_a_cursor_just_below_the_floor_is_continued() {
    assert_eq!(ten(4).continued(Cursor { epoch: EPOCH, offset: 6 }), Ok(6));
    assert_eq!(ten(10).continued(Cursor { epoch: EPOCH, offset: 0 }), Ok(0));
}

#[test]
fn b08_b43_a_cursor_of_another_life_is_reset_wherever_it_lies() {
    for offset in [0, 5, 6, 10, 11, u64::MAX] {
        for epoch in [0, EPOCH - 1, EPOCH + 1, u64::MAX] {
            assert_eq!(reason(&ten(4), epoch, offset), Some(ResetReason::Epoch), "{offset}");
        }
    }
}

#[test]
fn b09_a_cursor_ahead_of_the_log_is_reset() {
    assert_eq!(ten(4).continued(Cursor { epoch: EPOCH, offset: 10 }), Ok(10));
    for offset in [11, u64::MAX] {
        assert_eq!(reason(&ten(4), EPOCH, offset), Some(ResetReason::Ahead));
    }
    assert_eq!(reason(&Log::restored(Lineage::new(EPOCH), 0), EPOCH, 1), Some(ResetReason::Ahead));
}

#[test]
fn b12_what_lies_between_two_cursors_is_read_or_skipped_but_never_missing() {
    let log = ten(10);
    let topics: Vec<_> = log.topics.find("even").into_iter().collect();
    let mut position = 0;
    for expected in [2, 4, 6, 8, 10] {
        let span = log.span(&topics, position, log.head(), Batch { events: 1, bytes: 10 });
        assert_eq!((span.entries, span.next, span.more), (1, expected, expected < 10));
        position = span.next;
    }
}

#[test]
fn b44_a_log_that_is_restored_whole_resets_nobody() {
    let before = ten(4);
    let mut log = Log::restored(before.lineage.clone(), before.floor() - 1);
    append(&mut log, 4);
    check(&log);
    for epoch in [EPOCH, 6] {
        for offset in 0..=12 {
            let cursor = Cursor { epoch, offset };
            assert_eq!(log.continued(cursor), before.continued(cursor));
        }
    }
}

#[test]
fn b44_a_log_that_is_restored_without_its_events_goes_on_at_its_head() {
    let mut log = Log::restored(Lineage::new(EPOCH), 10);
    check(&log);
    assert_eq!((log.floor(), log.head()), (11, 10));
    assert_eq!(log.continued(Cursor { epoch: EPOCH, offset: 10 }), Ok(10));
    assert_eq!(reason(&log, EPOCH, 9), Some(ResetReason::Expired));
    assert_eq!(reason(&log, EPOCH, 11), Some(ResetReason::Ahead));
    append(&mut log, 1);
    assert_eq!(offsets(&log), [11]);
}

#[test]
fn b46_a_log_that_is_rolled_back_bumps_its_epoch_before_it_shows_an_event() {
    let mut log = ten(10);
    assert_eq!(fork(&mut log, 6, 8), Ok(()));
    check(&log);
    assert_eq!(log.cursor(log.head()), Cursor { epoch: 6, offset: 8 });
    append(&mut log, 2);
    assert_eq!(log.cursor(log.head()), Cursor { epoch: 6, offset: 10 });
    assert_eq!(log.continued(Cursor { epoch: EPOCH, offset: 8 }), Ok(8));
    for offset in [9, 10, 11] {
        assert_eq!(reason(&log, EPOCH, offset), Some(ResetReason::Epoch));
    }
    assert_eq!(log.continued(Cursor { epoch: 6, offset: 10 }), Ok(10));
}

#[test]
fn b46_a_fork_at_the_head_drops_nothing_and_resets_nobody() {
    let mut log = ten(4);
    assert_eq!(fork(&mut log, 6, 10), Ok(()));
    assert_eq!(offsets(&log), [7, 8, 9, 10]);
    assert_eq!(log.continued(Cursor { epoch: EPOCH, offset: 10 }), Ok(10));
    assert_eq!(reason(&log, EPOCH, 5), Some(ResetReason::Expired));
}

#[test]
fn b46_a_fork_below_the_floor_leaves_an_empty_log_that_goes_on_there() {
    let mut log = ten(4);
    assert_eq!(fork(&mut log, 6, 3), Ok(()));
    check(&log);
    assert_eq!((log.floor(), log.head()), (4, 3));
    assert_eq!(log.continued(Cursor { epoch: EPOCH, offset: 3 }), Ok(3));
    assert_eq!(reason(&log, EPOCH, 2), Some(ResetReason::Expired));
    assert_eq!(reason(&log, EPOCH, 4), Some(ResetReason::Epoch));
    append(&mut log, 1);
    assert_eq!(offsets(&log), [4]);
}

#[test]
fn a_refused_fork_leaves_the_log_as_it_was() {
    let mut log = ten(4);
    assert_eq!(fork(&mut log, 6, 11), Err(ForkError::Ahead { head: 10 }));
    assert_eq!(fork(&mut log, EPOCH, 8), Err(ForkError::EpochUsed));
    assert_eq!((log.cursor(log.head()), log.len()), (Cursor { epoch: EPOCH, offset: 10 }, 4));
    assert_eq!(fork(&mut log, 6, 10), Ok(()));
    assert_eq!(fork(&mut log, EPOCH, 10), Err(ForkError::EpochUsed));
}

#[test]
fn a_log_takes_cursors_of_as_many_epochs_as_it_may() {
    let config = Config { max_epochs: 3, ..Config::default() };
    let mut log = ten(4);
    for epoch in [6, 7] {
        assert_eq!(log.fork(epoch, 10, &config), Ok(()));
    }
    assert_eq!(reason(&log, EPOCH, 10), None);
    assert_eq!(log.fork(8, 10, &config), Ok(()));
    assert_eq!(reason(&log, EPOCH, 10), Some(ResetReason::Epoch));
    assert_eq!(reason(&log, 6, 10), None);
}

proptest! {
    /// Whoever follows its cursor through forks sees no event that was lost and misses none that
    /// is kept, or is reset.
    #[test]
    fn b46_b76_a_log_keeps_its_books_through_any_forks(
        steps in prop::collection::vec((0..12_u64, 1..8_usize, 0..12_u64), 1..8),
    ) {
        let mut log = Log::restored(Lineage::new(0), 0);
        let mut cursors = Vec::new();
        for (epoch, (events, kept, back)) in (1..).zip(steps) {
            append(&mut log, events);
            log.trim(&Config { max_events: kept, ..Config::default() }, 0, 0, NOW);
            cursors.push((log.cursor(log.head()), u64::MAX));
            let at = log.head().saturating_sub(back);
            prop_assert_eq!(fork(&mut log, epoch, at), Ok(()));
            check(&log);
            for (cursor, lowest) in &mut cursors {
                *lowest = at.min(*lowest);
                let expected = match cursor.offset {
                    offset if offset > *lowest => Some(ResetReason::Epoch),
                    offset if offset < log.floor() - 1 => Some(ResetReason::Expired),
                    _ => None,
                };
                prop_assert_eq!(reason(&log, cursor.epoch, cursor.offset), expected);
            }
        }
    }
}
