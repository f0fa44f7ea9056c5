//! What a reader is told whose cursor cannot be continued. When that is so is the log's business.

use crate::Cursor;

/// A cursor cannot be continued: between it and the next event there would be a hole.
///
/// It is said, never papered over. The reader learns what the log still keeps and can take up the
/// stream [there](Self::resume), or fetch its state anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset {
    /// Why it cannot.
    pub reason: ResetReason,
    /// The oldest event that the log still keeps; one above `head` if it keeps none.
    pub floor: Cursor,
    /// The latest event that was published.
    pub head: Cursor,
}

/// Why a cursor cannot be continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetReason {
    /// Events behind the cursor were dropped to keep the log's bounds.
    Expired,
    /// The cursor belongs to another life of the log.
    Epoch,
    /// The cursor lies ahead of everything that was published: this log never issued it.
    Ahead,
}

impl Reset {
    /// Where the stream goes on: before the oldest event kept, so that all of them are seen, or at
    /// the head for a cursor that lay ahead of it.
    #[must_use]
    pub const fn resume(&self) -> Cursor {
        match self.reason {
            ResetReason::Expired | ResetReason::Epoch => {
                Cursor { epoch: self.floor.epoch, offset: self.floor.offset.saturating_sub(1) }
            }
            ResetReason::Ahead => self.head,
        }
    }
}
