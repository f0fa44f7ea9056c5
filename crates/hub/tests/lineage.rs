//! Which cursors of earlier epochs still hold, one behaviour a test, and against a naive model.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

use proptest::prelude::*;
use tidewire_hub::{Cursor, ForkError, Lineage};

fn lineage(first: u64, forks: &[(u64, u64)]) -> Lineage {
    let mut lineage = Lineage::new(first);
    forks.iter().for_each(|&(epoch, at)| lineage.fork(epoch, at).unwrap());
    lineage
}

fn holds(lineage: &Lineage, epoch: u64, offset: u64) -> bool {
    let continued = lineage.continued(Cursor { epoch, offset });
    assert!(continued.is_none_or(|same| same == offset));
    continued.is_some()
}

#[test]
fn b43_a_cursor_of_an_unknown_epoch_does_not_hold() {
    let lineage = Lineage::new(7);
    assert!(holds(&lineage, 7, u64::MAX));
    assert!(!holds(&lineage, 6, 0));
    assert!(!holds(&lineage, 8, 0));
}

#[test]
fn b76_a_cursor_of_an_earlier_epoch_holds_up_to_the_fork() {
    let lineage = lineage(7, &[(8, 100)]);
    assert_eq!(lineage.epoch(), 8);
    assert!(holds(&lineage, 7, 0));
    assert!(holds(&lineage, 7, 100));
    assert!(!holds(&lineage, 7, 101));
    assert!(holds(&lineage, 8, 101));
}

#[test]
fn b76_the_lowest_fork_since_then_decides() {
    let lineage = lineage(1, &[(2, 50), (3, 30), (4, 40)]);
    for (epoch, last) in [(1, 30), (2, 30), (3, 40)] {
        assert!(holds(&lineage, epoch, last), "{epoch}");
        assert!(!holds(&lineage, epoch, last + 1), "{epoch}");
    }
    let last = lineage.ancestors().map(|cursor| (cursor.epoch, cursor.offset));
    assert_eq!(last.collect::<Vec<_>>(), [(1, 30), (2, 30), (3, 40)]);
}

#[test]
fn a_log_forks_to_a_fresh_epoch_only() {
    let before = lineage(1, &[(2, 5)]);
    let mut lineage = before.clone();
    assert_eq!(lineage.fork(2, 5), Err(ForkError::EpochUsed));
    assert_eq!(lineage.fork(1, 5), Err(ForkError::EpochUsed));
    assert_eq!(lineage, before);
}

#[test]
fn the_oldest_epochs_are_forgotten() {
    let whole = lineage(1, &[(2, 5), (3, 5)]);
    let mut kept = whole.clone();
    kept.keep(3);
    assert_eq!(kept, whole);
    kept.keep(2);
    assert!(!holds(&kept, 1, 0));
    assert!(holds(&kept, 2, 5));
    kept.keep(0);
    assert_eq!(kept, Lineage::new(3));
}

#[test]
fn a_lineage_is_restored_by_telling_it_again() {
    let whole = lineage(1, &[(2, 50), (3, 30), (4, 40)]);
    let epochs = whole.ancestors().skip(1).map(|cursor| cursor.epoch).chain([whole.epoch()]);
    let forks: Vec<_> = epochs.zip(whole.ancestors().map(|cursor| cursor.offset)).collect();
    assert_eq!(lineage(1, &forks), whole);
}

proptest! {
    /// A log that really loses events and mints others: each event has a number of its own, and a
    /// cursor holds as long as all that its reader has seen is still there.
    #[test]
    fn b76_a_cursor_holds_as_long_as_its_past_does(
        lives in prop::collection::vec((0..8_u64, 0..8_usize), 1..8),
    ) {
        let (mut minted, mut log) = (0_u64, Vec::new());
        let mut seen: Vec<(Cursor, Vec<u64>)> = Vec::new();
        let mut lineage = Lineage::new(0);
        for (life, (events, lost)) in lives.into_iter().enumerate() {
            if life > 0 {
                log.truncate(log.len() - lost.min(log.len()));
                lineage.fork(life as u64, log.len() as u64).unwrap();
            }
            for (cursor, past) in &seen {
                prop_assert_eq!(lineage.continued(*cursor).is_some(), log.starts_with(past));
            }
            for _ in 0..=events {
                let cursor = Cursor { epoch: lineage.epoch(), offset: log.len() as u64 };
                prop_assert_eq!(lineage.continued(cursor), Some(cursor.offset));
                seen.push((cursor, log.clone()));
                minted += 1;
                log.push(minted);
            }
        }
    }
}
