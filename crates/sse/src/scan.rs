//! Where a line ends. What the line says is told elsewhere.
#![allow(unsafe_code, reason = "what was seen to be ASCII need not be checked to be UTF-8")]

#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod sse2;
#[cfg(all(feature = "std", target_arch = "x86_64"))]
mod wide;
#[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
mod words;

use core::iter;

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
    let Seen { end, is_ascii } = look(bytes);
    let line = &bytes[..end.unwrap_or(bytes.len())];
    visits::count(line.len() + usize::from(end.is_some()));
    let line = if is_ascii {
        debug_assert!(line.is_ascii(), "{}", line.escape_ascii());
        // SAFETY: all bytes up to the line end were seen to be ASCII, which is UTF-8.
        Text::ascii(unsafe { str::from_utf8_unchecked(line) })
    } else {
        Text::new(line)
    };
    if end.is_some() { Ok(line) } else { Err(line) }
}

/// Whether there is a line end.
#[inline]
pub(crate) fn has_line_end(text: &str) -> bool {
    match text.as_bytes() {
        few if few.len() < BLOCK => look_at_few(few, true).end.is_some(),
        bytes => memchr2(b'\r', b'\n', bytes).is_some(),
    }
}

/// The places of all CRs and LFs.
#[inline]
pub(crate) fn line_ends(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let (blocks, few) = bytes.as_chunks();
    let mut blocks = blocks.iter().enumerate();
    let (mut from, mut ends) = (0, 0);
    let in_blocks = iter::from_fn(move || {
        while ends == 0 {
            let (index, &block) = blocks.next()?;
            (from, ends) = (BLOCK * index, look_at(block).ends);
        }
        let at = ends.trailing_zeros();
        ends &= ends - 1;
        Some(from + at as usize)
    });
    let start = bytes.len() - few.len();
    let in_few = few.iter().enumerate().filter(|(_, byte)| matches!(byte, b'\r' | b'\n'));
    in_blocks.chain(in_few.map(move |(at, _)| start + at))
}

/// What was seen of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// The place of the first CR or LF.
    end: Option<usize>,
    /// Whether all before that was seen to be ASCII. It may be so without having been seen.
    is_ascii: bool,
}

#[inline]
fn look(bytes: &[u8]) -> Seen {
    if bytes.len() < BLOCK {
        return look_at_few(bytes, true);
    }
    let mut is_ascii = true;
    for (index, &block) in bytes.as_chunks().0.iter().take(FIRST_BLOCKS).enumerate() {
        let seen = look_at(block).seen(BLOCK * index, is_ascii);
        if seen.end.is_some() {
            return seen;
        }
        is_ascii = seen.is_ascii;
    }
    look_further(bytes, FIRST_BLOCKS.min(bytes.len() / BLOCK) * BLOCK, is_ascii)
}

/// As [`look`], behind the bytes that were looked at.
fn look_further(bytes: &[u8], mut from: usize, mut is_ascii: bool) -> Seen {
    #[cfg(all(feature = "std", target_arch = "x86_64"))]
    if let Some((seen, len)) = wide::look(&bytes[from..]) {
        is_ascii &= seen.is_ascii;
        if let Some(end) = seen.end {
            return Seen { end: Some(from + end), is_ascii };
        }
        from += len;
    }
    let rest = &bytes[from..];
    if rest.len() > LONG {
        let end = memchr2(b'\r', b'\n', rest).map(|end| from + end);
        return Seen { end, is_ascii: false };
    }
    let (blocks, few) = rest.as_chunks();
    for &block in blocks {
        let seen = look_at(block).seen(from, is_ascii);
        if seen.end.is_some() {
            return seen;
        }
        (is_ascii, from) = (seen.is_ascii, from + BLOCK);
    }
    let seen = look_at_few(few, is_ascii);
    Seen { end: seen.end.map(|end| from + end), ..seen }
}

/// As [`look`], for less than a block.
#[inline]
fn look_at_few(bytes: &[u8], mut is_ascii: bool) -> Seen {
    for (at, byte) in bytes.iter().enumerate() {
        if let b'\r' | b'\n' = byte {
            return Seen { end: Some(at), is_ascii };
        }
        is_ascii &= byte.is_ascii();
    }
    Seen { end: None, is_ascii }
}

/// So many bytes are looked at together.
const BLOCK: usize = 16;

/// So many blocks are looked at on the spot: hardly any line end is further away in streams of tiny
/// events.
const FIRST_BLOCKS: usize = 2;

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
    /// What was seen with this block, which starts at `from` and stands behind others.
    #[inline]
    fn seen(self, from: usize, is_ascii: bool) -> Seen {
        if self.ends == 0 {
            return Seen { end: None, is_ascii: is_ascii && self.wide == 0 };
        }
        let at = self.ends.trailing_zeros();
        let before = self.wide & ((1 << at) - 1);
        Seen { end: Some(from + at as usize), is_ascii: is_ascii && before == 0 }
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
            assert_eq!(look(&vec![b'x'; len]).end, None);
            for at in (0..len).step_by(STEP) {
                for end in [b'\r', b'\n'] {
                    let mut bytes = vec![b'x'; len];
                    bytes[at] = end;
                    bytes[at + 1..].fill(b'\n');
                    let seen = look(&bytes);
                    assert_eq!(seen.end, Some(at), "{len}");
                    assert!(seen.is_ascii || len > LONG, "{len} {at}");
                    assert_eq!(
                        line_ends(&bytes).collect::<Vec<_>>(),
                        (at..len).collect::<Vec<_>>()
                    );
                    assert!(has_line_end(str::from_utf8(&bytes).expect("it is ASCII")));
                }
            }
        }
    }

    #[test]
    fn nothing_else_is_a_line_end() {
        for byte in (0..=255).filter(|byte| !b"\r\n".contains(byte)) {
            for len in [1, 16, 40, 500] {
                assert_eq!(look(&vec![byte; len]).end, None, "{byte}");
            }
        }
        assert!(!has_line_end(&"\u{85}\u{2028}\u{2029}\x0b\x0c".repeat(50)));
    }

    #[test]
    fn what_is_not_ascii_is_seen_in_front_of_the_end_and_nowhere_else() {
        const STEP: usize = if cfg!(miri) { 13 } else { 1 };
        for end in (1..200).step_by(STEP) {
            for wide in (0..220).step_by(STEP).filter(|&wide| wide != end) {
                let mut bytes = [b'x'; 220];
                (bytes[end], bytes[wide]) = (b'\n', 0x80);
                let expected = Seen { end: Some(end), is_ascii: wide > end };
                assert_eq!(look(&bytes), expected, "{wide}");
                bytes[end] = b'x';
                assert_eq!(look(&bytes), Seen { end: None, is_ascii: false }, "{wide}");
            }
        }
        assert!(look(&[b'x'; 220]).is_ascii);
    }
}
