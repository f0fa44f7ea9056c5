//! UTF-8 checked as it arrives, in pieces cut anywhere. What holds checked text is in `text`.

use crate::Error;
use crate::mask::words::is_ascii;

/// A check of UTF-8 that comes in pieces; it fails at the first byte that cannot be right.
///
/// Each byte is looked at once, however the text is cut. RFC 6455 §8.1, RFC 3629.
///
/// ```
/// use tidewire_ws::utf8::Utf8;
///
/// let mut text = Utf8::new();
/// text.push(b"5 \xE2\x82")?;
/// assert!(text.finish().is_err());
/// text.push(b"\xAC")?;
/// text.finish()?;
/// assert!(Utf8::new().push(b"\xED\xA0").is_err(), "half of a surrogate");
/// # Ok::<(), tidewire_ws::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utf8 {
    /// How many bytes of the character under way came.
    seen: u8,
    /// How many it still needs.
    missing: u8,
    /// The range that its next byte must lie in.
    lowest: u8,
    highest: u8,
}

impl Utf8 {
    /// A check of a text that has not begun.
    #[must_use]
    pub const fn new() -> Self {
        Self { seen: 0, missing: 0, lowest: 0x80, highest: 0xBF }
    }

    /// Takes the next piece of the text.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidUtf8`]: no text continues this way. The check is of no use from then on.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let bytes = if self.missing == 0 { bytes } else { self.complete(bytes)? };
        let (whole, cut) = bytes.split_at(bytes.len() - cut_len(bytes));
        check(whole)?;
        if let [lead, more @ ..] = cut {
            self.begin(*lead)?;
            self.complete(more)?;
        }
        Ok(())
    }

    /// Says that the text ends here.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidUtf8`]: the last character is not complete.
    pub const fn finish(&self) -> Result<(), Error> {
        if self.missing == 0 { Ok(()) } else { Err(Error::InvalidUtf8) }
    }

    /// As [`push`](Self::push); the caller may know that all is ASCII.
    #[inline]
    pub(crate) fn push_known(&mut self, bytes: &[u8], is_ascii: bool) -> Result<(), Error> {
        if is_ascii && self.missing == 0 { Ok(()) } else { self.push(bytes) }
    }

    /// How many bytes at the end of what was taken begin a character that is not complete.
    pub(crate) fn cut_len(self) -> usize {
        self.seen.into()
    }

    /// How many bytes that character still needs.
    pub(crate) fn missing_len(self) -> usize {
        self.missing.into()
    }

    /// Starts a character of several bytes. RFC 3629 §4.
    fn begin(&mut self, lead: u8) -> Result<(), Error> {
        let (missing, lowest, highest) = match lead {
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return Err(Error::InvalidUtf8),
        };
        *self = Self { seen: 1, missing, lowest, highest };
        Ok(())
    }

    /// Feeds the character under way and returns the bytes behind it.
    fn complete<'b>(&mut self, mut bytes: &'b [u8]) -> Result<&'b [u8], Error> {
        while self.missing > 0
            && let [byte, rest @ ..] = bytes
        {
            if !(self.lowest..=self.highest).contains(byte) {
                return Err(Error::InvalidUtf8);
            }
            let (seen, missing) = (self.seen + 1, self.missing - 1);
            *self = if missing > 0 { Self { seen, missing, ..Self::new() } } else { Self::new() };
            bytes = rest;
        }
        Ok(bytes)
    }
}

impl Default for Utf8 {
    fn default() -> Self {
        Self::new()
    }
}

/// Checks a text that came whole.
#[inline]
pub(crate) fn check(bytes: &[u8]) -> Result<(), Error> {
    if bytes.len() < SHORT && is_ascii(bytes) { Ok(()) } else { check_any(bytes) }
}

