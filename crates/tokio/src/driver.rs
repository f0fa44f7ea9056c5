//! The loop of the contract over a tokio byte stream. What the bytes mean is the machine's business.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Buf;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;
use tokio_util::io::{poll_read_buf, poll_write_buf};

use tidewire_core::{Inbox, Instant, Outbox, Protocol, earliest};

use crate::Clock;

/// A protocol machine, its buffers and the byte stream it speaks over.
///
/// Take events until there are none, then wait; a command may be given in between or while an event
/// is held. `Lines` is some machine whose events are lines; `examples/echo.rs` has a whole server:
///
/// ```
/// # use tidewire_core::{Inbox, Instant, Outbox, Payload, Protocol};
/// # struct Lines;
/// # impl Protocol for Lines {
/// #     type Event<'i> = Payload<'i>;
/// #     type Error = std::convert::Infallible;
/// #     fn next_event<'i>(&mut self, inbox: &'i mut Inbox, outbox: &mut Outbox, _: Instant)
/// #         -> Result<Option<Payload<'i>>, Self::Error> {
/// #         if inbox.is_ended() { outbox.end() }
/// #         let end = inbox.as_slice().iter().position(|&byte| byte == b'\n');
/// #         Ok(end.map(|index| inbox.lend(index + 1)))
/// #     }
/// #     fn deadline(&self) -> Option<Instant> { None }
/// # }
/// use tidewire_tokio::{Clock, Driver, Ready};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (near, mut far) = tokio::io::duplex(64);
/// let mut driver = Driver::new(near, Lines, Clock::start());
/// tokio::spawn(async move {
///     loop {
///         while let Ok(Some((line, peer))) = driver.next_event() {
///             peer.outbox.push(&line);
///         }
///         if driver.ready().await? == Ready::Over {
///             return std::io::Result::Ok(());
///         }
///     }
/// });
/// # use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// far.write_all(b"hello\n").await?;
/// far.shutdown().await?;
/// let mut echo = String::new();
/// far.read_to_string(&mut echo).await?;
/// assert_eq!(echo, "hello\n");
/// # Ok(())
/// # }
/// ```
///
/// While it waits with nothing unread and nothing to write, both buffers own no memory.
#[derive(Debug)]
pub struct Driver<S, P> {
    socket: S,
    machine: P,
    inbox: Inbox,
    outbox: Outbox,
    clock: Clock,
    alarm: Option<Pin<Box<Sleep>>>,
    writing: Writing,
}

/// What [`Driver::ready`] came back for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// Bytes arrived, the outbox was emptied or a deadline came: take events again.
    Again,
    /// Both sides have ended. Drop the driver.
    Over,
}

/// What a command needs: the machine, the outbox and the present.
#[derive(Debug)]
pub struct Peer<'d, P> {
    /// The machine.
    pub machine: &'d mut P,
    /// Where its commands push bytes.
    pub outbox: &'d mut Outbox,
    /// The present.
    pub now: Instant,
}

#[derive(Clone, Copy, Debug)]
enum Writing {
    /// Nothing waits to be written.
    Idle,
    /// Bytes wait; the stream took none since.
    Stalled { since: Instant },
    /// Our side is shut down; what the peer still sends is read and dropped.
    Shut { since: Instant },
}

/// One read takes at most this many bytes.
const READ_BYTES: usize = 16 * 1024;
/// A peer that takes none of our bytes for so long is given up.
const STALL: Duration = Duration::from_secs(30);
/// After our end the peer gets this long to read our last words and to end its side: closing a
/// socket with unread bytes in it would make the kernel discard them.
const LINGER: Duration = Duration::from_secs(2);

impl<S: AsyncRead + AsyncWrite + Unpin, P: Protocol> Driver<S, P> {
    /// Drives `machine` over `socket`, with the time of `clock`.
    pub fn new(socket: S, machine: P, clock: Clock) -> Self {
        Self {
            socket,
            machine,
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            clock,
            alarm: None,
            writing: Writing::Idle,
        }
    }

    /// Returns the next event and what is needed to answer it, or `None` until
    /// [`ready`](Self::ready) returns.
    ///
    /// # Errors
    ///
    /// The machine's. Go on with [`ready`](Self::ready) until it is over, so that the last words
    /// reach the peer.
    #[allow(clippy::type_complexity, reason = "the pair is what the caller destructures")]
    pub fn next_event(&mut self) -> Result<Option<(P::Event<'_>, Peer<'_, P>)>, P::Error> {
        let now = self.clock.now();
        let event = self.machine.next_event(&mut self.inbox, &mut self.outbox, now)?;
        let peer = Peer { machine: &mut self.machine, outbox: &mut self.outbox, now };
        Ok(event.map(|event| (event, peer)))
    }

