//! The events inside a stream of bytes. What the lines say is the decoder's business.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use tidewire_sse::{Decoder, EventId, Limits, OnExcess, OwnedEvent, OwnedItem};

use crate::Error;

pin_project! {
    /// Reads events from a stream of bytes, in whatever pieces these come.
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
    /// use tidewire_futures::{Error, EventStream, StreamState};
    ///
    /// # futures_executor::block_on(async {
    /// let pieces = ["data: one\n\nda", "ta: tw"].map(Ok::<_, std::io::Error>);
    /// let mut events = EventStream::new(stream::iter(pieces));
    /// while let Some(Ok(event)) = events.next().await {
    ///     assert_eq!(event.data().as_bytes(), b"one");
    /// }
    /// assert_eq!(events.state(), StreamState::Ended { open_block: true });
    /// # });
    /// ```
    ///
    /// # Promises
    ///
    /// - Events come in order, and those before an error come before it. Behind the end or an error
    ///   there is only `None`.
    /// - Data that is one line in one piece is not copied: it shares the piece.
    /// - Memory is bounded by [`Limits`], whatever the peer sends.
    /// - One poll gives one event at most, and takes few pieces if there is none in them: a peer that
    ///   sends comments without pause does not starve the other tasks.
    ///
    /// # Left to the caller
    ///
    /// The response's status and content type. Time. To tell whether a stream that ended had said all:
    /// there is no end mark, so a protocol on top needs its own, such as `[DONE]`; only a cut *within*
    /// an event can be [seen](Self::state) here. To copy what is kept for long: an event keeps the
    /// whole piece that its data lies in, which `Bytes::copy_from_slice(event.data().as_bytes())`
    /// does not.
    #[derive(Debug)]
    #[must_use = "a stream does nothing unless it is polled"]
    pub struct EventStream<S> {
        #[pin]
        bytes: S,
        decoder: Decoder,
        piece: Bytes,
        skipped: u64,
        fails_if_cut: bool,
        state: StreamState,
    }
}

/// Where an [`EventStream`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamState {
    /// More may come.
    Open,
    /// The bytes have ended, and all events were given.
    Ended {
        /// Whether an event was cut off, and dropped.
        open_block: bool,
    },
    /// The error was given.
    Failed,
}

impl<S> EventStream<S> {
    /// The events in these bytes. The limits are the default ones, but an event that passes one ends
    /// the stream with an error rather than being left out.
    pub fn new(bytes: S) -> Self {
        let mut limits = Limits::default();
        limits.on_excess = OnExcess::Fail;
        Self::with_limits(bytes, limits)
    }

    /// As [`new`](Self::new), with these limits. What [`OnExcess::Skip`] leaves out is
    /// [counted](Self::skipped).
    pub fn with_limits(bytes: S, limits: Limits) -> Self {
        Self {
            bytes,
            decoder: Decoder::new(limits),
            piece: Bytes::new(),
            skipped: 0,
            fails_if_cut: false,
            state: StreamState::Open,
        }
    }

    /// Takes up the last event ID of an earlier stream, which the request sent as `Last-Event-ID`:
    /// events keep it until they bring another.
    pub fn resume_after(mut self, id: &EventId) -> Self {
        self.decoder.seed_last_event_id(id);
        self
    }

    /// Makes bytes that end within an event an [error](Error::Cut) rather than an end.
    pub fn fail_if_cut(mut self) -> Self {
        self.fails_if_cut = true;
        self
    }

    /// Where the stream is.
    #[must_use]
    pub fn state(&self) -> StreamState {
        self.state
    }

    /// The last event ID, to resume behind it; empty if there was none.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.decoder.last_event_id()
    }

    /// The last reconnection time that the peer set, however long or short.
    #[must_use]
    pub fn reconnection_time(&self) -> Option<Duration> {
        self.decoder.reconnection_time()
    }

    /// How many events passed a limit and were left out, for [`OnExcess::Skip`].
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

impl<S, B, E> EventStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
{
    fn poll_event(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<OwnedEvent>, Error<E>>> {
        let mut this = self.project();
        for _ in 0..MAX_PIECES_PER_POLL {
            while let Some(item) = this.decoder.decode_bytes(this.piece)? {
                match item {
                    OwnedItem::Event(event) => return Poll::Ready(Ok(Some(event))),
                    OwnedItem::Skipped(_) => *this.skipped += 1,
                    _ => {}
                }
            }
            match ready!(this.bytes.as_mut().poll_next(cx)) {
                Some(Ok(piece)) => *this.piece = piece.into(),
                Some(Err(error)) => return Poll::Ready(Err(Error::Transport(error))),
                None => {
                    let open_block = this.decoder.end();
                    if open_block && *this.fails_if_cut {
                        return Poll::Ready(Err(Error::Cut));
                    }
                    *this.state = StreamState::Ended { open_block };
                    return Poll::Ready(Ok(None));
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S, B, E> Stream for EventStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
{
    type Item = Result<OwnedEvent, Error<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_terminated() {
            return Poll::Ready(None);
        }
        let outcome = ready!(self.as_mut().poll_event(cx));
        if outcome.is_err() {
            *self.project().state = StreamState::Failed;
        }
        Poll::Ready(outcome.transpose())
    }
}

impl<S, B, E> FusedStream for EventStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
{
    fn is_terminated(&self) -> bool {
        self.state != StreamState::Open
    }
}

/// So many pieces without an event in them are taken in one poll.
const MAX_PIECES_PER_POLL: usize = 32;
