//! The transport: a tape to read from and a sink to write to, in memory and always ready.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a contestant reads from and writes to.
///
/// A read gives as much as there is room for, at most 64 KiB, and stops at the end of the tape,
/// behind which the tape begins anew. A write takes everything, looks at nothing and copies nothing.
pub(crate) struct Wire {
    tape: Rc<[u8]>,
    at: usize,
    calls: Rc<Calls>,
}

/// What was asked of a wire.
#[derive(Default)]
pub(crate) struct Calls {
    pub(crate) reads: Cell<u64>,
    pub(crate) writes: Cell<u64>,
    pub(crate) written: Cell<usize>,
    /// What was written, while somebody wants to see it.
    pub(crate) seen: RefCell<Option<Vec<u8>>>,
}

impl Wire {
    /// The most that one read gives.
    pub(crate) const READ: usize = 64 << 10;

    pub(crate) fn new(tape: Rc<[u8]>, calls: Rc<Calls>) -> Self {
        Self { tape, at: 0, calls }
    }

    /// Reads once into `room`, for those who feed themselves.
    #[inline]
    pub(crate) fn fill(&mut self, room: &mut impl BufMut) {
        room.put_slice(self.piece(room.remaining_mut()));
    }

    /// What the next read of at most `max` bytes gives.
    #[inline]
    fn piece(&mut self, max: usize) -> &[u8] {
        let left = self.tape.len() - self.at;
        let start = self.at;
        let end = start + left.min(max).min(Self::READ);
        self.at = if end == self.tape.len() { 0 } else { end };
        self.calls.reads.set(self.calls.reads.get() + 1);
        &self.tape[start..end]
    }

    #[inline]
    fn swallow(&self, slices: &[IoSlice<'_>]) -> usize {
        let calls = &self.calls;
        let len = slices.iter().map(|slice| black_box(&slice[..]).len()).sum();
        calls.writes.set(calls.writes.get() + 1);
        calls.written.set(calls.written.get() + len);
        if let Some(seen) = &mut *calls.seen.borrow_mut() {
            slices.iter().for_each(|slice| seen.extend_from_slice(slice));
        }
        len
    }
}

impl Read for Wire {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let bytes = self.piece(room.len());
        room[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.swallow(&[IoSlice::new(bytes)]))
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(self.swallow(slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        room.put_slice(self.piece(room.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.swallow(&[IoSlice::new(bytes)])))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.swallow(slices)))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
