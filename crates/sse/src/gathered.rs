//! Bytes that are gathered, and whether they are ASCII. What for, whoever gathers them knows.
#![allow(unsafe_code, reason = "what was seen to be ASCII need not be checked to be UTF-8")]

use alloc::vec::Vec;
use core::mem;

use bytes::Bytes;

use crate::Text;
use crate::scratch::Scratch;

/// Text put together of pieces.
#[derive(Debug)]
pub(crate) struct Gathered<S> {
    bytes: S,
    /// Whether all of the bytes are known to be ASCII. So are they still if some are taken away.
    is_ascii: bool,
}

impl<S: Scratch> Gathered<S> {
    pub(crate) fn new(empty: S) -> Self {
        Self { bytes: empty, is_ascii: true }
    }

    /// Adds a text. Whoever gathers keeps within the room that there is.
    #[inline]
    pub(crate) fn push(&mut self, text: Text<'_>) {
        self.is_ascii &= text.is_ascii();
        let is_kept = self.bytes.push(text.as_bytes());
        debug_assert!(is_kept, "no room for {text:?}");
    }

    /// As [`push`](Self::push), of a byte.
    #[inline]
    pub(crate) fn push_byte(&mut self, byte: u8) {
        self.is_ascii &= byte.is_ascii();
        let is_kept = self.bytes.push(&[byte]);
        debug_assert!(is_kept, "no room for a byte");
    }

    /// Whether so many bytes have room, if there were no others.
    pub(crate) fn fits(&self, len: usize) -> bool {
        self.bytes.fits(len)
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.as_slice().len()
    }

    #[inline]
    pub(crate) fn as_text(&self) -> Text<'_> {
        let bytes = self.bytes.as_slice();
        if self.is_ascii {
            debug_assert!(bytes.is_ascii(), "{}", bytes.escape_ascii());
            // SAFETY: all bytes are ASCII, which is UTF-8.
            Text::ascii(unsafe { str::from_utf8_unchecked(bytes) })
        } else {
            Text::new(bytes)
        }
    }

    pub(crate) fn remove(&mut self, start: usize, count: usize) {
        self.bytes.remove(start, count);
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    #[inline]
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.is_ascii = true;
    }
}

impl Gathered<Vec<u8>> {
    /// Moves all out. From a buffer with much more room they are copied: a small event that is kept
    /// for long must not hold what a large one before it needed.
    pub(crate) fn take(&mut self) -> Bytes {
        if self.bytes.capacity() > 2 * self.bytes.len() {
            Bytes::copy_from_slice(&self.bytes)
        } else {
            mem::take(&mut self.bytes).into()
        }
    }
}
