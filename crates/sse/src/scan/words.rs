//! Eight bytes at a time, in a word of any machine. Where there is something better it is not used.

/// One bit for each byte that is a CR or LF, the lowest for the first.
#[inline]
pub(super) fn line_ends(block: [u8; 16]) -> u32 {
    let (words, _) = block.as_chunks::<8>();
    line_ends_of(words[0]) | line_ends_of(words[1]) << 8
}

#[inline]
fn line_ends_of(word: [u8; 8]) -> u32 {
    let word = u64::from_le_bytes(word);
    // The highest bit of each byte that is not zero: no carry leaves its byte.
    let not_zero = |word: u64| ((word & !HIGH) + !HIGH) | word;
    let ends = !(not_zero(word ^ (ONES * 0x0d)) & not_zero(word ^ (ONES * 0x0a))) & HIGH;
    // Gathers the highest bits: bit 8·i + 7 goes to 56 + i.
    ((ends >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = ONES << 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_that_ends_a_line_has_its_bit() {
        for bits in 0..1 << 8_u32 {
            for (end, other) in [(b'\r', b'\x0c'), (b'\n', b'\x8a'), (b'\n', b'\0')] {
                let byte = |at| if bits >> at & 1 == 1 { end } else { other };
                assert_eq!(line_ends_of(core::array::from_fn(byte)), bits);
            }
        }
    }
}
