//! A piece of a body that is framed before it is sent. Who gets which of its forms, the
//! [writer](crate::write) decides.

use alloc::format;

use bytes::{Buf, BufMut, Bytes};

/// A piece of a body, framed once as a chunk for all who will receive it.
///
/// Its two forms share one allocation: the piece alone, and the piece between the size and the line
/// end that make it a chunk (RFC 9112 §7.1). So a piece that goes to a thousand connections is framed
/// once, and leaves each of them in one run of bytes.
///
/// ```
/// use tidewire_http::Chunk;
///
/// let chunk = Chunk::new(&b"data: hello\n\n"[..]);
/// assert_eq!(chunk.as_body(), "data: hello\n\n");
/// assert_eq!(chunk.as_chunk(), "d\r\ndata: hello\n\n\r\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    body: Bytes,
    framed: Bytes,
}

impl Chunk {
    /// Frames `piece`, of which each byte is copied once. An empty one has no frame, since an empty
    /// chunk would be the last.
    #[must_use]
    pub fn new(piece: impl Buf) -> Self {
        let len = piece.remaining();
        if len == 0 {
            return Self::default();
        }
        let mut framed = format!("{len:x}\r\n").into_bytes();
        let start = framed.len();
        framed.reserve_exact(len + CRLF.len());
        framed.put(piece);
        framed.put(CRLF);
        let framed = Bytes::from(framed);
        Self { body: framed.slice(start..start + len), framed }
    }

    /// The piece alone, as a body without chunks carries it. A clone shares the bytes.
    #[must_use]
    pub fn as_body(&self) -> &Bytes {
        &self.body
    }

    /// The piece as a chunk. A clone shares the bytes.
    #[must_use]
    pub fn as_chunk(&self) -> &Bytes {
        &self.framed
    }
}

const CRLF: &[u8] = b"\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_its_piece_between_size_and_line_end() {
        for (len, size) in [(1, "1"), (15, "f"), (16, "10"), (255, "ff"), (65_536, "10000")] {
            let piece = alloc::vec![b'x'; len];
            let chunk = Chunk::new(&piece[..]);
            assert_eq!(chunk.as_body(), &piece);
            assert_eq!(*chunk.as_chunk(), [size.as_bytes(), CRLF, &piece, CRLF].concat());
        }
    }

    #[test]
    fn an_empty_piece_is_no_chunk() {
        assert!(
            Chunk::new(&b""[..]).as_chunk().is_empty() && Chunk::new(&b""[..]).as_body().is_empty()
        );
    }

    #[test]
    fn both_forms_lie_in_one_allocation() {
        let chunk = Chunk::new(&b"piece"[..]);
        let body = chunk.as_body().as_ptr_range();
        let framed = chunk.as_chunk().as_ptr_range();
        assert!(framed.start < body.start && body.end < framed.end);
    }
}
