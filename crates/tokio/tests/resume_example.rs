//! What `examples/axum_resume.rs` sends to a client that comes back.

#[allow(dead_code, reason = "its own way in is not taken here")]
#[path = "../examples/axum_resume.rs"]
mod example;

use std::io;

use futures_util::{StreamExt, TryStreamExt};
use reqwest::{Client, RequestBuilder, Response};
use tidewire::hub::{Config, Hub};
use tidewire_core::Instant;
use tidewire_futures::{Error, Eventsource};
use tokio::net::TcpListener;

use crate::example::{Log, publish, router};

/// A server with three of the five events that were published.
async fn served() -> io::Result<(Log, RequestBuilder)> {
    let mut config = Config::default();
    config.max_events = 3;
    let log = Log::new(Hub::new(config, 7));
    for text in ["a", "b", "c", "d", "e"] {
        publish(&log, text, Instant::ORIGIN);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let router = router(log.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((log, Client::new().get(url)))
}

/// The IDs, names and data of the first events.
async fn first(count: usize, response: Response) -> Result<Vec<String>, Error<reqwest::Error>> {
    let events = response.bytes_stream().eventsource().take(count).map_ok(|event| {
        let data = event.data().to_str_lossy().into_owned();
        format!("{} {} {data}", event.last_event_id(), event.name())
    });
    events.try_collect().await
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed_and_what_comes() {
    let (log, request) = served().await.unwrap();
    let again = request.try_clone().unwrap().header("Last-Event-ID", "7.4");
    assert_eq!(
        first(3, request.send().await.unwrap()).await.unwrap(),
        ["7.3 message c", "7.4 message d", "7.5 message e"]
    );
    let response = again.send().await.unwrap();
    publish(&log, "f", Instant::ORIGIN);
    assert_eq!(first(2, response).await.unwrap(), ["7.5 message e", "7.6 message f"]);
}

#[tokio::test]
async fn one_that_comes_too_late_or_from_elsewhere_is_told_of_the_gap() {
    let (_log, request) = served().await.unwrap();
    for id in ["7.1", "6.9", "x", "\u{e9}", &"9".repeat(1025)] {
        let request = request.try_clone().unwrap().header("Last-Event-ID", id);
        let expected = ["7.2 reset events are missing", "7.3 message c"];
        assert_eq!(first(2, request.send().await.unwrap()).await.unwrap(), expected, "{id}");
    }
}

#[tokio::test]
async fn a_client_that_sets_no_fields_resumes_by_the_query() {
    let (_log, request) = served().await.unwrap();
    let url = request.build().unwrap().url().join("?lastEventId=7.4").unwrap();
    assert_eq!(first(1, reqwest::get(url).await.unwrap()).await.unwrap(), ["7.5 message e"]);
}
