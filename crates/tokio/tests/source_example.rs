//! What `examples/source.rs` does when its connections are lost.

#[allow(dead_code, reason = "its own way in is not taken here")]
#[path = "../examples/source.rs"]
mod example;

use std::convert::Infallible;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use tidewire_core::Entropy;
use tidewire_sse::{EventId, Frame, Source, SourceConfig, Stop};
use tidewire_tokio::{Clock, Sse};
use tokio::net::TcpListener;

/// Sends one event a connection, and after three of them says that there are no more.
async fn one_more(fields: HeaderMap) -> Response {
    let last = fields.get("Last-Event-ID").and_then(|id| id.to_str().ok()?.parse().ok());
    let next = last.map_or(0, |last: u32| last + 1);
    if next == 3 {
        return StatusCode::NO_CONTENT.into_response();
    }
    let id = EventId::new(next.to_string()).expect("digits hold no line end");
    let frame = Frame::new().id(&id).data("event").to_bytes();
    Sse::new(stream::iter([Ok::<_, Infallible>(frame)])).into_response()
}

#[tokio::test(start_paused = true)]
async fn it_resumes_until_the_server_says_that_there_is_no_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", get(one_more));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let (clock, entropy) = (Clock::start(), Entropy::new(|bytes| bytes.fill(0)));
    let mut source = Source::new(SourceConfig::default(), entropy, clock.now());
    let mut ids = Vec::new();
    let stop = example::follow(&url, &mut source, clock, |event| {
        ids.push(event.last_event_id().to_owned());
    });
    assert_eq!(stop.await, Stop::NoContent);
    assert_eq!(ids, ["0", "1", "2"]);
}
