//! How many bytes were looked at or copied: counted in tests, nothing elsewhere.

#[cfg(not(test))]
#[inline]
pub(crate) fn count(_bytes: usize) {}

#[cfg(test)]
pub(crate) use tests::count;

#[cfg(test)]
mod tests {
    extern crate std;

    use alloc::vec::Vec;
    use core::cell::Cell;
    use std::thread_local;

    use crate::{Decoder, Limits};

    thread_local! {
        static COUNT: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn count(bytes: usize) {
        COUNT.set(COUNT.get() + bytes);
    }

    /// How many visits reading a stream takes, for each of its bytes.
    fn visits(stream: &[u8], piece: usize) -> f64 {
        COUNT.set(0);
        let mut decoder = Decoder::new(Limits::default());
        for mut piece in stream.chunks(piece) {
            while decoder.decode(&mut piece).is_ok_and(|item| item.is_some()) {}
        }
        COUNT.get() as f64 / stream.len() as f64
    }

    #[test]
    fn each_byte_is_looked_at_once_and_copied_at_most_once_however_the_stream_is_cut() {
        let long = [b"data: ", &[b'x'; 200 * TIMES][..], b"\n\n"].concat();
        let lines = b"data: one more line of some text\n".repeat(6 * TIMES);
        let noise = b": a comment\nunknown: field\n\nretry: 10\n".repeat(TIMES);
        let streams: [Vec<u8>; 3] = [long, lines, noise];
        for stream in &streams {
            for piece in [1, 2, 3, 7, 100, 1460, stream.len()] {
                let visits = visits(stream, piece);
                assert!((1.0..=2.0).contains(&visits), "{visits} in pieces of {piece} bytes");
            }
        }
    }

    #[test]
    fn a_name_and_an_id_that_come_in_pieces_are_short_and_copied_once_more() {
        let event = b"event: 8901234567\nid: 567890123456\ndata: 789012345678901234567890\n\n";
        for piece in [1, 2, 3, 7] {
            let more = (10.0 + 12.0) / event.len() as f64;
            assert!(visits(&event.repeat(TIMES), piece) <= 2.0 + more);
        }
    }

    #[test]
    fn an_event_in_one_piece_is_not_copied() {
        let events = b"event: tick\ndata: {\"some\":\"text of a common length\"}\n\n".repeat(TIMES);
        assert!(visits(&events, events.len()) <= 1.0);
    }

    /// How often the streams repeat themselves.
    const TIMES: usize = if cfg!(miri) { 5 } else { 500 };
}
