//! Events out of a stream of bytes: the same as a decoder's, however the bytes come.

mod kit;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use tidewire_futures::{
    Error, EventId, EventStream, Eventsource, Interest, LimitError, Limits, OnExcess, OwnedEvent,
    OwnedItem, StreamState,
};
use tidewire_sse::Decoder;

use crate::kit::{Reset, Script, data, pieces, poll, script};

#[test]
fn events_come_one_a_poll() {
    let mut events = pieces(["data: a\n\ndata: b\n\nda", "ta: c\n\n"]).eventsource();
    assert_eq!([data(&mut events), data(&mut events), data(&mut events)], ["a", "b", "c"]);
    assert_eq!(events.state(), StreamState::Open);
    assert_eq!(poll(&mut events), Poll::Ready(None));
    assert_eq!(events.state(), StreamState::Ended { open_block: false });
}

#[test]
fn bytes_that_are_late_are_waited_for() {
    let steps = [Poll::Ready(Ok("data: a")), Poll::Pending, Poll::Ready(Ok("\n\n"))];
    let mut events = script(steps).eventsource();
    assert_eq!(poll(&mut events), Poll::Pending);
    assert_eq!(data(&mut events), "a");
}

#[test]
fn events_before_an_error_come_before_it_and_nothing_comes_after() {
    let steps = [Ok("data: a\n\ndata: b\n\ndata: c"), Err(Reset), Ok("\n\n")];
    let mut events = script(steps.map(Poll::Ready)).eventsource();
    assert_eq!([data(&mut events), data(&mut events)], ["a", "b"]);
    assert_eq!(poll(&mut events), Poll::Ready(Some(Err(Error::Transport(Reset)))));
    assert_eq!(events.state(), StreamState::Failed);
    assert!(events.is_terminated());
    assert_eq!(poll(&mut events), Poll::Ready(None));
    assert_eq!(poll(&mut events), Poll::Ready(None));
}

#[test]
fn an_ended_stream_is_not_polled_again() {
    let mut asked = 0;
    let once = stream::poll_fn(|_| {
        asked += 1;
        Poll::Ready(None::<Result<Bytes, Infallible>>)
    });
    let mut events = once.eventsource();
    for _ in 0..3 {
        assert!(futures_executor::block_on(events.next()).is_none());
    }
    assert!(events.is_terminated());
    assert_eq!(asked, 1);
}

#[test]
fn a_cut_can_be_seen() {
    for (bytes, open_block) in [("data: a\n\n", false), ("data: a\n", true), ("id: 7", true)] {
        let mut events = pieces([bytes]).eventsource();
        while let Poll::Ready(Some(_)) = poll(&mut events) {}
        assert_eq!(events.state(), StreamState::Ended { open_block }, "{bytes:?}");
    }
}

#[test]
fn a_cut_is_an_error_to_whoever_says_so() {
    let mut events = pieces(["data: a\n\ndata: b"]).eventsource().fail_if_cut();
    assert_eq!(data(&mut events), "a");
    assert_eq!(poll(&mut events), Poll::Ready(Some(Err(Error::Cut))));
    assert_eq!(poll(&mut events), Poll::Ready(None));
    assert_eq!(events.state(), StreamState::Failed);

    let mut events = pieces(["data: a\n\n"]).eventsource().fail_if_cut();
    assert_eq!(data(&mut events), "a");
    assert_eq!(poll(&mut events), Poll::Ready(None));
}

#[test]
fn an_event_past_a_limit_ends_the_stream() {
    let stream = ["data: 1234\n\n", "data: 12345\n\n", "data: 1\n\n"];
    let mut limits = Limits::default();
    (limits.max_data_bytes, limits.on_excess) = (4, OnExcess::Fail);
    let mut events = EventStream::with_limits(pieces(stream), limits);
    assert_eq!(data(&mut events), "1234");
    let limit = LimitError::Data { limit_bytes: 4 };
    assert_eq!(poll(&mut events), Poll::Ready(Some(Err(Error::Limit(limit)))));
    assert_eq!(poll(&mut events), Poll::Ready(None));
}

#[test]
fn an_event_past_a_limit_can_be_left_out() {
    let stream = ["data: 12345\n\ndata: 12", "345\n\ndata: 1\n\n"];
    let mut limits = Limits::default();
    (limits.max_data_bytes, limits.on_excess) = (4, OnExcess::Skip);
    let mut events = EventStream::with_limits(pieces(stream), limits);
    assert_eq!(data(&mut events), "1");
    assert_eq!(events.skipped(), 2);
}

