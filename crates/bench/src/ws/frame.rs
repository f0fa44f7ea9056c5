//! A frame's header as the bench writes and reads it: for the tape, the check and the floor.

/// The header of a frame that is a message of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) opcode: u8,
    pub(crate) key: Option<[u8; 4]>,
    pub(crate) len: usize,
}

impl Header {
    pub(crate) const MAX_LEN: usize = 14;

    pub(crate) const fn opcode(is_text: bool) -> u8 {
        if is_text { 1 } else { 2 }
    }

    /// Writes the header to the front of `buffer` and returns what it wrote.
    #[inline(always)]
    pub(crate) fn encode<'b>(&self, buffer: &'b mut [u8; Self::MAX_LEN]) -> &'b [u8] {
        buffer[0] = 0x80 | self.opcode;
        let mut size = match self.len {
            len @ ..=125 => {
                buffer[1] = len as u8;
                2
            }
            len @ ..=0xFFFF => {
                buffer[1] = 126;
                buffer[2..4].copy_from_slice(&(len as u16).to_be_bytes());
                4
            }
            len => {
                buffer[1] = 127;
                buffer[2..10].copy_from_slice(&(len as u64).to_be_bytes());
                10
            }
        };
        if let Some(key) = self.key {
            buffer[1] |= 0x80;
            buffer[size..size + 4].copy_from_slice(&key);
            size += 4;
        }
        &buffer[..size]
    }

    /// Reads the header at the front of `bytes`, with its size, if all of it is there.
    #[inline(always)]
    pub(crate) fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let &[first, second, ref rest @ ..] = bytes else { return None };
        let (len, size) = match second & 0x7F {
            126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
            127 => (u64::from_be_bytes(*rest.first_chunk()?) as usize, 10),
            len => (usize::from(len), 2),
        };
        if second & 0x80 == 0 {
            return Some((Self { opcode: first & 0x0F, key: None, len }, size));
        }
        let key = *bytes.get(size..)?.first_chunk()?;
        Some((Self { opcode: first & 0x0F, key: Some(key), len }, size + 4))
    }
}
