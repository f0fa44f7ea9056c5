//! A frame in pieces, for whoever has no room for all of it. What the pieces say is told elsewhere.

use bytes::Buf;

use crate::Frame;
use crate::encode::lines::Lines;

/// The bytes of a [`Frame`], one slice after the other and none of them copied: into a buffer of any
/// size, or, with the feature `std`, as slices for a vectored write, up to three for each line.
///
/// ```
/// use bytes::Buf;
/// use tidewire_sse::Frame;
///
/// let frame = Frame::new().data("hello");
/// let (mut bytes, mut sent, mut buffer) = (frame.buf(), Vec::new(), [0; 4]);
/// while bytes.has_remaining() {
///     let room = &mut buffer[..bytes.remaining().min(4)];
///     bytes.copy_to_slice(room);
///     sent.extend_from_slice(room);
/// }
/// assert_eq!(sent, b"data: hello\n\n");
/// ```
#[derive(Clone, Debug)]
pub struct FrameBuf<'f> {
    lines: Lines<'f>,
    /// What is left of the present line. Its line end goes last, so that the last is empty only at
    /// the end.
    parts: [&'f [u8]; 3],
    remaining: usize,
}

impl<'f> FrameBuf<'f> {
    pub(crate) fn new(frame: &'f Frame<'f>) -> Self {
        let mut lines = Lines::new(frame);
        let parts = parts(&mut lines);
        Self { lines, parts, remaining: frame.encoded_len() }
    }
}

impl Buf for FrameBuf<'_> {
    fn remaining(&self) -> usize {
        self.remaining
    }

    fn chunk(&self) -> &[u8] {
        self.parts.iter().find(|part| !part.is_empty()).unwrap_or(&NONE)
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'b>(&'b self, slices: &mut [std::io::IoSlice<'b>]) -> usize {
        let mut lines = self.lines.clone();
        let rest = core::iter::from_fn(|| Some(parts(&mut lines)));
        let all = core::iter::once(self.parts).chain(rest);
        let all = all.take_while(|parts| !parts[2].is_empty()).flatten();
        let mut count = 0;
        for (slice, part) in slices.iter_mut().zip(all.filter(|part| !part.is_empty())) {
            *slice = std::io::IoSlice::new(part);
            count += 1;
        }
        count
    }

    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.remaining, "advanced by {count} of {} bytes", self.remaining);
        self.remaining -= count;
        loop {
            for part in &mut self.parts {
                let taken = count.min(part.len());
                *part = &part[taken..];
                count -= taken;
            }
            if !self.parts[2].is_empty() || self.remaining == 0 {
                return;
            }
            self.parts = parts(&mut self.lines);
        }
    }
}

/// The parts of the next line, all empty if there is none.
fn parts<'f>(lines: &mut Lines<'f>) -> [&'f [u8]; 3] {
    match lines.next() {
        Some((prefix, value)) => [prefix, value, b"\n"],
        None => [NONE; 3],
    }
}

const NONE: &[u8] = b"";