#[test]
fn what_was_left_out_is_told_in_its_place_with_its_limit_and_its_id() {
    let stream = ["data: a\n\nid: 7\ndata: 12345\n\nid: 8\nevent: 123\n", "data: b\n\ndata: c\n\n"];
    let mut limits = Limits::default(); // which skip
    (limits.max_data_bytes, limits.max_name_bytes) = (4, 2);
    let mut events = EventStream::with_limits(pieces(stream), limits);
    let mut told = Vec::new();
    while let Some(item) = futures_executor::block_on(events.next_item()) {
        let what = match item.expect("it skips") {
            OwnedItem::Event(event) => Ok(event.into_data()),
            OwnedItem::Skipped(limit) => Err(limit),
            other => unreachable!("{other:?} was not asked for"),
        };
        told.push((what, events.last_event_id().to_owned(), events.skipped()));
    }
    let expected = [
        (Ok("a".into()), "", 0),
        (Err(LimitError::Data { limit_bytes: 4 }), "7", 1),
        (Err(LimitError::Name { limit_bytes: 2 }), "8", 2),
        (Ok("c".into()), "8", 2),
    ];
    assert_eq!(told, expected.map(|(what, id, skipped)| (what, id.to_owned(), skipped)));
}

#[test]
fn items_and_events_can_be_asked_for_in_turn() {
    let mut interest = Interest::default();
    (interest.comments, interest.retries) = (true, true);
    let stream = [":a\nretry: 5\ndata: b\n\n:c\n", "data: d\n\n:e\n"];
    let mut events = pieces(stream).eventsource().with_interest(interest);
    let item = |events: &mut EventStream<Script>| futures_executor::block_on(events.next_item());
    assert_eq!(item(&mut events), Some(Ok(OwnedItem::Comment("a".into()))));
    assert_eq!(item(&mut events), Some(Ok(OwnedItem::Retry(Duration::from_millis(5)))));
    assert_eq!([data(&mut events), data(&mut events)], ["b", "d"]);
    assert_eq!(item(&mut events), Some(Ok(OwnedItem::Comment("e".into()))));
    assert_eq!(item(&mut events), None);
    assert_eq!(item(&mut events), None);
}

#[test]
fn the_bytes_can_be_looked_at_and_taken_back() {
    let mut bytes = stream::iter(["data: a\n\ndata: b", "rest"].map(Ok::<_, Infallible>));
    let mut events = EventStream::new(&mut bytes);
    assert_eq!(events.get_ref().size_hint(), (2, Some(2)));
    assert!(futures_executor::block_on(events.next()).is_some());
    assert_eq!(futures_executor::block_on(events.into_inner().next()), Some(Ok("rest")));
}

#[test]
fn what_is_needed_to_reconnect_is_known() {
    let mut events = pieces(["retry: 50\n\nid: 7\n\n: hi\n\ndata: a\n\n"]).eventsource();
    assert_eq!((events.last_event_id(), events.reconnection_time()), ("", None));
    assert_eq!(data(&mut events), "a");
    assert_eq!(events.last_event_id(), "7");
    assert_eq!(events.reconnection_time(), Some(Duration::from_millis(50)));
}

#[test]
fn the_last_event_id_of_an_earlier_stream_lives_on() {
    let id = EventId::from_static("7");
    let mut events = pieces(["data: a\n\nid: 8\n\n"]).eventsource().resume_after(&id);
    assert_eq!(events.last_event_id(), "7");
    let Poll::Ready(Some(Ok(event))) = poll(&mut events) else { panic!("no event") };
    assert_eq!(event.last_event_id(), "7");
    assert_eq!(poll(&mut events), Poll::Ready(None));
    assert_eq!(events.last_event_id(), "8");
}

#[test]
fn data_in_one_piece_shares_the_piece() {
    let piece = Bytes::from_static(b"data: kept\n\n");
    let bytes = stream::iter([Ok::<_, Infallible>(piece.clone())]);
    let event = futures_executor::block_on(bytes.eventsource().next());
    let data = event.and_then(Result::ok).map(OwnedEvent::into_data);
    assert_eq!(data.map(|data| data.as_ptr()), Some(piece[6..].as_ptr()));
}

