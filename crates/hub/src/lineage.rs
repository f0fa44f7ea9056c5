//! The epochs that one log has had, and which of their cursors still hold. What the log keeps is
//! `log`'s business.

use alloc::vec::Vec;

use crate::Cursor;

/// The epochs of one log: its present one, and those before from which some cursors still hold.
///
/// A log that outlives its process may come back with less than it had: a replica that lagged took
/// over, a backup was restored. It then *forks*. What lay above the fork is gone, its offsets will
/// be minted again for other events, and a new epoch tells the two apart. A reader that had not
/// come past the fork missed nothing and goes on; one that had saw events which never were, and is
/// reset. So a failover resets few readers, not all.
///
/// ```
/// use tidewire_hub::{Cursor, Lineage};
///
/// let mut lineage = Lineage::new(7);
/// lineage.fork(8, 100)?;
/// assert_eq!(lineage.continued(Cursor { epoch: 7, offset: 100 }), Some(100));
/// assert_eq!(lineage.continued(Cursor { epoch: 7, offset: 101 }), None);
/// assert_eq!(lineage.continued(Cursor { epoch: 8, offset: 101 }), Some(101));
/// # Ok::<(), tidewire_hub::ForkError>(())
/// ```
///
/// To carry a lineage over a restart, store the first epoch and each fork, and tell them again to
/// a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lineage {
    epoch: u64,
    /// The last cursor of each earlier epoch that holds, oldest first. Their offsets never fall.
    ancestors: Vec<Cursor>,
}

/// The log was not forked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForkError {
    /// The log has this epoch, or had it before: its cursors would mean two things.
    #[error("the log has had this epoch already")]
    EpochUsed,
    /// The fork lies above the latest event, so that there would be a hole.
    #[error("the log ends at {head}")]
    Ahead {
        /// The offset of the log's latest event.
        head: u64,
    },
}

impl Lineage {
    /// A log that has had one epoch only.
    #[must_use]
    pub const fn new(epoch: u64) -> Self {
        Self { epoch, ancestors: Vec::new() }
    }

    /// The present epoch.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The last cursor of each earlier epoch that still holds, oldest first.
    pub fn ancestors(&self) -> impl Iterator<Item = Cursor> + '_ {
        self.ancestors.iter().copied()
    }

    /// Begins a new epoch, of which the event at the offset `at` and those before it are a part.
    ///
    /// # Errors
    ///
    /// [`ForkError::EpochUsed`], as far as the lineage remembers. It is as before.
    pub fn fork(&mut self, epoch: u64, at: u64) -> Result<(), ForkError> {
        if epoch == self.epoch || self.ancestors.iter().any(|cursor| cursor.epoch == epoch) {
            return Err(ForkError::EpochUsed);
        }
        self.ancestors.push(Cursor { epoch: self.epoch, offset: at });
        for ancestor in &mut self.ancestors {
            ancestor.offset = ancestor.offset.min(at);
        }
        self.epoch = epoch;
        Ok(())
    }

    /// Forgets the oldest epochs until no more than so many are left, the present one always. No
    /// cursor of a forgotten epoch holds.
    pub fn keep(&mut self, max_epochs: usize) {
        let surplus = (self.ancestors.len() + 1).saturating_sub(max_epochs.max(1));
        self.ancestors.drain(..surplus);
    }

    /// The cursor's offset in the present epoch, or `None` if it means nothing there: its epoch is
    /// unknown, or a later fork lies below it.
    #[must_use]
    pub fn continued(&self, cursor: Cursor) -> Option<u64> {
        let holds = cursor.epoch == self.epoch
            || self
                .ancestors
                .iter()
                .any(|last| last.epoch == cursor.epoch && cursor.offset <= last.offset);
        holds.then_some(cursor.offset)
    }
}
