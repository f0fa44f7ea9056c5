//! The tape as a stream, for those who want to poll one.

use std::convert::Infallible;
use std::task::{Context, Poll, Waker};

use futures_util::{Stream, StreamExt, stream};

use super::contest::Stage;

/// The pieces of the tape. Behind the last it makes wait once; then the tape begins anew.
pub(crate) fn pieces(
    stage: Stage,
) -> impl Stream<Item = Result<&'static [u8], Infallible>> + Unpin {
    let mut left = stage.pieces();
    stream::poll_fn(move |_| match left.next() {
        Some(piece) => Poll::Ready(Some(Ok(piece))),
        None => {
            left = stage.pieces();
            Poll::Pending
        }
    })
}

/// Takes whatever a stream has until it makes wait.
#[inline]
pub(crate) fn drain<S: Stream + Unpin>(stream: &mut S, mut take: impl FnMut(S::Item)) {
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(item) = stream.poll_next_unpin(&mut context) {
        take(item.expect("the tape has no end"));
    }
}
