//! Where a line ends. What the line says is told elsewhere.
#![allow(unsafe_code, reason = "what was seen to be ASCII need not be checked to be UTF-8")]

#[cfg(any(test, not(target_arch = "x86_64")))]
mod words;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use memchr::memchr2;

use crate::{Text, visits};

#[cfg(not(target_arch = "x86_64"))]
use words::look;
#[cfg(target_arch = "x86_64")]
use x86_64::look;

/// The first line, without its end; `None` if it has none.
///
/// Most lines are short: for those a look at the first bytes costs less than the call of a search
/// that is made for long ones, and tells besides whether they are ASCII, which is cheap to see now
/// and costs more to find out later.
#[inline]
pub(crate) fn first_line(bytes: &[u8]) -> Option<Text<'_>> {
    let Some(LineEnd { at, is_ascii }) = find(bytes) else {
        visits::count(bytes.len());
        return None;
    };
    visits::count(at + 1);
    let line = &bytes[..at];
    if !is_ascii {
        return Some(Text::new(line));
    }
    debug_assert!(line.is_ascii(), "{:?}", line.escape_ascii());
    // SAFETY: all bytes before the line end were seen to be ASCII, which is UTF-8.
    Some(Text::ascii(unsafe { str::from_utf8_unchecked(line) }))
}

/// The end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LineEnd {
    /// The place of the CR or LF.
    at: usize,
    /// Whether all before it was seen to be ASCII. It may be so without having been seen.
    is_ascii: bool,
}

#[inline]
fn find(bytes: &[u8]) -> Option<LineEnd> {
    let mut wide = 0;
    for (index, &block) in bytes.as_chunks::<16>().0.iter().take(FIRST_BLOCKS).enumerate() {
        let seen = look(block);
        if seen.ends != 0 {
            return Some(seen.line_end(16 * index, wide));
        }
        wide |= seen.wide;
    }
    find_further(bytes, FIRST_BLOCKS.min(bytes.len() / 16) * 16, wide)
}

/// As [`find`], behind the bytes that were looked at.
fn find_further(bytes: &[u8], mut from: usize, mut wide: u32) -> Option<LineEnd> {
    for &block in bytes[from..].as_chunks::<64>().0.iter().take(LONG_FROM_BLOCKS) {
        let (quarters, _) = block.as_chunks::<16>();
        let seen = [0, 1, 2, 3].map(|at| look(quarters[at]));
        if seen.iter().fold(0, |ends, seen| ends | seen.ends) != 0 {
            return first(seen.into_iter(), from, wide);
        }
        wide = seen.iter().fold(wide, |wide, seen| wide | seen.wide);
        from += 64;
    }
    let rest = &bytes[from..];
    if rest.len() >= 64 {
        let at = from + memchr2(b'\r', b'\n', rest)?;
        return Some(LineEnd { at, is_ascii: false });
    }
    let (blocks, few) = rest.as_chunks::<16>();
    let mut last = [0; 16];
    last[..few.len()].copy_from_slice(few);
    first(blocks.iter().chain([&last]).map(|&block| look(block)), from, wide)
}

/// The first of the ends in blocks that stand one behind the other.
fn first(blocks: impl Iterator<Item = Seen>, from: usize, mut wide: u32) -> Option<LineEnd> {
    blocks.enumerate().find_map(|(index, seen)| {
        let end = (seen.ends != 0).then(|| seen.line_end(from + 16 * index, wide));
        wide |= seen.wide;
        end
    })
}

/// What sixteen bytes are: one bit for each, the lowest for the first.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Those that are a CR or LF.
    ends: u32,
    /// Those that are not ASCII.
    wide: u32,
}

impl Seen {
    /// The first line end, of a block that has one and starts at `from`, behind others.
    #[inline]
    fn line_end(self, from: usize, wide_before: u32) -> LineEnd {
        let at = self.ends.trailing_zeros();
        let before = self.wide & ((1 << at) - 1);
        LineEnd { at: from + at as usize, is_ascii: (before | wide_before) == 0 }
    }
}

/// So many blocks are looked at one by one: hardly any line end is further away in streams of tiny
/// events.
const FIRST_BLOCKS: usize = 2;

/// Beyond so many larger blocks the search for long lines is the faster one.
const LONG_FROM_BLOCKS: usize = 6;

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_line_end_is_found_at_any_place_of_any_length() {
        const STEP: usize = if cfg!(miri) { 37 } else { 1 };
        for len in (0..=500).step_by(STEP) {
            assert_eq!(find(&vec![b'x'; len]), None);
            for at in (0..len).step_by(STEP) {
                for end in [b'\r', b'\n'] {
                    let mut bytes = vec![b'x'; len];
                    bytes[at] = end;
                    bytes[at + 1..].fill(b'\n');
                    let found = find(&bytes).expect("there is one");
                    assert_eq!(found.at, at, "{len} {at}");
                    assert!(found.is_ascii || at >= 400, "{len} {at}");
                }
            }
        }
    }

    #[test]
    fn nothing_else_is_a_line_end() {
        for byte in (0..=255).filter(|byte| !b"\r\n".contains(byte)) {
            assert_eq!(find(&[byte; 500]), None, "{byte}");
        }
    }

    #[test]
    fn what_is_not_ascii_is_seen_in_front_of_the_end_and_nowhere_else() {
        const STEP: usize = if cfg!(miri) { 13 } else { 1 };
        for end in (1..200).step_by(STEP) {
            for wide in (0..220).step_by(STEP).filter(|&wide| wide != end) {
                let mut bytes = [b'x'; 220];
                (bytes[end], bytes[wide]) = (b'\n', 0x80);
                let expected = LineEnd { at: end, is_ascii: wide > end };
                assert_eq!(find(&bytes), Some(expected), "{wide} {end}");
            }
        }
    }
}
