//! Finds where a head or trailer section ends, while its bytes arrive. What stands in it is read
//! once it is whole.

use bytes::BytesMut;
use tidewire_core::Inbox;

use crate::Error;
use crate::limits::Limits;
use crate::syntax::is_text;

/// How far an unfinished section was searched. No byte is looked at twice, bar a CR that waits for
/// its LF.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan {
    line_start: usize,
    searched: usize,
    /// How many field lines were finished; `None` while the start line is not.
    fields: Option<usize>,
}

impl Scan {
    /// A head, which opens with a start line.
    pub(crate) const fn head() -> Self {
        Self { line_start: 0, searched: 0, fields: None }
    }

    /// A trailer section, which has field lines only.
    pub(crate) const fn trailers() -> Self {
        Self { line_start: 0, searched: 0, fields: Some(0) }
    }

    /// Whether any byte was searched.
    pub(crate) const fn has_begun(&self) -> bool {
        self.searched > 0
    }

    /// Takes the section out of the inbox once it is all there. Until then, the inbox is told to
    /// take as much as the section may need.
    pub(crate) fn take(
        &mut self,
        inbox: &mut Inbox,
        limits: &Limits,
    ) -> Result<Option<BytesMut>, Error> {
        let end = self.find_end(inbox.as_slice(), limits)?;
        if end.is_none() {
            inbox.demand(limits.section_bytes.saturating_add(1));
        }
        Ok(end.map(|end| inbox.take(end)))
    }

    /// The length of the section that `bytes` begins with, its last empty line included; `None`
    /// while it is not all there.
    ///
    /// Whatever is wrong is told at its first byte, so the answer does not depend on how the bytes
    /// were cut.
    pub(crate) fn find_end(
        &mut self,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Option<usize>, Error> {
        loop {
            let Some(found) = memchr::memchr2(b'\r', b'\n', &bytes[self.searched..]) else {
                self.check(bytes, bytes.len(), bytes.len(), limits)?;
                self.searched = bytes.len();
                return Ok(None);
            };
            let at = self.searched + found;
            let end = at + CRLF.len();
            self.check(bytes, at, end, limits)?;
            match bytes.get(at..end) {
                Some(CRLF) => {}
                None if bytes[at] == b'\r' => {
                    self.searched = at;
                    return Ok(None);
                }
                Some(_) | None => return Err(Error::BadLineEnd),
            }
            if at == self.line_start {
                return Ok(Some(end));
            }
            self.fields = Some(self.fields.map_or(0, |fields| fields + 1));
            if self.fields > Some(limits.fields) {
                return Err(Error::TooManyFields { limit: limits.fields });
            }
            (self.line_start, self.searched) = (end, end);
        }
    }

    /// Checks a line that reaches up to `at`, in a section that reaches at least up to `end`.
    ///
    /// Where the section may be no longer than the line, passing both at once is passing the
    /// section's limit.
    fn check(&self, bytes: &[u8], at: usize, end: usize, limits: &Limits) -> Result<(), Error> {
        let section_bytes = limits.section_bytes;
        let line_bytes = match self.fields {
            None if limits.line_bytes <= section_bytes => limits.line_bytes,
            None | Some(_) => usize::MAX,
        };
        let allowed = at.min(line_bytes).min(section_bytes);
        if has_control(&bytes[self.searched.min(allowed)..allowed]) {
            Err(Error::BadCharacter)
        } else if at > line_bytes {
            Err(Error::LineTooLong { limit_bytes: line_bytes })
        } else if end > section_bytes {
            Err(Error::HeadTooLarge { limit_bytes: section_bytes })
        } else {
            Ok(())
        }
    }
}

/// Whether a control other than HTAB is there. Branch-free, so that many bytes are checked at once.
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, &byte| found | !is_text(byte))
}

/// Reads each folded line as part of the line before it, from `start` on, where the first field
/// line begins: a client must. A fold and all blanks around it become SP. RFC 9112 §5.2.
pub(crate) fn unfold(head: &mut [u8], start: usize) {
    let mut at = start;
    while at < head.len() {
        let (blanks, mut is_folded) = (at, false);
        loop {
            at += match &head[at..] {
                [b'\r', b'\n', b' ' | b'\t', ..] => {
                    is_folded = true;
                    CRLF.len()
                }
                [b' ' | b'\t', ..] => 1,
                _ => break,
            };
        }
        if is_folded {
            head[blanks..at].fill(b' ');
        }
        at += 1;
    }
}

