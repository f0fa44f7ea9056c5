//! Compressors that nobody uses now. How several connections reach one pool is not known here.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::engine::{Compressor, Decompressor, Settings};

/// Keeps compressors and decompressors between messages, for whoever needs one next.
///
/// A connection reaches it through [`Codecs::lent`](super::Codecs::lent). The one that was given
/// back last is lent first, since it is the likeliest to be in the processor's cache still. Nothing
/// of a message can be reached by the next user.
#[derive(Debug)]
#[expect(clippy::vec_box, reason = "who borrows one holds a pointer, and next to nothing at rest")]
pub struct Pool {
    max_kept: usize,
    decompressors: Vec<Box<Decompressor>>,
    compressors: Vec<Box<Compressor>>,
}

impl Pool {
    /// An empty pool that keeps at most `max_kept` compressors and as many decompressors. When one
    /// more is given back, the one that lay there longest goes.
    ///
    /// As many as there are threads are enough where messages come and leave whole.
    #[must_use]
    pub const fn new(max_kept: usize) -> Self {
        Self { max_kept, decompressors: Vec::new(), compressors: Vec::new() }
    }

    /// How many are kept now, of both kinds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.decompressors.len() + self.compressors.len()
    }

    /// Whether none is kept now.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Frees all that are kept now.
    pub fn clear(&mut self) {
        *self = Self::new(self.max_kept);
    }

    pub(super) fn take_decompressor(&mut self) -> Option<Box<Decompressor>> {
        self.decompressors.pop()
    }

    pub(super) fn take_compressor(&mut self, settings: Settings) -> Option<Box<Compressor>> {
        let at = self.compressors.iter().rposition(|kept| kept.settings() == settings)?;
        Some(self.compressors.remove(at))
    }

    pub(super) fn give_decompressor(&mut self, decompressor: Box<Decompressor>) {
        keep(&mut self.decompressors, decompressor, self.max_kept);
    }

    pub(super) fn give_compressor(&mut self, compressor: Box<Compressor>) {
        keep(&mut self.compressors, compressor, self.max_kept);
    }
}

fn keep<T>(kept: &mut Vec<T>, given: T, max: usize) {
    if max == 0 {
        return;
    }
    if kept.len() >= max {
        kept.remove(0);
    }
    kept.push(given);
}
