//! Which slots are vacant, and which of them is the lowest. What is in the others is the slab's business.

use alloc::vec::Vec;

/// A set of slots, as bits. Each level has a bit for each word of the one below that is not zero, so the
/// lowest slot is found in a word of each; the last level has a word for each 2¹⁸ slots.
#[derive(Clone, Debug)]
pub(super) struct Vacant {
    levels: [Vec<u64>; 3],
}

impl Vacant {
    pub(super) const fn new() -> Self {
        Self { levels: [const { Vec::new() }; 3] }
    }

    /// Makes room for a slot, one above the last for which there is.
    pub(super) fn grow_to(&mut self, mut slot: usize) {
        for level in &mut self.levels {
            if !slot.is_multiple_of(64) {
                return;
            }
            slot /= 64;
            level.push(0);
        }
    }

    pub(super) fn insert(&mut self, mut slot: usize) {
        for level in &mut self.levels {
            let word = &mut level[slot / 64];
            let was_known = *word != 0;
            *word |= 1 << (slot % 64);
            if was_known {
                return;
            }
            slot /= 64;
        }
    }

    /// Takes the lowest slot out of the set, which is not empty.
    pub(super) fn pop_first(&mut self) -> usize {
        let [.., top] = &self.levels;
        let mut slot = top.iter().take_while(|&&word| word == 0).count();
        for level in self.levels.iter().rev() {
            slot = slot * 64 + level[slot].trailing_zeros() as usize;
        }
        let mut at = slot;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            *word &= *word - 1;
            if *word != 0 {
                break;
            }
            at /= 64;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// More than the last level has in one word.
    const SLOTS: usize = if cfg!(miri) { 10_000 } else { 600_000 };

    proptest! {
        #[test]
        fn the_lowest_is_that_of_a_sorted_set(
            slots in prop::collection::vec(prop_oneof![0..130_usize, 0..SLOTS], 0..40),
        ) {
            let (mut vacant, mut model) = (Vacant::new(), BTreeSet::new());
            (0..=slots.iter().copied().max().unwrap_or(0)).for_each(|slot| vacant.grow_to(slot));
            for slot in slots {
                if model.insert(slot) {
                    vacant.insert(slot);
                }
            }
            while let Some(first) = model.pop_first() {
                prop_assert_eq!(vacant.pop_first(), first);
            }
        }
    }
}
