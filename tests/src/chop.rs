//! Every way of cutting an input that is worth trying. What must not change is a law.

use std::fmt::Debug;

use tidewire_core::Protocol;

use crate::dice::Dice;
use crate::end::End;
use crate::solo::Solo;

/// The lengths of the pieces, in order.
pub type Cutting = Vec<usize>;

/// Cuttings of `len` bytes: whole, byte by byte, each cut in two of up to 512 bytes, each cut in
/// three of up to 24, and eight at random.
#[must_use]
pub fn cuttings(len: usize, seed: u64) -> Vec<Cutting> {
    let mut all = vec![vec![len], vec![1; len]];
    if len <= SHORT {
        all.extend((1..len).map(|at| vec![at, len - at]));
    }
    if len <= TINY {
        for first in 1..len {
            all.extend((1..len - first).map(|next| vec![first, next, len - first - next]));
        }
    }
    let mut dice = Dice::new(seed);
    all.extend((0..RANDOM).map(|_| at_random(len, &mut dice)));
    all
}

/// One cutting of `len` bytes as the dice fall.
#[must_use]
pub fn at_random(len: usize, dice: &mut Dice) -> Cutting {
    let mut cutting = Vec::new();
    let mut left = len;
    while left > 0 {
        cutting.push(dice.cut(left));
        left -= cutting[cutting.len() - 1];
    }
    cutting
}

/// Cuts `input` into its pieces.
pub fn pieces<'a>(mut input: &'a [u8], cutting: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    cutting.iter().map(move |&len| {
        let (piece, rest) = input.split_at(len);
        input = rest;
        piece
    })
}

/// Feeds `input` to an end, cut like this, with no time in between.
#[must_use]
pub fn feed<M: Protocol<Error: Debug>>(end: End<M>, input: &[u8], cutting: &[usize]) -> Solo<M> {
    let mut solo = Solo::new(end);
    pieces(input, cutting).for_each(|piece| solo.feed(piece));
    solo
}

const SHORT: usize = 512;
const TINY: usize = 24;
const RANDOM: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cutting_keeps_every_byte() {
        for len in [0, 1, 2, 5, 24, 25, 512, 513] {
            let input = vec![b'x'; len];
            for cutting in cuttings(len, 1) {
                assert_eq!(pieces(&input, &cutting).collect::<Vec<_>>().concat(), input);
            }
        }
    }

    #[test]
    fn short_inputs_are_cut_everywhere() {
        let all = cuttings(4, 1);
        for cutting in [&[1, 3][..], &[2, 2], &[3, 1], &[1, 1, 2], &[1, 2, 1], &[2, 1, 1]] {
            assert!(all.iter().any(|one| one == cutting), "{cutting:?}");
        }
    }
}
