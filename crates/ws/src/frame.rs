//! The header of a frame. Payloads, limits and what a message is live elsewhere.

use crate::{Error, Opcode};

/// What stands before a frame's payload. RFC 6455 §5.2.
///
/// A header that was decoded keeps every rule that needs no limit: no reserved bit is set without a
/// meaning, the opcode is known and may come now, a control frame is whole and short, the frame is
/// masked if it should be, and its length is written in the fewest bytes.
///
/// ```
/// use tidewire_ws::{Opcode, frame::{Expect, FrameHeader}};
///
/// let header =
///     FrameHeader { fin: true, compressed: false, opcode: Opcode::Text, mask: None, len: 5 };
/// let mut buffer = [0; FrameHeader::MAX_LEN];
/// let bytes = header.encode(&mut buffer);
/// assert_eq!(bytes, b"\x81\x05");
///
/// let expect = Expect::default();
/// assert_eq!(FrameHeader::decode(bytes, expect)?, Some((header, 2)));
/// assert_eq!(FrameHeader::decode(&bytes[..1], expect)?, None);
/// # Ok::<(), tidewire_ws::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Whether the frame ends its message.
    pub fin: bool,
    /// Whether it begins a compressed message: RSV1. RFC 7692 §6.
    pub compressed: bool,
    /// What the frame carries.
    pub opcode: Opcode,
    /// The key that the payload is masked with.
    pub mask: Option<[u8; 4]>,
    /// The length of the payload in bytes; below 2⁶³.
    pub len: u64,
}

/// What a receiver knows about a frame before it comes. Default: a client's first frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    /// Whether it must be masked, because a server reads it, or must not be. RFC 6455 §5.1.
    pub masked: bool,
    /// Whether a fragmented message is under way, so that only a continuation or a control frame
    /// may come. RFC 6455 §5.4.
    pub inside_message: bool,
    /// Whether permessage-deflate was negotiated, so that RSV1 may be set where a message begins.
    /// RFC 7692 §6.
    pub deflate: bool,
    /// Whether to take a length that is written in more bytes than it needs.
    pub long_lengths: bool,
}

impl FrameHeader {
    /// The length in bytes of the longest header.
    pub const MAX_LEN: usize = 14;

    /// The longest payload of a control frame, in bytes. RFC 6455 §5.5.
    pub const MAX_CONTROL_LEN: usize = 125;

    /// Decodes the header at the front of `bytes`; also returns its own length. `None` asks for
    /// more bytes.
    ///
    /// # Errors
    ///
    /// The bytes break the rules above. The earliest byte that does decides which error it is, so
    /// it is the same however the bytes are cut.
    pub fn decode(bytes: &[u8], expect: Expect) -> Result<Option<(Self, usize)>, Error> {
        let Some(head) = Head::decode(bytes, expect)? else { return Ok(None) };
        let Head { fin, compressed, opcode, key, len, size } = head;
        let header = Self { fin, compressed, opcode, mask: expect.masked.then_some(key), len };
        Ok(Some((header, size)))
    }

    /// Writes the header into `buffer` and returns the part that it fills.
    #[inline]
    pub fn encode<'b>(&self, buffer: &'b mut [u8; Self::MAX_LEN]) -> &'b [u8] {
        let ([low, high], size) = self.to_words();
        buffer[..8].copy_from_slice(&low);
        buffer[8..].copy_from_slice(&high[..Self::MAX_LEN - 8]);
        &buffer[..size]
    }

    /// The header in two words, and its length; what lies behind is zero.
    ///
    /// It is put together in registers: what is stored in small pieces and read in a larger one
    /// stalls the processor.
    #[inline]
    pub(crate) fn to_words(self) -> ([[u8; 8]; 2], usize) {
        let fin = if self.fin { FIN } else { 0 };
        let compressed = if self.compressed { RSV1 } else { 0 };
        let first = u128::from(fin | compressed | self.opcode as u8);
        let (short, long, size) = match self.len {
            0..126 => (self.len as u8, 0, 2),
            126..0x1_0000 => (LEN_16, u64::from((self.len as u16).swap_bytes()), 4),
            _ => (LEN_64, self.len.swap_bytes(), 10),
        };
        let head = first | u128::from(short) << 8 | u128::from(long) << 16;
        let (head, size) = match self.mask {
            None => (head, size),
            Some(key) => {
                let key = u128::from(u32::from_le_bytes(key)) << (8 * size);
                (head | u128::from(MASKED) << 8 | key, size + 4)
            }
        };
        ([(head as u64).to_le_bytes(), ((head >> 64) as u64).to_le_bytes()], size)
    }

    /// The length in bytes of a header without a mask, for a payload of `len` bytes.
    #[inline]
    pub(crate) const fn len_without_key(len: u64) -> usize {
        match len {
            0..126 => 2,
            126..0x1_0000 => 4,
            _ => 10,
        }
    }
}

