//! Seeded choices. Nothing here is random: the same seed gives the same run.

use tidewire_core::Entropy;

/// A seeded generator (SplitMix64), good enough to choose test cases.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`, which is not zero.
    pub fn roll(&mut self, sides: usize) -> usize {
        (self.bits() % sides as u64) as usize
    }

    /// The length of the next piece of `len` bytes: one byte and all of them come up more often than
    /// chance would have it, for that is where the mistakes are.
    pub fn cut(&mut self, len: usize) -> usize {
        match self.roll(4) {
            _ if len < 2 => len,
            0 => 1,
            1 => len,
            _ => 1 + self.roll(len),
        }
    }

    /// Entropy for a machine under test.
    #[must_use]
    pub fn entropy(mut self) -> Entropy {
        Entropy::new(move |bytes| bytes.fill_with(|| self.bits() as u8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_never_empty_and_never_too_long() {
        let mut dice = Dice::new(7);
        for len in 1..200 {
            assert!((1..=len).contains(&dice.cut(len)));
        }
        assert_eq!(dice.cut(0), 0);
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes() {
        let drawn = || Dice::new(3).entropy().bytes::<16>();
        assert_eq!(drawn(), drawn());
        assert_ne!(drawn(), Dice::new(4).entropy().bytes::<16>());
    }
}
