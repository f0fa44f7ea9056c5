//! A socket that is cut at a chosen byte. Why and where it is cut is the test's business.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TCP stream that fails for good once so many bytes were read or written.
#[derive(Debug)]
pub(crate) struct Cut {
    socket: TcpStream,
    reads_left: usize,
    writes_left: usize,
}

/// With this kind of error a cut shows itself; the kernel has other ones.
pub(crate) const CUT: io::ErrorKind = io::ErrorKind::Other;

impl Cut {
    pub(crate) fn new(socket: TcpStream, reads_left: usize, writes_left: usize) -> Self {
        Self { socket, reads_left, writes_left }
    }
}

impl AsyncRead for Cut {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.reads_left == 0 {
            return Poll::Ready(Err(CUT.into()));
        }
        let mut bytes = [0; 4096];
        let most = self.reads_left.min(buf.remaining()).min(bytes.len());
        let mut piece = ReadBuf::new(&mut bytes[..most]);
        ready!(Pin::new(&mut self.socket).poll_read(cx, &mut piece))?;
        buf.put_slice(piece.filled());
        self.reads_left -= piece.filled().len();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Cut {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.writes_left == 0 {
            return Poll::Ready(Err(CUT.into()));
        }
        let most = self.writes_left.min(bytes.len());
        let written = ready!(Pin::new(&mut self.socket).poll_write(cx, &bytes[..most]))?;
        self.writes_left -= written;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
