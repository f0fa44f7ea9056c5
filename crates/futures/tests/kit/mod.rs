//! A stream of bytes that does as it is told, and one poll at a time.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use tidewire_futures::{Error, EventStream, OwnedEvent};

/// What the transport of the tests fails with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("connection reset")]
pub(crate) struct Reset;

/// Does these things in order, then ends; `Pending` is one poll without bytes.
#[derive(Debug)]
pub(crate) struct Script(VecDeque<Poll<Result<Vec<u8>, Reset>>>);

pub(crate) fn script<'p>(steps: impl IntoIterator<Item = Poll<Result<&'p str, Reset>>>) -> Script {
    let owned = |step: Poll<Result<&str, Reset>>| step.map_ok(|piece| piece.as_bytes().to_vec());
    Script(steps.into_iter().map(owned).collect())
}

pub(crate) fn pieces<'p>(pieces: impl IntoIterator<Item = &'p str>) -> Script {
    script(pieces.into_iter().map(|piece| Poll::Ready(Ok(piece))))
}

impl Stream for Script {
    type Item = Result<Vec<u8>, Reset>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.pop_front().map_or(Poll::Ready(None), |step| step.map(Some))
    }
}

pub(crate) type Polled = Poll<Option<Result<OwnedEvent, Error<Reset>>>>;

pub(crate) fn poll(events: &mut EventStream<Script>) -> Polled {
    Pin::new(events).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// The data of the event that one poll gives.
pub(crate) fn data(events: &mut EventStream<Script>) -> String {
    match poll(events) {
        Poll::Ready(Some(Ok(event))) => event.data().to_str_lossy().into_owned(),
        other => unreachable!("no event but {other:?}"),
    }
}
