//! The events inside a stream of bytes. What the lines say is the decoder's business.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;
use tidewire_sse::{Decoder, EventId, Interest, Limits, OnExcess, OwnedEvent, OwnedItem};

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
    ///   there is only `None`, and no piece is held any more.
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
        /// Whether they ended within a line or a block: what there was of an event is dropped. It may
        /// have been a comment, or a `retry`, and no event.
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
    /// [counted](Self::skipped), and told in its place by [`next_item`](Self::next_item).
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

    /// Has [`next_item`](Self::next_item) tell what `interest` says, too.
    pub fn with_interest(self, interest: Interest) -> Self {
        Self { decoder: self.decoder.with_interest(interest), ..self }
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

    /// How many events passed a limit and were left out, for [`OnExcess::Skip`]. Which limit each
    /// of them passed, [`next_item`](Self::next_item) tells.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The stream of bytes.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.bytes
    }

    /// The stream of bytes, behind what was taken from it: what of the last piece was not read yet
    /// is lost.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.bytes
    }
}

impl<S, B, E> EventStream<S>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
{
    /// The next thing that the stream says: an event, what was left out by [`OnExcess::Skip`], and
    /// what else there is [interest](Self::with_interest) in.
    ///
    /// Behind [`OwnedItem::Skipped`], [`last_event_id`](Self::last_event_id) is that of the event left
    /// out, if it had one, by which it may be had in another way:
    ///
    /// ```
    /// use futures_util::stream;
    /// use tidewire_futures::{EventStream, LimitError, Limits, OwnedItem};
    ///
    /// let mut limits = Limits::default(); // which skip
    /// limits.max_data_bytes = 4;
    /// # futures_executor::block_on(async {
    /// let pieces = stream::iter([Ok::<_, std::io::Error>("id: 7\ndata: too long\n\ndata: fits\n\n")]);
    /// let mut events = EventStream::with_limits(pieces, limits);
    /// let limit = LimitError::Data { limit_bytes: 4 };
    /// assert_eq!(events.next_item().await.transpose()?, Some(OwnedItem::Skipped(limit)));
    /// assert_eq!(events.last_event_id(), "7");
    /// assert!(matches!(events.next_item().await, Some(Ok(OwnedItem::Event(_)))));
    /// # Ok::<(), tidewire_futures::Error<std::io::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Nothing is lost if the future is dropped before it is done.
    ///
    /// # Errors
    ///
    /// As the stream: told once, and then there is `None`.
    pub async fn next_item(&mut self) -> Option<Result<OwnedItem, Error<E>>>
    where
        S: Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_pick(cx, Some)).await
    }

    /// The next item that `pick` makes something of.
    fn poll_pick<T>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pick: impl Fn(OwnedItem) -> Option<T>,
    ) -> Poll<Option<Result<T, Error<E>>>> {
        if self.state != StreamState::Open {
            return Poll::Ready(None);
        }
        let outcome = ready!(self.as_mut().poll_open(cx, pick));
        if outcome.is_err() {
            let this = self.project();
            *this.state = StreamState::Failed;
            *this.piece = Bytes::new();
            this.decoder.end();
        }
        Poll::Ready(outcome.transpose())
    }

    fn poll_open<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pick: impl Fn(OwnedItem) -> Option<T>,
    ) -> Poll<Result<Option<T>, Error<E>>> {
        let mut this = self.project();
        for _ in 0..MAX_PIECES_PER_POLL {
            while let Some(item) = this.decoder.decode_bytes(this.piece)? {
                *this.skipped += u64::from(matches!(item, OwnedItem::Skipped(_)));
                if let Some(picked) = pick(item) {
                    return Poll::Ready(Ok(Some(picked)));
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

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_pick(cx, |item| match item {
            OwnedItem::Event(event) => Some(event),
            _ => None,
        })
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
