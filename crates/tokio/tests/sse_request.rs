//! What a request for an event stream asks, read from its head and by an axum handler.

use axum::Router;
use axum::routing::any;
use http::Request;
use http::request::Builder;
use reqwest::{Client, Method};
use tidewire_sse::{Accepted, Refused, Resume, StreamConfig};
use tidewire_tokio::SseRequest;
use tokio::net::TcpListener;

fn read(request: Builder) -> Result<SseRequest, Refused> {
    let (parts, ()) = request.body(()).expect("a head").into_parts();
    SseRequest::of(&parts, &StreamConfig::default())
}

#[test]
fn the_field_wins_over_the_query_and_what_is_empty_is_none() {
    for (uri, field, expected) in [
        ("/", None, Resume::Fresh),
        ("/", Some("7.42"), Resume::After("7.42")),
        ("/?lastEventId=7.42", None, Resume::After("7.42")),
        ("/?lastEventId=7.42", Some(""), Resume::After("7.42")),
        ("/?lastEventId=7.42", Some("8"), Resume::After("8")),
        ("/?topic=a&lastEventId=a%20%C3%A9+b&lastEventId=c", None, Resume::After("a é b")),
        ("/?lastEventId=", None, Resume::Fresh),
        ("/?lasteventid=7&xlastEventId=7", None, Resume::Fresh),
        ("/?lastEventId=a%0Ab", None, Resume::Lost),
        ("/?lastEventId=a%00b", None, Resume::Lost),
        ("/?lastEventId=%FF", None, Resume::After("\u{fffd}")),
    ] {
        let request = Request::get(uri);
        let request = match field {
            Some(field) => request.header("last-event-id", field),
            None => request,
        };
        let asked = read(request).expect("it gets a stream");
        assert_eq!(asked.accepted(), Accepted::Stream(expected), "{uri} {field:?}");
    }
}

#[test]
fn an_id_that_is_none_or_too_long_is_lost() {
    for (id, expected) in [
        (vec![b'9'; 1024], Resume::After(&"9".repeat(1024))),
        (vec![b'9'; 1025], Resume::Lost),
        (b"\xff".to_vec(), Resume::Lost),
    ] {
        let asked = read(Request::get("/").header("Last-Event-ID", &id[..])).unwrap();
        assert_eq!(asked.accepted(), Accepted::Stream(expected));
    }
}

#[test]
fn all_lines_of_accept_count() {
    for (lines, expected) in [
        (vec!["text/html", "text/event-stream"], Ok(Accepted::Stream(Resume::Fresh))),
        (vec!["*/*", "text/event-stream;q=0"], Err(Refused::NotAcceptable)),
        (vec!["application/json"], Err(Refused::NotAcceptable)),
    ] {
        let request =
            lines.iter().fold(Request::get("/"), |head, line| head.header("Accept", *line));
        assert_eq!(read(request).as_ref().map(SseRequest::accepted), expected.as_ref().copied());
    }
}

#[test]
fn the_method_decides() {
    let head = read(Request::head("/")).unwrap();
    assert_eq!((head.accepted(), head.resume()), (Accepted::HeadOnly, Resume::Fresh));
    assert_eq!(read(Request::post("/")), Err(Refused::Method));
}

#[tokio::test]
async fn an_axum_handler_takes_it_and_who_is_refused_is_told_so() {
    async fn told(request: SseRequest) -> String {
        format!("{:?}", request.accepted())
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", any(told));
    tokio::spawn(async move { axum::serve(listener, router).await });

    let ask = |method, field, value| {
        let request = Client::new().request(method, &url).header(field, value);
        async move {
            let response = request.send().await.unwrap();
            let allow =
                response.headers().get("Allow").map(|allow| allow.to_str().unwrap().to_owned());
            (response.status().as_u16(), allow, response.text().await.unwrap())
        }
    };
    assert_eq!(
        ask(Method::GET, "Last-Event-ID", "7").await,
        (200, None, "Stream(After(\"7\"))".to_owned())
    );
    assert_eq!(
        ask(Method::GET, "Accept", "text/html").await,
        (406, None, Refused::NotAcceptable.to_string())
    );
    assert_eq!(
        ask(Method::POST, "Accept", "*/*").await,
        (405, Some("GET, HEAD".to_owned()), Refused::Method.to_string())
    );
}
