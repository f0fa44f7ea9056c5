//! The memory that a decoder gathers in: its own, or lent by its embedder. What is gathered is told
//! elsewhere.

use alloc::vec::Vec;

use crate::visits;

use gather::Gather;

/// Memory of a [`Decoder`](crate::Decoder): a `Vec` that grows within the limits, or [`Lent`].
pub trait Scratch: Gather {}

impl Scratch for Vec<u8> {}
impl Scratch for Lent<'_> {}

/// A buffer of the caller's, and how much of it is in use.
#[derive(Debug)]
pub struct Lent<'b> {
    buffer: &'b mut [u8],
    len: usize,
}

/// The buffers of a decoder that takes no memory of its own.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "to leave one out is no decoder")]
pub struct Buffers<'b> {
    /// For the data of one event, and behind them a line that comes in several pieces: half of it
    /// is the limit of either.
    pub data: &'b mut [u8],
    /// For an event's name.
    pub name: &'b mut [u8],
    /// For the last event ID, and for that of the block being read. The shorter is the limit of both.
    pub ids: [&'b mut [u8]; 2],
}

impl<'b> Lent<'b> {
    pub(crate) fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }
}

/// Out of reach, so that nobody else implements [`Scratch`].
pub(crate) mod gather {
    #[allow(unnameable_types, reason = "whoever could name it could implement it")]
    pub trait Gather {
        fn as_slice(&self) -> &[u8];

        /// Whether so many bytes have room, if there were no others.
        fn fits(&self, len: usize) -> bool;

        /// Adds bytes, if they all fit.
        fn push(&mut self, bytes: &[u8]) -> bool;

        /// Forgets the bytes, and gives back what a large event made it grow by.
        fn clear(&mut self);

        /// Forgets all behind the first bytes.
        fn truncate(&mut self, len: usize);

        /// Takes so many bytes out of the middle.
        fn remove(&mut self, start: usize, count: usize);
    }
}

impl Gather for Vec<u8> {
    #[inline]
    fn as_slice(&self) -> &[u8] {
        self
    }

    fn fits(&self, _len: usize) -> bool {
        true
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) -> bool {
        visits::count(bytes.len());
        match bytes {
            // A stream that comes byte by byte calls for no copy of bytes.
            [byte] => self.push(*byte),
            _ => self.extend_from_slice(bytes),
        }
        true
    }

    fn clear(&mut self) {
        self.clear();
        if self.capacity() > KEPT_BYTES {
            self.shrink_to(KEPT_BYTES);
        }
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }

    fn remove(&mut self, start: usize, count: usize) {
        visits::count(self.len() - start - count);
        self.drain(start..start + count);
    }
}

impl Gather for Lent<'_> {
    fn as_slice(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    fn fits(&self, len: usize) -> bool {
        len <= self.buffer.len()
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        let Some(room) = self.buffer[self.len..].get_mut(..bytes.len()) else { return false };
        room.copy_from_slice(bytes);
        self.len += bytes.len();
        true
    }

    fn clear(&mut self) {
        self.len = 0;
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    fn remove(&mut self, start: usize, count: usize) {
        self.buffer.copy_within(start + count..self.len, start);
        self.len -= count;
    }
}

/// A buffer that is at rest keeps this much memory at most.
const KEPT_BYTES: usize = 64 << 10;
