//! Where a line ends. What the line says is told elsewhere.

#[cfg(not(target_arch = "x86_64"))]
mod words;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use memchr::memchr2;

use crate::visits;

#[cfg(not(target_arch = "x86_64"))]
use words::line_end_in;
#[cfg(target_arch = "x86_64")]
use x86_64::line_end_in;

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
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    for (at, block) in blocks.iter().take(SHORT_BLOCKS).enumerate() {
        if let Some(end) = line_end_in(block) {
            return Some(at * BLOCK + end);
        }
    }
    let seen = blocks.len().min(SHORT_BLOCKS) * BLOCK;
    if blocks.len() < SHORT_BLOCKS {
        return Some(seen + rest.iter().position(|&byte| is_end(byte))?);
    }
    Some(seen + memchr2(b'\r', b'\n', &bytes[seen..])?)
}

const BLOCK: usize = 16;

/// Beyond so many blocks the search for long lines is the faster one.
const SHORT_BLOCKS: usize = 8;

fn is_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn a_line_end_is_found_at_any_place_of_any_length() {
        for len in 0..=300 {
            assert_eq!(line_end(&vec![b'x'; len]), None);
            for at in 0..len {
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
            assert_eq!(line_end(&[byte; 200]), None, "{byte}");
        }
    }
}
