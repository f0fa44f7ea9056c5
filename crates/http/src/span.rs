//! A place inside a head's bytes. Whose bytes they are, its owner knows.

/// Where a part of a head stands. The limits of a head keep it within 4 GiB.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// Where `part`, a slice of `whole`, stands in it.
    pub(crate) fn of(whole: &[u8], part: &[u8]) -> Self {
        if part.is_empty() {
            return Self::default();
        }
        let start = part.as_ptr().addr() - whole.as_ptr().addr();
        Self { start: start as u32, end: (start + part.len()) as u32 }
    }

    /// The part of `whole` at this place.
    pub(crate) fn bytes(self, whole: &[u8]) -> &[u8] {
        &whole[self.start as usize..self.end as usize]
    }
}
