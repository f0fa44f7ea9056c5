//! The last event ID, and the one that takes its place. Which lines say them is told in `block`.

use alloc::sync::Arc;
use core::mem;

use crate::scratch::Scratch;
use crate::utf8::Utf8;
use crate::{LimitError, Text};

/// The last event ID, and what the open block makes of it (WHATWG HTML §9.2.6).
#[derive(Debug)]
pub(crate) struct Ids<S> {
    next: Utf8<S>,
    /// Whether `next` is what the next blank line makes the last one.
    has_next: bool,
    last: Utf8<S>,
    /// The last one for those who keep it, once somebody did.
    shared: Option<Arc<str>>,
}

impl<S: Scratch> Ids<S> {
    pub(super) fn new(next: S, last: S) -> Self {
        Self { next: Utf8::new(next), has_next: false, last: Utf8::new(last), shared: None }
    }

    #[inline]
    pub(crate) fn last(&self) -> &Utf8<S> {
        &self.last
    }

    /// The last one for one more who keeps it; `None` if it is empty.
    pub(crate) fn share_last(&mut self) -> Option<Arc<str>> {
        let last = self.last.as_str();
        if self.shared.is_none() && !last.is_empty() {
            self.shared = Some(last.into());
        }
        self.shared.clone()
    }

    /// Sets the last one, if there is room for it; else there is none.
    #[inline]
    pub(crate) fn set_last(&mut self, id: Text<'_>) {
        self.last.set(id);
        self.shared = None;
        self.has_next = false;
    }

    #[inline]
    pub(super) fn has_next(&self) -> bool {
        self.has_next
    }

    /// Keeps an ID that is UTF-8 for the next blank line, if there is room for it.
    pub(super) fn keep(&mut self, id: Text<'_>) {
        self.has_next = self.next.set(id);
    }

    /// As [`keep`](Self::keep), of bytes that may be no UTF-8.
    ///
    /// # Errors
    ///
    /// The `limit`, if there is no room for it; what was kept stays.
    pub(super) fn keep_lossy(&mut self, id: &[u8], limit: LimitError) -> Result<(), LimitError> {
        self.next.set_lossy(id, limit)?;
        self.has_next = true;
        Ok(())
    }

    /// Makes the next one the last, if there is one.
    pub(super) fn commit(&mut self) {
        if mem::take(&mut self.has_next) {
            mem::swap(&mut self.last, &mut self.next);
            self.shared = None;
        }
    }

    pub(super) fn forget_next(&mut self) {
        self.has_next = false;
    }
}