const CRLF: &[u8] = b"\r\n";

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::limits::Folds;

    const LIMITS: Limits = Limits {
        line_bytes: 10,
        section_bytes: 30,
        fields: 2,
        body_bytes: 0,
        chunk_extension_bytes: 0,
        folds: Folds::Refuse,
    };

    /// The outcome, which must be the same for the whole input and byte by byte.
    fn scan(start: Scan, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let (mut whole, mut cut) = (start, start);
        let expected = whole.find_end(bytes, &LIMITS);
        let steps = (0..=bytes.len()).map(|len| cut.find_end(&bytes[..len], &LIMITS));
        let decided: Vec<_> = steps.take_while(|step| *step == Ok(None)).collect();
        if decided.len() <= bytes.len() {
            let mut cut = start;
            let step = (0..=decided.len()).map(|len| cut.find_end(&bytes[..len], &LIMITS)).last();
            assert_eq!(step, Some(expected), "{}", bytes.escape_ascii());
        } else {
            assert_eq!(expected, Ok(None));
        }
        expected
    }

    #[test]
    fn a_section_ends_with_its_empty_line() {
        assert_eq!(scan(Scan::head(), b"ab\r\nc\r\n\r\nrest"), Ok(Some(9)));
        assert_eq!(scan(Scan::head(), b"ab\r\nc\r\n\r"), Ok(None));
        assert_eq!(scan(Scan::trailers(), b"\r\nrest"), Ok(Some(2)));
        assert_eq!(scan(Scan::trailers(), b"a\r\n\r\n"), Ok(Some(5)));
        assert_eq!(scan(Scan::head(), b""), Ok(None));
    }

    #[test]
    fn a_lone_cr_or_lf_is_told_at_once() {
        for bad in [&b"\n"[..], b"a\n", b"a\rb", b"a\r\r\n", b"a\r\n\rX", b"a\r\nb\n", b"\r\r"] {
            assert_eq!(scan(Scan::head(), bad), Err(Error::BadLineEnd), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn a_control_is_told_before_its_line_ends() {
        for bad in [&b"\x16\x03\x01"[..], b"a\0\r\n", b"a\r\nb\x7f", b"a\r\nb\x1b[\n"] {
            assert_eq!(scan(Scan::head(), bad), Err(Error::BadCharacter), "{}", bad.escape_ascii());
        }
        assert_eq!(scan(Scan::head(), b"a\t\xff \r\n\r\n"), Ok(Some(8)));
        let long = Err(Error::LineTooLong { limit_bytes: 10 });
        assert_eq!(scan(Scan::head(), b"0123456789\0"), long);
        assert_eq!(scan(Scan::head(), b"012345678\0a\r\n"), Err(Error::BadCharacter));
    }

    #[test]
    fn each_limit_is_met_at_its_bound_and_passed_by_one() {
        let long = Err(Error::LineTooLong { limit_bytes: 10 });
        let large = Err(Error::HeadTooLarge { limit_bytes: 30 });
        assert_eq!(scan(Scan::head(), b"0123456789\r\n\r\n"), Ok(Some(14)));
        assert_eq!(scan(Scan::head(), b"0123456789a\r\n\r\n"), long);
        assert_eq!(scan(Scan::head(), b"0123456789abcdefghijklmnopqrstuvwxyz"), long);
        assert_eq!(scan(Scan::head(), b"a\r\n01234567890123456789012\r\n\r\n"), Ok(Some(30)));
        assert_eq!(scan(Scan::head(), b"a\r\n012345678901234567890123\r\n\r\n"), large);
        assert_eq!(scan(Scan::trailers(), b"01234567890123456789012345678901"), large);
        assert_eq!(scan(Scan::head(), b"a\r\nb\r\nc\r\n\r\n"), Ok(Some(11)));
        let many = Err(Error::TooManyFields { limit: 2 });
        assert_eq!(scan(Scan::head(), b"a\r\nb\r\nc\r\nd\r\n\r\n"), many);
        assert_eq!(scan(Scan::trailers(), b"b\r\nc\r\nd\r\n\r\n"), many);
    }

    #[test]
    fn folds_become_blanks_but_not_before_the_first_field() {
        let mut head = *b"a\r\n b: 1\r\n 2\r\n\t3\r\nc: 4\r\n\r\n";
        unfold(&mut head, 3);
        assert_eq!(&head, b"a\r\n b: 1   2   3\r\nc: 4\r\n\r\n");
    }

    #[test]
    fn a_fold_becomes_spaces_with_all_blanks_around_it() {
        let mut head = *b"a:\t1\t \r\n\t\t\r\n \t2\t3\r\n\t\r\n\r\n";
        unfold(&mut head, 0);
        assert_eq!(&head, b"a:\t1          2\t3   \r\n\r\n");
    }
}
