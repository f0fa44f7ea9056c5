//! Eight bytes at a time, in a word of any machine. Where there is something better it is not used.

use super::BLOCK;

#[inline]
pub(super) fn line_end_in(block: &[u8; BLOCK]) -> Option<usize> {
    let (words, _) = block.as_chunks::<8>();
    let ends = words.iter().map(|&word| line_ends(u64::from_le_bytes(word)));
    ends.enumerate().find(|&(_, ends)| ends != 0).map(|(at, ends)| at * 8 + first(ends))
}

/// The highest bit of each byte that is a CR or LF; behind the first of them maybe of others, too.
#[inline]
fn line_ends(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    zero(word ^ (ONES * 0x0d)) | zero(word ^ (ONES * 0x0a))
}

#[inline]
fn first(ends: u64) -> usize {
    ends.trailing_zeros() as usize / 8
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
