//! Where a line ends. What the line says is told elsewhere.
#![allow(unsafe_code, reason = "what was seen to be ASCII need not be checked to be UTF-8")]

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod wide;
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
mod words;

use memchr::memchr2;

use crate::{Text, visits};

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2::look_at;
#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
use words::look_at;

/// The first line, without its end; or all of the bytes, if there is no line end among them.
///
/// Most lines are short: for those a look at the first bytes costs less than the call of a search
/// that is made for long ones. And it tells besides whether they are ASCII, which is cheap to see
/// now and costs more to find out later.
#[inline]
pub(crate) fn first_line(bytes: &[u8]) -> Result<Text<'_>, Text<'_>> {
    let Seen { len, is_ascii } = look(bytes);
    let (line, rest) = bytes.split_at(len);
    visits::count(len + usize::from(!rest.is_empty()));
    let line = if is_ascii {
        debug_assert!(line.is_ascii(), "{}", line.escape_ascii());
        // SAFETY: all bytes up to the line end were seen to be ASCII, which is UTF-8.
        Text::ascii(unsafe { str::from_utf8_unchecked(line) })
    } else {
        Text::new(line)
    };
    if rest.is_empty() { Err(line) } else { Ok(line) }
}

/// Whether there is no line end.
#[inline]
pub(crate) fn is_line(text: &str) -> bool {
    match text.as_bytes() {
        few if few.len() < BLOCK => look_at_few(few).len == few.len(),
        bytes => memchr2(b'\r', b'\n', bytes).is_none(),
    }
}

/// Shows the places of all CRs and LFs.
#[inline]
pub(crate) fn each_end(bytes: &[u8], mut show: impl FnMut(usize)) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let from = bytes.len() - rest.len();
        let mut ends;
        (ends, rest) = match rest.split_first_chunk() {
            Some((&block, rest)) => (look_at(block).ends, rest),
            None => (last_ends(bytes, rest.len()), &[][..]),
        };
        while ends != 0 {
            show(from + ends.trailing_zeros() as usize);
            ends &= ends - 1;
        }
    }
}

/// The line ends in the last bytes, which are less than a block.
#[inline(never)]
fn last_ends(bytes: &[u8], len: usize) -> u32 {
    match bytes.last_chunk() {
        // This takes in some of what was looked at before.
        Some(&block) => look_at(block).ends >> (BLOCK - len),
        None => {
            let is_end = |byte| u32::from(matches!(byte, b'\r' | b'\n'));
            bytes.iter().rev().fold(0, |ends, &byte| ends << 1 | is_end(byte))
        }
    }
}

/// What was seen of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// How many there are in front of the first CR or LF, or in all.
    len: usize,
    /// Whether those were seen to be ASCII. They may be so without having been seen.
    is_ascii: bool,
}

#[inline]
fn look(bytes: &[u8]) -> Seen {
    let Some(last) = bytes.last_chunk() else { return look_at_few(bytes) };
    let mut wide = 0;
    for (index, &block) in bytes.as_chunks().0.iter().take(FIRST_BLOCKS).enumerate() {
        let bits = look_at(block);
        if bits.ends != 0 {
            return bits.seen(BLOCK * index, wide);
        }
        wide |= bits.wide;
    }
    look_further(bytes, last, FIRST_BLOCKS.min(bytes.len() / BLOCK) * BLOCK, wide)
}

/// As [`look`], behind the blocks that were looked at, and with what was seen there. The `last` block takes
/// in some of them.
fn look_further(bytes: &[u8], last: &[u8; BLOCK], from: usize, mut wide: u32) -> Seen {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if let Some(seen) = wide::look(bytes, from, wide == 0) {
        return seen;
    }
    let rest = &bytes[from..];
    if rest.len() > LONG {
        let end = memchr2(b'\r', b'\n', rest);
        return Seen { len: end.map_or(bytes.len(), |end| from + end), is_ascii: false };
    }
    let (blocks, _) = rest.as_chunks();
    let from = |index| from + BLOCK * index;
    for (index, &block) in blocks.iter().enumerate() {
        let bits = look_at(block);
        if bits.ends != 0 {
            return bits.seen(from(index), wide);
        }
        wide |= bits.wide;
    }
    let bits = look_at(*last);
    if bits.ends != 0 {
        return bits.seen(bytes.len() - BLOCK, wide);
    }
    Seen { len: bytes.len(), is_ascii: wide | bits.wide == 0 }
}

