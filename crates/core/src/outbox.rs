//! Bytes for the peer on their way out. When they leave is the caller's business.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use bytes::{Buf, Bytes};

/// Bytes for the peer: machines push, the caller writes them through [`bytes::Buf`].
///
/// Small pieces join in one buffer, so a burst of frames leaves in one write. Shared [`Bytes`] stay
/// shared and are never copied, so one event encoded once can wait in many outboxes; a vectored
/// write takes both kinds in order. The [end mark](Self::end) tells the caller to shut down its
/// writing side once everything before it has left.
///
/// A new outbox, and one that was [released](Self::release), owns no memory.
///
/// ```
/// use bytes::{Buf, Bytes};
/// use tidewire_core::Outbox;
///
/// let mut outbox = Outbox::new();
/// outbox.push(b"one ");
/// outbox.push(b"two ");
/// outbox.push_shared(Bytes::from_static(&[b'x'; 4096]));
/// assert_eq!(outbox.chunk(), b"one two ");
/// outbox.advance(8);
/// assert_eq!(outbox.chunk().len(), 4096);
/// ```
#[derive(Debug, Default)]
pub struct Outbox {
    /// All pieces that were copied, one behind the other: those from `left` to `end` are still to be
    /// written. What lies behind is room that was written before, so that to fill it again costs no
    /// more than that.
    joined: Vec<u8>,
    left: usize,
    end: usize,
    /// Pieces that were not copied, in order.
    shared: VecDeque<Shared>,
    shared_len: usize,
    taken: u64,
    ended: bool,
}

#[derive(Debug)]
struct Shared {
    /// The index into `joined` before which this piece belongs.
    at: usize,
    bytes: Bytes,
}

impl Outbox {
    /// Below this many bytes a shared piece is copied: its bookkeeping would cost more.
    const SHARE_FROM: usize = 512;

    /// An empty outbox, which owns no memory.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            joined: Vec::new(),
            left: 0,
            end: 0,
            shared: VecDeque::new(),
            shared_len: 0,
            taken: 0,
            ended: false,
        }
    }

    /// The number of bytes that wait to be written.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.left + self.shared_len
    }

    /// Whether no byte waits to be written.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bytes of memory that the outbox itself owns, shared pieces apart.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.joined.capacity() + self.shared.capacity() * size_of::<Shared>()
    }

    /// Appends a copy of `bytes`. After the end mark this does nothing.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) {
        self.push_with(bytes.len(), |room| room.copy_from_slice(bytes));
    }

    /// Appends `len` bytes that `write` makes where they are to lie. It must write all of them: what
    /// is there before are bytes that left long ago. After the end mark this does nothing.
    #[inline]
    pub fn push_with(&mut self, len: usize, write: impl FnOnce(&mut [u8])) {
        if self.ended {
            return;
        }
        self.compact();
        let start = self.end;
        self.end += len;
        if self.end > self.joined.len() {
            self.grow();
        }
        write(&mut self.joined[start..self.end]);
    }

    /// Appends `bytes` without copying them, unless they are few. After the end mark this does
    /// nothing.
    pub fn push_shared(&mut self, bytes: Bytes) {
        if self.ended {
        } else if bytes.len() < Self::SHARE_FROM {
            self.push(&bytes);
        } else {
            self.shared_len += bytes.len();
            self.shared.push_back(Shared { at: self.end, bytes });
        }
    }

    /// Marks that nothing follows: once all is written, the caller shuts down its writing side.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Whether the end was marked. Bytes before it may still wait.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Whether the end was marked and everything before it was taken.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.ended && self.is_empty()
    }

    /// How many bytes have been taken since the outbox was made.
    ///
    /// A machine that starts a timer when its bytes have left compares this with [`Self::pushed`].
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// How many bytes have been pushed since the outbox was made.
    #[must_use]
    pub fn pushed(&self) -> u64 {
        self.taken + self.len() as u64
    }

    /// Gives the memory back if nothing waits; else does nothing. Call it before a long wait.
    pub fn release(&mut self) {
        if self.is_empty() {
            self.joined = Vec::new();
            self.shared = VecDeque::new();
            (self.left, self.end) = (0, 0);
        }
    }

    /// Writes to a blocking stream until nothing waits. Over one that does not block, write
    /// [`chunk`](Buf::chunk) and [`advance`](Buf::advance) by hand.
    ///
    /// # Errors
    ///
    /// What the stream reports, time-outs included; bytes that it took before are gone, the rest still waits.
    #[cfg(feature = "std")]
    pub fn write_to(&mut self, stream: &mut impl std::io::Write) -> std::io::Result<()> {
        while self.has_remaining() {
            let written = if self.chunk().len() == self.len() {
                stream.write(self.chunk())
            } else {
                let mut slices = [std::io::IoSlice::new(&[]); 16];
                let filled = self.chunks_vectored(&mut slices);
                stream.write_vectored(&slices[..filled])
            };
            match written {
                Ok(0) => return Err(std::io::ErrorKind::WriteZero.into()),
                Ok(written) => self.advance(written),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        stream.flush()
    }

    /// The chunks in the order in which they leave.
    #[cfg(any(feature = "std", test))]
    fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = self.left;
        let shared = self.shared.iter().flat_map(move |piece| {
            let before = &self.joined[start..piece.at];
            start = piece.at;
            [before, &piece.bytes]
        });
        let behind = self.shared.back().map_or(self.left, |piece| piece.at);
        shared.chain([&self.joined[behind..self.end]]).filter(|chunk| !chunk.is_empty())
    }

    /// Drops what has left from the front of the joined buffer, once that is at least half of it:
    /// each byte is then moved at most once on average.
    #[inline]
    fn compact(&mut self) {
        if self.left > 0 && self.left >= self.end - self.left {
            self.joined.copy_within(self.left..self.end, 0);
            for piece in &mut self.shared {
                piece.at -= self.left;
            }
            self.end -= self.left;
            self.left = 0;
        }
    }

    /// Makes room up to `end`, and as much more as the allocator gives.
    #[cold]
    fn grow(&mut self) {
        self.joined.reserve(self.end - self.joined.len());
        self.joined.resize(self.joined.capacity(), 0);
    }
}