/// Checks a text that came whole and is hardly ASCII.
#[inline]
pub(crate) fn check_any(bytes: &[u8]) -> Result<(), Error> {
    // Miri objects to the address of a prefetch: rusticstuff/simdutf8#120, mended but not released.
    if cfg!(miri) {
        return str::from_utf8(bytes).map(|_| ()).map_err(|_| Error::InvalidUtf8);
    }
    simdutf8::basic::from_utf8(bytes).map(|_| ()).map_err(|_| Error::InvalidUtf8)
}

/// Below so many bytes a look for ASCII alone costs less than the start of the full check.
const SHORT: usize = 256;

/// How many bytes at the end begin a character that goes on behind them.
fn cut_len(bytes: &[u8]) -> usize {
    for (before, &byte) in bytes.iter().rev().take(3).enumerate() {
        let width = match byte {
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
            _ => 1,
        };
        return if width > before + 1 { before + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn check<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Error> {
        let mut text = Utf8::new();
        pieces.into_iter().try_for_each(|piece| text.push(piece))?;
        text.finish()
    }

    /// The number of bytes after which the check fails, if it is fed one byte at a time.
    fn fails_after(bytes: &[u8]) -> Option<usize> {
        let mut text = Utf8::new();
        bytes.iter().position(|&byte| text.push(&[byte]).is_err()).map(|index| index + 1)
    }

    /// Miri looks at a sample.
    const STEP: usize = if cfg!(miri) { 9973 } else { 1 };

    #[test]
    fn every_character_passes_whole_and_at_every_cut() {
        let mut buffer = [0; 4];
        for character in (0..=char::MAX.into()).step_by(STEP).filter_map(char::from_u32) {
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(check([bytes]), Ok(()), "{character:?}");
            for at in 1..bytes.len() {
                let (head, tail) = bytes.split_at(at);
                assert_eq!(check([head, tail]), Ok(()), "{character:?} cut at {at}");
                assert_eq!(check([head]), Err(Error::InvalidUtf8), "{character:?} cut at {at}");
            }
        }
    }

    #[test]
    fn every_pair_of_bytes_is_judged_as_the_standard_library_does() {
        for pair in (0..=u16::MAX).step_by(STEP) {
            let bytes = pair.to_be_bytes();
            let expected = core::str::from_utf8(&bytes).is_ok();
            assert_eq!(check([&bytes[..]]).is_ok(), expected, "{bytes:x?}");
            assert_eq!(check([&bytes[..1], &bytes[1..]]).is_ok(), expected, "{bytes:x?}");
        }
    }

    #[test]
    fn it_fails_at_the_first_byte_that_cannot_be_right() {
        for (bytes, after) in [
            (&b"\x80"[..], 1),
            (b"\xC0\xAF", 1),
            (b"\xC1", 1),
            (b"\xE0\x80\x80", 2),
            (b"\xED\xA0\x80", 2),
            (b"\xF0\x80\x80\x80", 2),
            (b"\xF4\x90\x80\x80", 2),
            (b"\xF5", 1),
            (b"\xFF", 1),
            (b"\xE2\x82A", 3),
            (b"\xF0\x9F\x98A", 4),
        ] {
            assert_eq!(fails_after(bytes), Some(after), "{bytes:x?}");
            let mut text = Utf8::new();
            assert!(text.push(&bytes[..after]).is_err(), "{bytes:x?}");
            let mut text = Utf8::new();
            assert!(text.push(&bytes[..after - 1]).is_ok(), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_cutting_gives_the_verdict_of_the_whole(
            pieces in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..3),
                    "\\PC{0,4}".prop_map(String::into_bytes),
                    "[a-z]{0,70}".prop_map(String::into_bytes),
                ],
                0..6,
            ),
            cut in 1..9_usize,
        ) {
            let whole: Vec<u8> = pieces.concat();
            let expected = core::str::from_utf8(&whole).is_ok();
            prop_assert_eq!(check([&whole[..]]).is_ok(), expected);
            prop_assert_eq!(check(pieces.iter().map(Vec::as_slice)).is_ok(), expected);
            prop_assert_eq!(check(whole.chunks(cut)).is_ok(), expected);
        }
    }
}
