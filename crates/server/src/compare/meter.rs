//! A socket that counts what crosses it. What the bytes mean is not looked at, except where a request
//! begins.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::ledger::Ledger;

/// Counts the bytes that are read and written, and the requests that are answered.
///
/// A client sends a request only when the last one is answered, so the first bytes behind a request
/// are its answer.
#[derive(Debug)]
pub(super) struct Meter<S> {
    socket: S,
    ledger: Arc<Ledger>,
    is_asking: bool,
}

impl<S> Meter<S> {
    pub(super) fn new(socket: S, ledger: Arc<Ledger>) -> Self {
        Self { socket, ledger, is_asking: false }
    }

    fn wrote(&mut self, first: &[u8], len: usize) {
        self.is_asking |= len > 0 && first.starts_with(b"GET ");
        self.ledger.lock().wire_bytes += len as u64;
    }

    fn read(&mut self, len: usize) {
        let mut tally = self.ledger.lock();
        tally.wire_bytes += len as u64;
        if len > 0 && std::mem::take(&mut self.is_asking) {
            tally.requests += 1;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Meter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buf))?;
        self.read(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Meter<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let len = ready!(Pin::new(&mut self.socket).poll_write(cx, buf))?;
        self.wrote(buf, len);
        Poll::Ready(Ok(len))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let len = ready!(Pin::new(&mut self.socket).poll_write_vectored(cx, bufs))?;
        self.wrote(bufs.first().map_or(&[], |first| &**first), len);
        Poll::Ready(Ok(len))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn bytes_and_answered_requests_are_counted() {
        let ledger = Arc::new(Ledger::default());
        let (near, mut far) = tokio::io::duplex(64);
        let mut meter = Meter::new(near, Arc::clone(&ledger));
        let mut read = [0; 2];
        for (request, answers) in [("GET /a", 1), ("GET /b", 2), ("no request", 1)] {
            meter.write_all(request.as_bytes()).await.unwrap();
            for _ in 0..answers {
                far.write_all(b"ok").await.unwrap();
                meter.read_exact(&mut read).await.unwrap();
            }
        }
        let tally = ledger.take();
        assert_eq!((tally.wire_bytes, tally.requests), (6 + 6 + 10 + 4 * 2, 2));
    }
}
