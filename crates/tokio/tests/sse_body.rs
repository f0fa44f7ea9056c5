//! An event stream as a body, polled by hand, on the runtime's paused clock.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http_body::Body;
use http_body_util::BodyExt;
use tidewire::Entry;
use tidewire::hub::Cursor;
use tidewire_sse::{Frame, StreamConfig};
use tidewire_tokio::Sse;
use tokio::sync::mpsc;
use tokio::time::{Instant, advance, timeout};

type Frames = mpsc::UnboundedSender<Result<Bytes, &'static str>>;
type Boxed = BoxStream<'static, Result<Bytes, &'static str>>;

fn body(config: StreamConfig) -> (Frames, Pin<Box<Sse<Boxed>>>) {
    let (frames, mut queue) = mpsc::unbounded_channel();
    let queue = stream::poll_fn(move |cx| queue.poll_recv(cx)).boxed();
    (frames, Box::pin(Sse::with_config(queue, config)))
}

fn config(change: impl FnOnce(&mut StreamConfig)) -> StreamConfig {
    let mut config = StreamConfig::default();
    change(&mut config);
    config
}

fn data(text: &str) -> Bytes {
    Frame::new().data(text).to_bytes()
}

async fn next<B: Body<Data = Bytes> + Unpin>(body: &mut B) -> Option<Result<Bytes, B::Error>> {
    let frame = body.frame().await?;
    Some(frame.map(|frame| frame.into_data().expect("it sends no trailers")))
}

#[tokio::test(start_paused = true)]
async fn each_frame_is_a_data_frame_and_shares_its_bytes() {
    let (frames, mut body) = body(StreamConfig::default());
    let shared = data("a");
    for frame in [&shared, &data("b"), &shared] {
        frames.send(Ok(frame.clone())).unwrap();
    }
    let first = next(&mut body).await.unwrap().unwrap();
    assert_eq!(first.as_ptr(), shared.as_ptr());
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from("data: b\n\n"))));
    assert_eq!(next(&mut body).await, Some(Ok(first)));
}

#[tokio::test(start_paused = true)]
async fn an_entry_of_a_log_shares_its_frame() {
    let entry = Entry::new(Cursor { epoch: 7, offset: 2 }, "{}", None, "a");
    let (frames, mut body) = body(StreamConfig::default());
    frames.send(Ok(entry.frame().clone())).unwrap();
    let bytes = next(&mut body).await.unwrap().unwrap();
    assert_eq!(bytes, "id: 7.2\ndata: a\n\n");
    assert_eq!(bytes.as_ptr(), entry.frame().as_ptr());
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_follows_each_silence_and_no_sooner() {
    let (frames, mut body) = body(StreamConfig::default());
    let start = Instant::now();
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from(":\n"))));
    assert_eq!(start.elapsed().as_secs(), 15);
    assert!(timeout(Duration::from_secs(10), next(&mut body)).await.is_err());
    frames.send(Ok(data("a"))).unwrap();
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from("data: a\n\n"))));
    // An event is a sign of life, too.
    assert!(timeout(Duration::from_millis(14_990), next(&mut body)).await.is_err());
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from(":\n"))));
    assert_eq!(start.elapsed().as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn nothing_piles_up_while_the_host_does_not_poll() {
    let (_frames, mut body) = body(StreamConfig::default());
    advance(Duration::from_secs(100)).await;
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from(":\n"))));
    assert!(timeout(Duration::from_secs(14), next(&mut body)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn without_a_sign_of_life_it_is_silent() {
    let (_frames, mut body) = body(config(|config| config.keep_alive_every = None));
    assert!(timeout(Duration::from_secs(1_000_000), next(&mut body)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_ends_it_with_a_hint_even_under_traffic() {
    let lifetime = Duration::from_secs(100);
    let (frames, mut body) = body(config(|config| config.max_lifetime = Some(lifetime)));
    let start = Instant::now();
    let last = loop {
        frames.send(Ok(data("a"))).unwrap();
        let bytes = next(&mut body).await.unwrap().unwrap();
        if bytes != "data: a\n\n" {
            break bytes;
        }
        advance(Duration::from_millis(10)).await;
    };
    assert_eq!(last, "retry: 3000\n\n");
    assert!((80..=100).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    assert!(body.is_end_stream());
    frames.send(Ok(data("too late"))).unwrap();
    assert_eq!(next(&mut body).await, None);
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn lifetimes_end_apart() {
    let mut ends = Vec::new();
    for _ in 0..8 {
        let (_frames, mut body) = body(config(|config| {
            (config.max_lifetime, config.retry) = (Some(Duration::from_secs(1000)), None);
            config.keep_alive_every = None;
        }));
        let start = Instant::now();
        assert_eq!(next(&mut body).await, None);
        ends.push(start.elapsed());
    }
    ends.sort();
    ends.dedup();
    assert!(ends.len() > 1, "all end at {ends:?}");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_frames_is_the_end_of_the_body() {
    let (frames, mut body) = body(StreamConfig::default());
    frames.send(Ok(Frame::new().retry(Duration::from_secs(1)).to_bytes())).unwrap();
    drop(frames);
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from("retry: 1000\n\n"))));
    assert!(!body.is_end_stream());
    assert_eq!(next(&mut body).await, None);
    assert!(body.is_end_stream());
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_failure_comes_behind_the_frames_before_it() {
    let (frames, mut body) = body(StreamConfig::default());
    for frame in [Ok(data("a")), Err("log is gone"), Ok(data("b"))] {
        frames.send(frame).unwrap();
    }
    assert_eq!(next(&mut body).await, Some(Ok(Bytes::from("data: a\n\n"))));
    assert_eq!(next(&mut body).await, Some(Err("log is gone")));
    assert!(body.is_end_stream());
    assert_eq!(next(&mut body).await, None);
    assert_eq!(next(&mut body).await, None);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_body_half_way_drops_the_frames() {
    let (frames, mut body) = body(StreamConfig::default());
    for text in ["a", "b"] {
        frames.send(Ok(data(text))).unwrap();
    }
    assert_eq!(next(&mut body).await, Some(Ok(data("a"))));
    drop(body);
    assert!(frames.is_closed());
}

#[test]
fn the_response_says_what_it_is() {
    let response =
        Sse::new(stream::empty::<Result<Bytes, Infallible>>().boxed()).into_http_response();
    assert_eq!(response.status(), 200);
    let fields = ["content-type", "cache-control", "x-accel-buffering"].map(|name| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    });
    assert_eq!(fields, ["text/event-stream", "no-store, no-transform", "no"]);
    assert_eq!(response.headers().len(), 3);
}