/// A header as the receiver likes it: the key is all zeros where there is no mask.
///
/// A key that may be absent is five bytes, and to move those takes longer than all the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) fin: bool,
    pub(crate) compressed: bool,
    pub(crate) opcode: Opcode,
    pub(crate) key: [u8; 4],
    pub(crate) len: u64,
    /// The length of the header itself.
    pub(crate) size: usize,
}

impl Head {
    #[inline]
    pub(crate) fn decode(bytes: &[u8], expect: Expect) -> Result<Option<Self>, Error> {
        let [first, rest @ ..] = bytes else { return Ok(None) };
        let (fin, compressed, opcode) = decode_first(*first, expect)?;
        let [second, rest @ ..] = rest else { return Ok(None) };
        let short = decode_second(*second, opcode, expect)?;
        let (len, rest) = match short {
            LEN_16 => {
                let Some((len, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (checked(u16::from_be_bytes(*len).into(), u64::from(LEN_16), expect)?, rest)
            }
            LEN_64 => {
                let Some((len, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (checked(u64::from_be_bytes(*len), 1 << 16, expect)?, rest)
            }
            short => (u64::from(short), rest),
        };
        let (key, rest) = if expect.masked {
            let Some((key, rest)) = rest.split_first_chunk() else { return Ok(None) };
            (*key, rest)
        } else {
            ([0; 4], rest)
        };
        let size = bytes.len() - rest.len();
        Ok(Some(Self { fin, compressed, opcode, key, len, size }))
    }
}

/// FIN, the reserved bits and the opcode.
#[inline]
fn decode_first(first: u8, expect: Expect) -> Result<(bool, bool, Opcode), Error> {
    let fin = first & FIN != 0;
    let compressed = first & RSV1 != 0;
    let may_begin = matches!(first & OPCODE, 0x1 | 0x2);
    let allowed = if expect.deflate && may_begin { RSV1 } else { 0 };
    if first & RESERVED & !allowed != 0 {
        return Err(Error::ReservedBits { bits: (first & RESERVED) >> 4 });
    }
    let Some(opcode) = Opcode::from_bits(first) else {
        return Err(Error::UnknownOpcode { opcode: first & 0x0F });
    };
    match opcode {
        Opcode::Close | Opcode::Ping | Opcode::Pong if !fin => {
            Err(Error::FragmentedControl { opcode })
        }
        Opcode::Continuation if !expect.inside_message => Err(Error::NothingToContinue),
        Opcode::Text | Opcode::Binary if expect.inside_message => {
            Err(Error::UnfinishedMessage { opcode })
        }
        _ => Ok((fin, compressed, opcode)),
    }
}

/// The mask bit and the seven bits of length.
#[inline]
fn decode_second(second: u8, opcode: Opcode, expect: Expect) -> Result<u8, Error> {
    let short = second & !MASKED;
    match (second & MASKED != 0, expect.masked) {
        (false, true) => Err(Error::Unmasked),
        (true, false) => Err(Error::Masked),
        _ if opcode.is_control() && usize::from(short) > FrameHeader::MAX_CONTROL_LEN => {
            Err(Error::LongControl { opcode })
        }
        _ => Ok(short),
    }
}

/// A length that is written in more than seven bits must need them and leave the top bit clear.
#[inline]
const fn checked(len: u64, least: u64, expect: Expect) -> Result<u64, Error> {
    if len < least && !expect.long_lengths {
        Err(Error::LengthNotMinimal { len })
    } else if len > i64::MAX as u64 {
        Err(Error::LengthOutOfRange { len })
    } else {
        Ok(len)
    }
}

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const RSV1: u8 = 0x40;
const OPCODE: u8 = 0x0F;
const MASKED: u8 = 0x80;
const LEN_16: u8 = 126;
const LEN_64: u8 = 127;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TO_CLIENT: Expect =
        Expect { masked: false, inside_message: false, deflate: false, long_lengths: false };

    #[test]
    fn the_length_takes_the_fewest_bytes_at_every_edge() {
        for (len, size) in [
            (0, 2),
            (125, 2),
            (126, 4),
            (0xFFFF, 4),
            (0x1_0000, 10),
            ((1 << 53) + 1, 10),
            ((1 << 63) - 1, 10),
        ] {
            let header = FrameHeader {
                fin: true,
                compressed: false,
                opcode: Opcode::Binary,
                mask: None,
                len,
            };
            let mut buffer = [0; FrameHeader::MAX_LEN];
            let bytes = header.encode(&mut buffer);
            assert_eq!(bytes.len(), size, "{len}");
            assert_eq!(FrameHeader::decode(bytes, TO_CLIENT), Ok(Some((header, size))));
        }
    }

    #[test]
    fn a_length_in_more_bytes_than_it_needs_is_refused() {
        for (bytes, len) in [
            (&b"\x82\x7e\x00\x7d"[..], 125),
            (b"\x82\x7f\0\0\0\0\0\0\x00\x7d", 125),
            (b"\x82\x7f\0\0\0\0\0\0\xff\xff", 65_535),
        ] {
            let error = FrameHeader::decode(bytes, TO_CLIENT);
            assert_eq!(error, Err(Error::LengthNotMinimal { len }), "{bytes:x?}");
        }
    }

    #[test]
    fn a_length_with_the_top_bit_is_refused() {
        let error = FrameHeader::decode(b"\x82\x7f\x80\0\0\0\0\0\0\0", TO_CLIENT);
        assert_eq!(error, Err(Error::LengthOutOfRange { len: 1 << 63 }));
    }

    proptest! {
        #[test]
        fn a_header_that_was_written_is_read_and_no_prefix_of_it_is(
            fin: bool,
            compressed: bool,
            opcode in prop::sample::select(&[
                Opcode::Continuation, Opcode::Text, Opcode::Binary,
                Opcode::Close, Opcode::Ping, Opcode::Pong,
            ][..]),
            mask: Option<[u8; 4]>,
            len in prop_oneof![0..300_u64, 0..70_000_u64, 0..(1_u64 << 63)],
        ) {
            let control = opcode.is_control();
            let len = if control { len % 126 } else { len };
            let compressed = matches!(opcode, Opcode::Text | Opcode::Binary) && compressed;
            let header = FrameHeader { fin: fin || control, compressed, opcode, mask, len };
            let inside_message = opcode == Opcode::Continuation;
            let masked = mask.is_some();
            let expect = Expect { masked, inside_message, deflate: true, long_lengths: false };
            let mut buffer = [0; FrameHeader::MAX_LEN];
            let bytes = header.encode(&mut buffer);
            for cut in 0..bytes.len() {
                prop_assert_eq!(FrameHeader::decode(&bytes[..cut], expect), Ok(None));
            }
            prop_assert_eq!(FrameHeader::decode(bytes, expect), Ok(Some((header, bytes.len()))));
        }

        #[test]
        fn an_error_does_not_depend_on_the_cut(
            bytes in prop::collection::vec(any::<u8>(), 0..20),
            [masked, inside_message, deflate, long_lengths]: [bool; 4],
        ) {
            let expect = Expect { masked, inside_message, deflate, long_lengths };
            let whole = FrameHeader::decode(&bytes, expect);
            let first = (0..=bytes.len())
                .map(|cut| FrameHeader::decode(&bytes[..cut], expect))
                .find(|outcome| *outcome != Ok(None));
            prop_assert_eq!(first.unwrap_or(Ok(None)), whole);
        }
    }
}
