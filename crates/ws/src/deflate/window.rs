//! The bytes that were inflated last. How they come about is not known here.

use alloc::vec::Vec;

/// What a peer may refer back to: a ring, which grows as it is filled up to its full size.
#[derive(Debug)]
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Where the next byte goes. All before it, and once the ring has turned all behind it, is what
    /// was written.
    next: usize,
    has_turned: bool,
    full_bytes: usize,
}

impl Window {
    /// An empty window that will hold 2^`bits` bytes, or a little more.
    pub(super) fn new(bits: u8) -> Self {
        let full_bytes = 1 << bits.clamp(MIN_BITS, MAX_BITS);
        Self { bytes: Vec::new(), next: 0, has_turned: false, full_bytes }
    }

    /// Forgets all content and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.next = 0;
        self.has_turned = false;
    }

    /// Room for the next bytes: at least one, and no more than `max`, which is not zero.
    pub(super) fn room(&mut self, max: usize) -> &mut [u8] {
        if self.next == self.full_bytes {
            self.next = 0;
            self.has_turned = true;
        } else if self.next == self.bytes.len() {
            let grown = (2 * self.next).clamp(FIRST_BYTES, self.full_bytes);
            self.bytes.resize(grown, 0);
        }
        let end = self.bytes.len().min(self.next.saturating_add(max));
        &mut self.bytes[self.next..end]
    }

    /// Takes the first `len` bytes of the room as written, and returns them.
    pub(super) fn advance(&mut self, len: usize) -> &[u8] {
        let start = self.next;
        self.next += len;
        &self.bytes[start..self.next]
    }

    /// All that is still here, from the oldest byte on, in two parts.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        let (new, old) = self.bytes.split_at(self.next);
        [if self.has_turned { old } else { &[] }, new]
    }
}

/// The most that DEFLATE can refer back to. RFC 1951 §2.
const MAX_BITS: u8 = 15;

/// A ring that turned every few bytes would cost time, and 4 KiB are no burden.
const MIN_BITS: u8 = 12;

/// Enough for the usual message.
const FIRST_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes bytes that count up, at most `step` at once, and returns what a list of all would end
    /// with.
    fn fill(window: &mut Window, len: usize, step: usize) -> Vec<u8> {
        let all: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        let mut rest = &all[..];
        while !rest.is_empty() {
            let room = window.room(step.min(rest.len()));
            let len = room.len();
            room.copy_from_slice(&rest[..len]);
            assert_eq!(window.advance(len), &rest[..len]);
            rest = &rest[len..];
        }
        all
    }

    #[test]
    #[cfg_attr(miri, ignore = "so many bytes take minutes")]
    fn it_holds_the_last_bytes_in_order() {
        for (bits, full) in [(8, 4096), (12, 4096), (13, 8192), (15, 32768)] {
            for len in [0, 1, 1023, 1024, 1025, full - 1, full, full + 1, 3 * full + 5] {
                for step in [7, 1000, usize::MAX] {
                    let mut window = Window::new(bits);
                    let all = fill(&mut window, len, step);
                    let held = window.parts().concat();
                    assert_eq!(held.len(), len.min(full));
                    assert!(all.ends_with(&held));
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "so many bytes take minutes")]
    fn it_takes_no_memory_ahead_of_its_content() {
        let mut window = Window::new(15);
        assert_eq!(window.bytes.capacity(), 0);
        fill(&mut window, 1000, 100);
        assert_eq!(window.bytes.len(), FIRST_BYTES);
        fill(&mut window, 100_000, 1000);
        assert_eq!(window.bytes.len(), 1 << MAX_BITS);
    }

    #[test]
    fn a_cleared_window_holds_nothing() {
        let mut window = Window::new(12);
        fill(&mut window, 10_000, 1000);
        window.clear();
        assert_eq!(window.parts().concat(), []);
        let all = fill(&mut window, 100, 1000);
        assert_eq!(window.parts().concat(), all);
    }
}
