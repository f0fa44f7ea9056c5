//! Where things are found by what names them, in tables that no asker can make slow. What is in the
//! tables is for their owners to say.

use core::hash::{Hash, Hasher};

use tidewire_core::Entropy;

/// What hashes are made with, drawn at random so that nobody can choose names that collide.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seed(u64);

struct Mixer(u64);

impl Seed {
    pub(crate) fn draw(entropy: &mut Entropy) -> Self {
        Self(u64::from_le_bytes(entropy.bytes()))
    }

    pub(crate) fn hash_one(self, name: impl Hash) -> u64 {
        let mut mixer = Mixer(self.0);
        name.hash(&mut mixer);
        mixer.finish()
    }
}

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    /// The upper half of a product depends on all bits of both factors, the lower one on the low.
    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * u128::from(ODD);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The golden ratio's digits in binary, which have no pattern.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    /// A table looks at the upper seven bits and at the lower ones.
    #[test]
    fn names_in_a_row_spread_over_both_ends_of_a_hash() {
        let hashes = || (0..4_096_u64).map(|name| Seed(7).hash_one(name));
        let upper: BTreeSet<u64> = hashes().map(|hash| hash >> 57).collect();
        let lower: BTreeSet<u64> = hashes().map(|hash| hash % 4_096).collect();
        assert!(upper.len() > 120 && lower.len() > 2_000, "{} {}", upper.len(), lower.len());
    }

    #[test]
    fn a_hash_depends_on_the_seed_and_on_each_part_of_the_name() {
        assert_ne!(Seed(1).hash_one(9_u64), Seed(2).hash_one(9_u64));
        assert_ne!(Seed(1).hash_one((1_u32, 2_u32)), Seed(1).hash_one((2_u32, 1_u32)));
        assert_ne!(Seed(1).hash_one((1_u32, 1_u64 << 63)), Seed(1).hash_one((1_u32, 0_u64)));
    }
}
