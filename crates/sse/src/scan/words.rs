//! Eight bytes at a time, in a word of any machine. Where there is something better it is not used.

use super::{BLOCK, Bits};

#[inline]
pub(super) fn look_at(block: [u8; BLOCK]) -> Bits {
    let (words, _) = block.as_chunks::<8>();
    let [low, high] = [0, 1].map(|at| look_at_word(u64::from_le_bytes(words[at])));
    Bits { ends: low.ends | high.ends << 8, wide: low.wide | high.wide << 8 }
}

#[inline]
fn look_at_word(word: u64) -> Bits {
    // The highest bit of each byte that is not zero: no carry leaves its byte.
    let not_zero = |word: u64| ((word & !HIGH) + !HIGH) | word;
    let others = not_zero(word ^ (ONES * 0x0d)) & not_zero(word ^ (ONES * 0x0a));
    Bits { ends: gathered(!others & HIGH), wide: gathered(word & HIGH) }
}

/// The highest bits of eight bytes, side by side.
#[inline]
fn gathered(highest: u64) -> u32 {
    // Bit 8·i goes to 56 + i, and whatever else the product has, elsewhere.
    ((highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = ONES << 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_has_its_bits() {
        for bits in 0..1 << 8 {
            for (end, other) in [(b'\r', 0x0c), (b'\n', 0x8a), (b'\n', 0), (b'\r', 0xff)] {
                let byte = |at| if bits >> (at % 8) & 1 == 1 { end } else { other };
                let seen = look_at(core::array::from_fn(byte));
                assert_eq!(seen.ends, bits | bits << 8);
                assert_eq!(seen.wide, if other < 0x80 { 0 } else { !seen.ends & 0xffff });
            }
        }
    }
}
