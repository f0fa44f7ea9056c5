//! Where a line ends. What the line says is told elsewhere.

#[cfg(any(test, not(target_arch = "x86_64")))]
mod words;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use memchr::memchr2;

use crate::visits;

#[cfg(not(target_arch = "x86_64"))]
use words::line_ends;
#[cfg(target_arch = "x86_64")]
use x86_64::line_ends;

/// The place of the first CR or LF.
///
/// Most lines are short: for those a look at the first bytes costs less than the call of a search
/// that is made for long ones.
#[inline]
pub(crate) fn line_end(bytes: &[u8]) -> Option<usize> {
    let end = find(bytes);
    visits::count(end.map_or(bytes.len(), |end| end + 1));
    end
}

#[inline]
fn find(bytes: &[u8]) -> Option<usize> {
    let mut seen = 0;
    for &block in bytes.as_chunks::<16>().0.iter().take(2) {
        match line_ends(block) {
            0 => seen += 16,
            ends => return Some(seen + first(ends)),
        }
    }
    find_further(bytes, seen)
}

/// As [`find`], behind the bytes that were seen.
fn find_further(bytes: &[u8], mut seen: usize) -> Option<usize> {
    let rest = &bytes[seen..];
    for &block in rest.as_chunks::<64>().0.iter().take(LONG_FROM_BLOCKS) {
        let (quarters, _) = block.as_chunks::<16>();
        let ends = [0, 1, 2, 3].map(|at| line_ends(quarters[at]));
        if ends.iter().fold(0, |any, ends| any | ends) != 0 {
            let at = ends.iter().position(|&ends| ends != 0)?;
            return Some(seen + at * 16 + first(ends[at]));
        }
        seen += 64;
    }
    let rest = &bytes[seen..];
    if rest.len() >= 64 {
        return Some(seen + memchr2(b'\r', b'\n', rest)?);
    }
    let (blocks, few) = rest.as_chunks::<16>();
    for &block in blocks {
        match line_ends(block) {
            0 => seen += 16,
            ends => return Some(seen + first(ends)),
        }
    }
    Some(seen + few.iter().position(|&byte| is_end(byte))?)
}

/// Beyond so many blocks the search for long lines is the faster one.
const LONG_FROM_BLOCKS: usize = 6;

#[inline]
fn first(ends: u32) -> usize {
    ends.trailing_zeros() as usize
}

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_line_end_is_found_at_any_place_of_any_length() {
        const STEP: usize = if cfg!(miri) { 37 } else { 1 };
        for len in (0..=500).step_by(STEP) {
            assert_eq!(line_end(&vec![b'x'; len]), None);
            for at in (0..len).step_by(STEP) {
                for end in [b'\r', b'\n'] {
                    let mut bytes = vec![b'x'; len];
                    bytes[at] = end;
                    bytes[at + 1..].fill(b'\n');
                    assert_eq!(line_end(&bytes), Some(at), "{len} {at}");
                }
            }
        }
    }

    #[test]
    fn nothing_else_is_a_line_end() {
        for byte in (0..=255).filter(|&byte| !is_end(byte)) {
            assert_eq!(line_end(&[byte; 500]), None, "{byte}");
        }
    }
}