/// As [`look`], for less than a block.
#[inline]
fn look_at_few(bytes: &[u8]) -> Seen {
    let mut is_ascii = true;
    for (len, byte) in bytes.iter().enumerate() {
        if let b'\r' | b'\n' = byte {
            return Seen { len, is_ascii };
        }
        is_ascii &= byte.is_ascii();
    }
    Seen { len: bytes.len(), is_ascii }
}

/// So many bytes are looked at together.
const BLOCK: usize = 16;

/// So many blocks are looked at on the spot: lines of a text that was made to be read end there.
const FIRST_BLOCKS: usize = 4;

/// From here on the search that is made for long lines is the faster one.
const LONG: usize = 256;

/// What the bytes of a block are: one bit for each, the lowest for the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bits {
    /// Those that are a CR or LF.
    ends: u32,
    /// Those that are not ASCII.
    wide: u32,
}

impl Bits {
    /// What was seen with this block, which starts at `from` and has a line end. Not all bytes before
    /// it are ASCII if `wide` is not zero.
    #[inline]
    fn seen(self, from: usize, wide: u32) -> Seen {
        let at = self.ends.trailing_zeros();
        let before = self.wide & ((1 << at) - 1);
        Seen { len: from + at as usize, is_ascii: wide | before == 0 }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn a_line_end_is_found_at_any_place_of_any_length() {
        const STEP: usize = if cfg!(miri) { 37 } else { 1 };
        for len in (0..=500).step_by(STEP) {
            assert_eq!(look(&vec![b'x'; len]).len, len);
            for at in (0..len).step_by(STEP) {
                for end in [b'\r', b'\n'] {
                    let mut bytes = vec![b'x'; len];
                    bytes[at] = end;
                    bytes[at + 1..].fill(b'\n');
                    let seen = look(&bytes);
                    assert_eq!(seen.len, at, "{len}");
                    assert!(seen.is_ascii || len > LONG, "{len} {at}");
                }
            }
        }
    }

    #[test]
    fn every_line_end_is_shown_once_and_in_order() {
        const STEP: usize = if cfg!(miri) { 5 } else { 1 };
        for len in (0..100).step_by(STEP) {
            for every in 1..40 {
                let is_end = |at: &usize| at.is_multiple_of(every);
                let byte = |at: usize| if is_end(&at) { b"\r\n"[at / every % 2] } else { b'x' };
                let (bytes, mut ends) = ((0..len).map(byte).collect::<Vec<_>>(), Vec::new());
                each_end(&bytes, |end| ends.push(end));
                assert_eq!(ends, (0..len).filter(is_end).collect::<Vec<_>>(), "{len} {every}");
            }
        }
    }

    #[test]
    fn nothing_else_is_a_line_end() {
        for byte in (0..=255).filter(|byte| !b"\r\n".contains(byte)) {
            for len in [1, 16, 40, 500] {
                assert_eq!(look(&vec![byte; len]).len, len, "{byte}");
            }
        }
        let other = "\u{85}\u{2028}\u{2029}\x0b\x0c".repeat(50);
        assert_eq!(look(other.as_bytes()).len, other.len());
        assert!(is_line(&other) && is_line("") && !is_line("\n") && !is_line(&(other + "\r")));
    }

    #[test]
    fn what_is_not_ascii_is_seen_in_front_of_the_end_and_nowhere_else() {
        const STEP: usize = if cfg!(miri) { 13 } else { 1 };
        for end in (1..200).step_by(STEP) {
            for wide in (0..220).step_by(STEP).filter(|&wide| wide != end) {
                let mut bytes = [b'x'; 220];
                (bytes[end], bytes[wide]) = (b'\n', 0x80);
                let expected = Seen { len: end, is_ascii: wide > end };
                assert_eq!(look(&bytes), expected, "{wide}");
                bytes[end] = b'x';
                assert_eq!(look(&bytes), Seen { len: 220, is_ascii: false }, "{wide}");
            }
        }
        assert!(look(&[b'x'; 220]).is_ascii);
    }
}
