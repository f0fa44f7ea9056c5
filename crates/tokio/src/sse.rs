//! An event stream as the body of a response. When to send what beside the frames is the machine's
//! business, and how the body travels is the host's.

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::{HeaderName, HeaderValue, Response};
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep_until};

use tidewire_core::{Entropy, Inbox, Outbox, Protocol};
use tidewire_sse::{Stream, StreamConfig};

use crate::Clock;

pin_project! {
    /// The body of a response that is an event stream: the frames of a futures stream, a sign of life
    /// when there are none, and an end after a lifetime.
    ///
    /// hyper takes it as a body; with the feature `axum`, a handler returns it:
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use bytes::Bytes;
    /// use futures_util::{Stream, StreamExt, stream};
    /// use tidewire_sse::Frame;
    /// use tidewire_tokio::Sse;
    ///
    /// async fn events() -> Sse<impl Stream<Item = Result<Bytes, Infallible>>> {
    ///     let prices = stream::iter([12, 13]);
    ///     Sse::new(prices.map(|price| Ok(Frame::new().data(&price.to_string()).to_bytes())))
    /// }
    /// # use http_body_util::BodyExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let body = events().await.collect().await.unwrap_or_else(|never| match never {});
    /// assert_eq!(body.to_bytes(), "data: 12\n\ndata: 13\n\n");
    /// # }
    /// ```
    ///
    /// A frame is what [`Frame::to_bytes`](tidewire_sse::Frame::to_bytes) gives, made once for all who
    /// receive it; or what an entry of a log holds, as `entry.frame().clone()` of a `tidewire::Entry`.
    /// The bytes go out as they are, and a sign of life may come between any two of them: a piece of
    /// a frame would be torn, and bytes from elsewhere could forge events.
    ///
    /// The frames come from wherever the events do: a channel, a broadcast, a log. When they end, so
    /// does the body; a last frame with a `retry` tells the client when to come back. When they fail,
    /// the body fails, and the host aborts the response, maybe with frames that it has not written: the
    /// client can tell that from an end, and resumes.
    ///
    /// # Promises
    ///
    /// - One frame is one data frame of the body, which is one chunk of HTTP/1.1; shared bytes stay
    ///   shared.
    /// - To drop the body drops the frames' stream. Nothing runs on elsewhere.
    /// - It never takes a frame that the host did not ask for: a slow client slows the stream of
    ///   frames down, and no more than one sign of life waits.
    ///
    /// # Left to the caller
    ///
    /// To look at the request's `Origin`, and at where its stream is to go on, for which see
    /// [`SseRequest`](crate::SseRequest). To notice a client that takes no bytes: the host owns the
    /// socket and stops asking, so [`StreamConfig::max_stall`] and [`StreamConfig::max_unsent_bytes`]
    /// say nothing here, and a lifetime ends at the next ask only. Set the socket's time-out for
    /// unacknowledged data (`TCP_USER_TIMEOUT`), and bound the channel that the frames come from.
    ///
    /// # Panics
    ///
    /// When it is polled outside a tokio runtime with timers.
    #[derive(Debug)]
    #[must_use = "a body does nothing unless a host polls it"]
    pub struct Sse<S> {
        #[pin]
        frames: S,
        stream: Stream,
        clock: Clock,
        // Rings at the stream's deadline or before, so that not every frame has to set it.
        #[pin]
        alarm: Option<Sleep>,
    }
}

impl<S> Sse<S> {
    /// A body of these frames, with a sign of life each 15 s of silence.
    pub fn new(frames: S) -> Self {
        Self::with_config(frames, StreamConfig::default())
    }

    /// A body of these frames that behaves as `config` says. Its time begins now.
    pub fn with_config(frames: S, mut config: StreamConfig) -> Self {
        config.max_stall = None;
        let clock = Clock::start();
        let stream = Stream::new(config, &mut Entropy::new(jitter), clock.now());
        Self { frames, stream, clock, alarm: None }
    }

    /// A response of status 200 with this body and the fields that belong to it.
    pub fn into_http_response(self) -> Response<Self> {
        let mut response = Response::new(self);
        for (name, value) in Stream::response_fields() {
            // None is left out: each is the name of a field.
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                response.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        response
    }
}

impl<S, E> Body for Sse<S>
where
    S: futures_core::Stream<Item = Result<Bytes, E>>,
{
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        let mut this = self.project();
        loop {
            let now = this.clock.now();
            let mut outbox = Outbox::new();
            // How it ended makes no difference, and it cannot fail: a stall is not looked for.
            let _ = this.stream.next_event(&mut Inbox::new(), &mut outbox, now);
            if outbox.has_remaining() {
                let bytes = outbox.copy_to_bytes(outbox.len());
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if !this.stream.is_open() {
                return Poll::Ready(None);
            }
            match this.frames.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    let _ = this.stream.touch(now);
                    return Poll::Ready(Some(Ok(Frame::data(frame))));
                }
                Poll::Ready(Some(Err(error))) => {
                    let _ = this.stream.finish(None, &mut outbox);
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => {
                    let _ = this.stream.finish(None, &mut outbox);
                }
                Poll::Pending => match this.stream.deadline() {
                    Some(at) => ready!(poll_alarm(this.alarm.as_mut(), this.clock.at(at), cx)),
                    None => return Poll::Pending,
                },
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.stream.is_open()
    }
}

/// Waits until `at` or an earlier time that the alarm was set to.
fn poll_alarm(
    mut alarm: Pin<&mut Option<Sleep>>,
    at: tokio::time::Instant,
    cx: &mut Context<'_>,
) -> Poll<()> {
    match alarm.as_mut().as_pin_mut() {
        Some(sleep) if sleep.is_elapsed() || at < sleep.deadline() => sleep.reset(at),
        Some(_) => {}
        None => alarm.set(Some(sleep_until(at))),
    }
    alarm.as_pin_mut().map_or(Poll::Pending, |sleep| sleep.poll(cx))
}

/// Draws from the seeds that the standard library makes for its maps: good enough to spread the ends
/// of streams, not for secrets.
fn jitter(bytes: &mut [u8]) {
    for part in bytes.chunks_mut(size_of::<u64>()) {
        let drawn = RandomState::new().build_hasher().finish().to_ne_bytes();
        part.copy_from_slice(&drawn[..part.len()]);
    }
}
