//! What happened in a run: always as one number, on request as lines. What is noted is chosen elsewhere.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use tidewire_core::Instant;

/// What happened. Two runs with the same digest did the same.
#[derive(Debug)]
pub(super) struct Trace {
    digest: Digest,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// A trace that keeps lines only if it is `told` to.
    pub(super) fn new(told: bool) -> Self {
        Self { digest: Digest(0), lines: told.then(Vec::new) }
    }

    pub(super) fn note(&mut self, now: Instant, what: impl Debug + Hash) {
        now.hash(&mut self.digest);
        what.hash(&mut self.digest);
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>12.6} {what:?}", now.since_origin().as_secs_f64()));
        }
    }

    /// Notes bytes: in the digest whole, in the lines by their beginning.
    pub(super) fn bytes(&mut self, now: Instant, what: impl Debug + Hash, bytes: &[u8]) {
        self.digest.write(bytes);
        self.note(now, what);
        if let Some(line) = self.lines.as_mut().and_then(|lines| lines.last_mut()) {
            let shown = &bytes[..bytes.len().min(SHOWN_BYTES)];
            line.push_str(&format!(" {} bytes: {}", bytes.len(), shown.escape_ascii()));
        }
    }

    pub(super) fn digest(&self) -> u64 {
        self.digest.finish()
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}

/// How much of what arrives a line shows.
const SHOWN_BYTES: usize = 100;

/// A hash that is the same on each machine and in each process.
#[derive(Debug)]
struct Digest(u64);

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for &byte in rest {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}