impl Buf for Outbox {
    fn remaining(&self) -> usize {
        self.len()
    }

    fn chunk(&self) -> &[u8] {
        match self.shared.front() {
            Some(piece) if piece.at == self.left => &piece.bytes,
            Some(piece) => &self.joined[self.left..piece.at],
            None => &self.joined[self.left..self.end],
        }
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'a>(&'a self, slices: &mut [std::io::IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slice, chunk) in slices.iter_mut().zip(self.chunks()) {
            *slice = std::io::IoSlice::new(chunk);
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, mut len: usize) {
        assert!(len <= self.len(), "takes only what waits");
        self.taken += len as u64;
        if len == self.len() {
            self.shared.clear();
            (self.left, self.end, self.shared_len) = (0, 0, 0);
            return;
        }
        while len > 0 {
            let step = len.min(self.chunk().len());
            len -= step;
            match self.shared.front_mut() {
                Some(piece) if piece.at == self.left => {
                    self.shared_len -= step;
                    piece.bytes.advance(step);
                    if piece.bytes.is_empty() {
                        self.shared.pop_front();
                    }
                }
                Some(_) | None => self.left += step,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_leave_in_order_whatever_their_kind() {
        let mut outbox = Outbox::new();
        let big = Bytes::from(alloc::vec![b'x'; 600]);
        outbox.push_shared(big.clone());
        outbox.push(b"a");
        outbox.push(b"b");
        outbox.push_shared(big.clone());
        outbox.push_shared(big);
        outbox.push(b"c");
        let chunks: Vec<usize> = outbox.chunks().map(<[u8]>::len).collect();
        assert_eq!(chunks, [600, 2, 600, 600, 1]);
        assert_eq!(outbox.len(), 1803);
        assert_eq!(outbox.pushed(), 1803);
    }

    #[test]
    fn nothing_follows_the_end_mark() {
        let mut outbox = Outbox::new();
        outbox.push(b"last");
        outbox.end();
        outbox.push(b"more");
        outbox.push_shared(Bytes::from_static(b"more"));
        assert!(outbox.is_ended() && !outbox.is_finished());
        outbox.advance(4);
        assert!(outbox.is_finished());
    }

    #[test]
    fn what_was_written_in_place_leaves_and_nothing_else() {
        let mut outbox = Outbox::new();
        outbox.push(b"long gone");
        outbox.advance(9);
        outbox.push_with(3, |room| room.copy_from_slice(b"abc"));
        assert_eq!(outbox.chunk(), b"abc");
    }

    #[cfg(feature = "std")]
    #[test]
    fn a_vectored_write_takes_every_piece() {
        let mut outbox = Outbox::new();
        outbox.push(b"head ");
        outbox.push_shared(Bytes::from(alloc::vec![b'x'; 600]));
        outbox.push(b" tail");
        let mut written = Vec::new();
        outbox.write_to(&mut written).unwrap();
        assert_eq!(written.len(), 610);
        assert!(written.starts_with(b"head x") && written.ends_with(b"x tail"));
        assert!(outbox.is_empty());
    }

    proptest! {
        /// Whatever is pushed and taken in turns, the bytes come out as they went in.
        #[test]
        fn bytes_come_out_as_they_went_in(
            steps in prop::collection::vec((0..1400_usize, any::<bool>(), 0..1600_usize), 1..40)
        ) {
            let (mut outbox, mut given, mut got) = (Outbox::new(), Vec::new(), Vec::new());
            for (index, (len, shared, take)) in steps.into_iter().enumerate() {
                let piece: Vec<u8> = (0..len).map(|byte| (byte * 7 + index) as u8).collect();
                given.extend_from_slice(&piece);
                if shared {
                    outbox.push_shared(Bytes::from(piece));
                } else {
                    outbox.push(&piece);
                }
                prop_assert_eq!(outbox.chunks().map(<[u8]>::len).sum::<usize>(), outbox.len());
                for _ in 0..take.min(outbox.len()) {
                    got.push(outbox.chunk()[0]);
                    outbox.advance(1);
                }
            }
            got.extend_from_slice(&outbox.copy_to_bytes(outbox.len()));
            prop_assert_eq!(got, given);
            outbox.release();
            prop_assert_eq!(outbox.capacity(), 0);
        }
    }
}
