//! A number as it is written. Which number it is, the frame knows.

/// A number in decimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits {
    /// The digits are at the end, what stands before them is zero.
    bytes: [u8; LONGEST],
    start: usize,
}

impl Digits {
    pub(crate) const fn new(mut number: u64) -> Self {
        let (mut bytes, mut start) = ([0; LONGEST], LONGEST);
        loop {
            start -= 1;
            bytes[start] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return Self { bytes, start };
            }
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// The digits of 2⁶⁴ − 1.
const LONGEST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_and_the_longest_are_whole() {
        for (number, digits) in
            [(0, "0"), (7, "7"), (1500, "1500"), (u64::MAX, "18446744073709551615")]
        {
            assert_eq!(Digits::new(number).as_bytes(), digits.as_bytes());
        }
    }
}