#[test]
fn a_piece_is_let_go_behind_an_error_and_with_a_stream_that_is_dropped() {
    let give = |piece: &Bytes| stream::iter([Ok::<_, Infallible>(piece.clone())]);
    let mut limits = Limits::default();
    (limits.max_data_bytes, limits.on_excess) = (4, OnExcess::Fail);
    let piece = Bytes::from("data: 12345\n\ndata: never read\n\n".repeat(2));
    let mut events = EventStream::with_limits(give(&piece), limits);
    assert!(matches!(futures_executor::block_on(events.next()), Some(Err(Error::Limit(_)))));
    assert!(piece.is_unique());
    assert!(futures_executor::block_on(events.next()).is_none());

    let piece = Bytes::from("data: read\n\ndata: never read\n\n".repeat(2));
    let mut events = give(&piece).eventsource();
    assert!(futures_executor::block_on(events.next()).is_some());
    assert!(!piece.is_unique());
    drop(events);
    assert!(piece.is_unique());
}

#[test]
fn a_stream_that_is_dropped_half_way_drops_the_bytes() {
    let body = Arc::new(());
    let held = Arc::clone(&body);
    let mut pieces = ["data: a\n\nda", "ta: b\n\n"].into_iter();
    let bytes = stream::poll_fn(move |_| {
        let _body = &held;
        Poll::Ready(pieces.next().map(Ok::<_, Infallible>))
    });
    let mut events = bytes.eventsource();
    assert!(futures_executor::block_on(events.next()).is_some());
    assert_eq!(Arc::strong_count(&body), 2);
    drop(events);
    assert_eq!(Arc::strong_count(&body), 1);
}

#[test]
fn a_peer_that_never_pauses_does_not_keep_the_task() {
    #[derive(Default)]
    struct Woken(AtomicUsize);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut taken = 0;
    let endless = stream::poll_fn(|_| {
        taken += 1;
        Poll::Ready(Some(Ok::<_, Infallible>(":\n")))
    });
    let mut events = pin!(endless.eventsource());
    for _ in 0..3 {
        assert!(events.as_mut().poll_next(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(woken.0.load(Ordering::Relaxed), 3);
    assert_eq!(taken, 3 * 32);
}

#[test]
fn nor_does_one_whose_every_event_is_left_out() {
    let mut limits = Limits::default(); // which skip
    limits.max_data_bytes = 0;
    let mut taken = 0;
    let endless = stream::poll_fn(|_| {
        taken += 1;
        Poll::Ready(Some(Ok::<_, Infallible>("data: a\n\n")))
    });
    let mut events = pin!(EventStream::with_limits(endless, limits));
    assert!(events.as_mut().poll_next(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(taken, 32);
}

#[test]
fn a_stream_that_cannot_move_will_do() {
    let pinned = stream::once(async { Ok::<_, Infallible>("data: a\n\n") });
    let mut events = pin!(pinned.eventsource());
    let event = futures_executor::block_on(events.next());
    assert_eq!(event.and_then(Result::ok).map(OwnedEvent::into_data), Some("a".into()));
}

proptest! {
    #[test]
    fn any_cutting_gives_what_the_decoder_gives(
        stream in "(\u{feff})?(data: ?[a-c]{0,3}|data|event: x|id: [12]|: c|retry: 5|\u{e9}|\r|\n|\r\n|\n){0,30}",
        cuts in prop::collection::vec((0..9_usize, any::<bool>()), 0..40),
    ) {
        let mut decoder = Decoder::new(Limits::default());
        let mut whole = Bytes::from(stream.clone());
        let mut expected = Vec::new();
        while let Some(item) = decoder.decode_bytes(&mut whole)? {
            if let OwnedItem::Event(event) = item {
                expected.push(event);
            }
        }
        let open_block = decoder.end();

        let (mut rest, mut steps) = (stream.as_bytes(), Vec::new());
        for (len, waits) in cuts {
            let (piece, behind) = rest.split_at(len.min(rest.len()));
            steps.push(Poll::Ready(Some(Ok::<_, Reset>(piece.to_vec()))));
            steps.extend(waits.then_some(Poll::Pending));
            rest = behind;
        }
        steps.push(Poll::Ready(Some(Ok(rest.to_vec()))));
        let mut steps = steps.into_iter();
        let bytes = stream::poll_fn(|_| steps.next().unwrap_or(Poll::Ready(None)));
        let (mut events, mut got) = (bytes.eventsource(), Vec::new());
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            match events.poll_next_unpin(&mut cx) {
                Poll::Ready(Some(event)) => got.push(event?),
                Poll::Ready(None) => break,
                Poll::Pending => {}
            }
        }
        prop_assert_eq!(got, expected);
        prop_assert_eq!(events.state(), StreamState::Ended { open_block });
        prop_assert_eq!(events.last_event_id(), decoder.last_event_id());
        prop_assert_eq!(events.reconnection_time(), decoder.reconnection_time());
    }
}
