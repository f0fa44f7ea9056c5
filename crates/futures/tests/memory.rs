//! What a stream of events allocates: once for a piece, nothing for an event that lies in it.

use std::convert::Infallible;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tidewire_futures::Eventsource;

#[test]
fn events_share_their_piece_at_the_cost_of_one_allocation() {
    let piece = Bytes::from("data: x\n\n".repeat(1000));
    let mut events = stream::iter([Ok::<_, Infallible>(piece)]).eventsource();
    let mut count = 0;
    let cost = measure(|| {
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(Ok(_))) = events.poll_next_unpin(&mut cx) {
            count += 1;
        }
    });
    assert_eq!((count, cost.count_total), (1000, 1));
}