    /// What is needed to give a command without an event.
    pub fn peer(&mut self) -> Peer<'_, P> {
        let now = self.clock.now();
        Peer { machine: &mut self.machine, outbox: &mut self.outbox, now }
    }

    /// The machine, for what comes after this connection.
    pub fn into_machine(self) -> P {
        self.machine
    }

    /// The stream, the machine and both buffers, for another machine that takes over: what is unread
    /// belongs to it. `tidewire::server::Connection` does this by itself when HTTP becomes a WebSocket.
    pub fn into_parts(self) -> (S, P, Inbox, Outbox) {
        (self.socket, self.machine, self.inbox, self.outbox)
    }

    /// Writes what is in the outbox and waits until there is reason to take events again.
    ///
    /// Cancel-safe: nothing is lost if the future is dropped, so it fits into `select!`.
    ///
    /// # Errors
    ///
    /// The stream's; `TimedOut` if the peer took none of our bytes for 30 s. The connection is gone.
    pub async fn ready(&mut self) -> io::Result<Ready> {
        poll_fn(|cx| self.poll_ready(cx)).await
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        let now = self.clock.now();
        let wrote = self.poll_write(cx, now)?;
        let read = self.poll_read(cx)?;
        if let Writing::Shut { since } = self.writing
            && (self.inbox.is_ended() || now >= since + LINGER)
        {
            return Poll::Ready(Ok(Ready::Over));
        }
        let due = self.machine.deadline().is_some_and(|deadline| deadline <= now);
        if wrote || read || due {
            return Poll::Ready(Ok(Ready::Again));
        }
        self.inbox.release();
        self.outbox.release();
        self.poll_alarm(cx)
    }

    /// Writes what the stream takes. Tells whether the outbox became empty or our side was shut.
    fn poll_write(&mut self, cx: &mut Context<'_>, now: Instant) -> io::Result<bool> {
        if let Writing::Shut { .. } = self.writing {
            return Ok(false);
        }
        let waited = self.outbox.has_remaining();
        while self.outbox.has_remaining() {
            match poll_write_buf(Pin::new(&mut self.socket), cx, &mut self.outbox)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(_) => self.writing = Writing::Idle,
                Poll::Pending => return self.stalled(now),
            }
        }
        if Pin::new(&mut self.socket).poll_flush(cx)?.is_pending() {
            return self.stalled(now);
        }
        if !self.outbox.is_ended() {
            self.writing = Writing::Idle;
        } else if Pin::new(&mut self.socket).poll_shutdown(cx)?.is_pending() {
            return self.stalled(now);
        } else {
            self.writing = Writing::Shut { since: now };
        }
        Ok(waited)
    }

    fn stalled(&mut self, now: Instant) -> io::Result<bool> {
        match self.writing {
            Writing::Stalled { since } if now >= since + STALL => {
                Err(io::ErrorKind::TimedOut.into())
            }
            Writing::Stalled { .. } => Ok(false),
            Writing::Idle | Writing::Shut { .. } => {
                self.writing = Writing::Stalled { since: now };
                Ok(false)
            }
        }
    }

    /// Reads what the stream has and the inbox takes. Tells whether that was anything.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        if matches!(self.writing, Writing::Shut { .. }) {
            self.inbox.eat(self.inbox.len());
        }
        if self.inbox.is_ended() || self.inbox.room() == 0 {
            return Ok(false);
        }
        let mut spare = self.inbox.spare(READ_BYTES);
        let Poll::Ready(read) = poll_read_buf(Pin::new(&mut self.socket), cx, &mut spare) else {
            return Ok(false);
        };
        drop(spare);
        if read? == 0 {
            self.inbox.end();
        }
        Ok(true)
    }

    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        let limit = match self.writing {
            Writing::Idle => None,
            Writing::Stalled { since } => Some(since + STALL),
            Writing::Shut { since } => Some(since + LINGER),
        };
        let Some(deadline) = earliest([self.machine.deadline(), limit]) else {
            self.alarm = None;
            return Poll::Pending;
        };
        let at = self.clock.at(deadline);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if alarm.deadline() != at {
            alarm.as_mut().reset(at);
        }
        alarm.as_mut().poll(cx).map(|()| Ok(Ready::Again))
    }
}
