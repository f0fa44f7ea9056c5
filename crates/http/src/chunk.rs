//! The line that opens a chunk, read byte by byte. The chunk's data is [`crate::body`]'s business.

use crate::Error;
use crate::syntax::{is_tchar, is_text};

/// A partly read `chunk-size [ chunk-ext ] CRLF`. RFC 9112 §7.1.
///
/// ```text
/// Size ─┬───────────────────────── CR ──────────────────────────► Lf ── LF ──► done
///       └─ ; ─► NameStart ─► Name ── = ──► ValueStart ─► Token ────┤
///               ▲   (from any end of a part)   └─ " ─► Quoted ─► Unquoted
/// ```
///
/// Blanks around the signs, which a reader may tolerate, are refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkLine {
    size: u64,
    part: Part,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Size { digits: u8 },
    NameStart,
    Name,
    ValueStart,
    Token,
    Quoted,
    Escaped,
    Unquoted,
    Lf,
}

impl ChunkLine {
    pub(crate) const fn new() -> Self {
        Self { size: 0, part: Part::Size { digits: 0 } }
    }

    /// Reads on; returns how many bytes were taken, and the size of the chunk once the line is
    /// whole. Takes what an extension costs from `extension_bytes`.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        extension_bytes: &mut usize,
    ) -> (usize, Result<Option<u64>, Error>) {
        for (index, &byte) in bytes.iter().enumerate() {
            match self.push(byte, extension_bytes) {
                Ok(None) => {}
                Ok(size) => return (index + 1, Ok(size)),
                Err(error) => return (index, Err(error)),
            }
        }
        (bytes.len(), Ok(None))
    }

    fn push(&mut self, byte: u8, extension_bytes: &mut usize) -> Result<Option<u64>, Error> {
        self.part = match (self.part, byte) {
            (Part::Size { digits }, _) if byte.is_ascii_hexdigit() => {
                if digits == MAX_DIGITS {
                    return Err(Error::BadChunk);
                }
                self.size = self.size << 4 | u64::from(hex(byte));
                Part::Size { digits: digits + 1 }
            }
            (Part::Size { digits: 0 }, _) => return Err(Error::BadChunk),
            (Part::Size { .. } | Part::Name | Part::Token | Part::Unquoted, b'\r') => Part::Lf,
            (Part::Size { .. } | Part::Name | Part::Token | Part::Unquoted, b';') => {
                Part::NameStart
            }
            (Part::NameStart | Part::Name, _) if is_tchar(byte) => Part::Name,
            (Part::Name, b'=') => Part::ValueStart,
            (Part::ValueStart, b'"') => Part::Quoted,
            (Part::ValueStart | Part::Token, _) if is_tchar(byte) => Part::Token,
            (Part::Quoted, b'\\') => Part::Escaped,
            (Part::Quoted, b'"') => Part::Unquoted,
            (Part::Quoted | Part::Escaped, _) if is_text(byte) => Part::Quoted,
            (Part::Lf, b'\n') => return Ok(Some(self.size)),
            _ => return Err(Error::BadChunk),
        };
        if !matches!(self.part, Part::Size { .. } | Part::Lf) {
            *extension_bytes = extension_bytes.checked_sub(1).ok_or(Error::BadChunk)?;
        }
        Ok(None)
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        letter => (letter | 0x20) - b'a' + 10,
    }
}

/// As many hexadecimal digits as 64 bits have.
const MAX_DIGITS: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &[u8], mut extension_bytes: usize) -> Result<Option<u64>, Error> {
        let (taken, size) = ChunkLine::new().read(line, &mut extension_bytes);
        assert!(size.is_err() || taken == line.len());
        size
    }

    #[test]
    fn a_size_is_one_to_sixteen_hex_digits() {
        for (line, size) in [
            (&b"0\r\n"[..], 0),
            (b"aF\r\n", 0xaf),
            (b"0000000000000005\r\n", 5),
            (b"FFFFFFFFFFFFFFFF\r\n", u64::MAX),
        ] {
            assert_eq!(read(line, 0), Ok(Some(size)), "{}", line.escape_ascii());
        }
        for bad in [
            &b"\r"[..],
            b";",
            b"-5",
            b"+5",
            b" 5",
            b"5 ",
            b"5\t",
            b"0x",
            b"g",
            b"5\n",
            b"5\r\r",
            b"5\rX",
            b"00000000000000005",
            b"10000000000000000",
            b"_1",
            b"\0",
        ] {
            assert_eq!(read(bad, 9), Err(Error::BadChunk), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn an_extension_is_a_name_with_or_without_a_value() {
        for good in [
            &b"5;a\r\n"[..],
            b"5;a=b;c\r\n",
            b"5;a=\"b c\t;\xff\"\r\n",
            b"5;a=\"\";b\r\n",
            b"5;a=\"\\\"\\\\\"\r\n",
        ] {
            assert_eq!(read(good, 99), Ok(Some(5)), "{}", good.escape_ascii());
        }
        for bad in [
            &b"5;\r"[..],
            b"5;a=\r",
            b"5;;",
            b"5;=b",
            b"5;a==",
            b"5;a=b=",
            b"5; a",
            b"5;a =",
            b"5;a= b",
            b"5;a\n",
            b"5;a\0",
            b"5;a=\"\r",
            b"5;a=\"\n",
            b"5;a=\"\\\r",
            b"5;a=\"b\"c",
            b"5;a=\"\x7f",
            b"5;a\rb",
        ] {
            assert_eq!(read(bad, 99), Err(Error::BadChunk), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn extensions_cost_their_bytes() {
        assert_eq!(read(b"5;a=b\r\n", 4), Ok(Some(5)));
        assert_eq!(read(b"5;a=bc\r\n", 4), Err(Error::BadChunk));
    }
}
