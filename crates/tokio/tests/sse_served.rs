//! Event streams out of real servers, hyper and axum, over loopback sockets.

use std::convert::Infallible;
use std::future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tidewire_futures::{Error, Eventsource, OwnedEvent, StreamState};
use tidewire_sse::{EventId, EventName, Frame, Resume, StreamConfig};
use tidewire_tokio::{Sse, SseRequest};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Serves one connection by hyper, each request with the stream that `open` gives.
async fn hyper_server<S, E>(open: impl Fn() -> Sse<S> + Send + 'static) -> io::Result<SocketAddr>
where
    S: Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await?;
        let answer = service_fn(move |_| {
            let response = open().into_http_response();
            async { Ok::<_, Infallible>(response) }
        });
        let served = http1::Builder::new().serve_connection(TokioIo::new(socket), answer);
        served.await.map_err(io::Error::other)
    });
    Ok(address)
}

async fn axum_server(router: Router) -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}/"))
}

/// Asks with no client's help; returns the head's lines and what comes behind.
async fn ask(address: SocketAddr) -> io::Result<(Vec<String>, BufReader<TcpStream>)> {
    let mut socket = BufReader::new(TcpStream::connect(address).await?);
    socket.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await?;
    let mut lines = Vec::new();
    loop {
        match line(&mut socket).await? {
            line if line.is_empty() => return Ok((lines, socket)),
            line => lines.push(line.to_ascii_lowercase()),
        }
    }
}

/// The next chunk of a chunked body; empty at its end.
async fn chunk(socket: &mut BufReader<TcpStream>) -> io::Result<String> {
    let len = usize::from_str_radix(&line(socket).await?, 16).map_err(io::Error::other)?;
    let mut bytes = vec![0; len];
    socket.read_exact(&mut bytes).await?;
    assert_eq!(line(socket).await?, "");
    String::from_utf8(bytes).map_err(io::Error::other)
}

async fn line(socket: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    socket.read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}

fn data(text: &str) -> Bytes {
    Frame::new().data(text).to_bytes()
}

#[tokio::test(start_paused = true)]
async fn hyper_sends_each_frame_in_a_chunk_then_signs_of_life_then_the_hint() {
    let address = hyper_server(|| {
        let mut config = StreamConfig::default();
        config.max_lifetime = Some(Duration::from_secs(20)); // thus 16 s to 20 s
        let frames = ["one", "two\nthree"].map(|text| Ok::<_, Infallible>(data(text)));
        Sse::with_config(stream::iter(frames).chain(stream::pending()), config)
    });
    let (head, mut socket) = ask(address.await.unwrap()).await.unwrap();
    assert_eq!(head[0], "http/1.1 200 ok");
    assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
    assert!(head.contains(&"transfer-encoding: chunked".to_owned()), "{head:?}");
    for expected in ["data: one\n\n", "data: two\ndata: three\n\n", ":\n", "retry: 3000\n\n", ""] {
        assert_eq!(chunk(&mut socket).await.unwrap(), expected);
    }
}

/// One event, and a failure once the socket has taken it: hyper drops what it has not written.
fn failing() -> Sse<impl Stream<Item = Result<Bytes, &'static str>>> {
    let failure = async {
        let _ = timeout(Duration::from_millis(50), future::pending::<()>()).await;
        Err("log is gone")
    };
    Sse::new(stream::iter([Ok(data("one"))]).chain(stream::once(failure)))
}

#[tokio::test]
async fn a_failure_aborts_the_response() {
    let (_, mut socket) = ask(hyper_server(failing).await.unwrap()).await.unwrap();
    assert_eq!(chunk(&mut socket).await.unwrap(), "data: one\n\n");
    assert!(chunk(&mut socket).await.is_err(), "no last chunk");
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_frames() {
    struct Left(Option<oneshot::Sender<()>>);
    impl Drop for Left {
        fn drop(&mut self) {
            self.0.take().map(|left| left.send(()));
        }
    }
    let (left, gone) = oneshot::channel();
    let left = std::sync::Mutex::new(Some(left));
    let address = hyper_server(move || {
        let left = Left(left.lock().unwrap().take());
        let first = stream::iter([Ok::<_, Infallible>(data("one"))]);
        Sse::new(first.chain(stream::poll_fn(move |_| {
            let _held = &left;
            std::task::Poll::Pending
        })))
    });
    let (_, mut socket) = ask(address.await.unwrap()).await.unwrap();
    assert_eq!(chunk(&mut socket).await.unwrap(), "data: one\n\n");
    drop(socket);
    gone.await.expect("the frames were dropped");
}

#[tokio::test]
async fn reqwest_reads_what_an_axum_handler_sends() {
    const TICK: EventName = EventName::from_static("tick");
    async fn ticks(request: SseRequest) -> Sse<impl Stream<Item = Result<Bytes, Infallible>>> {
        let from = match request.resume() {
            Resume::After(id) => id.parse().map_or(0, |id: u64| id + 1),
            Resume::Fresh | Resume::Lost => 0,
        };
        Sse::new(stream::iter(from..from + 3).map(|tick| {
            let id = EventId::new(tick.to_string()).expect("digits hold no line end");
            Ok(Frame::new().name(&TICK).id(&id).data(&format!("{{\"at\":{tick}}}")).to_bytes())
        }))
    }
    let url = axum_server(Router::new().route("/", get(ticks))).await.unwrap();

    let response = reqwest::get(&url).await.unwrap().error_for_status().unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut events = response.bytes_stream().eventsource();
    let mut got = Vec::new();
    while let Some(event) = events.try_next().await.unwrap() {
        let json: serde_json::Value = serde_json::from_slice(event.data().as_bytes()).unwrap();
        got.push((event.name().to_owned(), json["at"].as_u64()));
    }
    assert_eq!(got, [0, 1, 2].map(|at| ("tick".to_owned(), Some(at))));
    assert_eq!(events.state(), StreamState::Ended { open_block: false });

    let id = EventId::new(events.last_event_id().to_owned()).unwrap();
    let again = reqwest::Client::new().get(&url).header("Last-Event-ID", id.as_str());
    let events = again.send().await.unwrap().bytes_stream().eventsource().resume_after(&id);
    let ids: Vec<String> =
        events.map_ok(|event| event.last_event_id().to_owned()).try_collect().await.unwrap();
    assert_eq!(ids, ["3", "4", "5"]);
}

#[tokio::test]
async fn reqwest_tells_a_failure_behind_the_events_before_it() {
    let url = axum_server(Router::new().route("/", get(async || failing()))).await.unwrap();
    let mut events = reqwest::get(&url).await.unwrap().bytes_stream().eventsource();
    assert_eq!(events.try_next().await.unwrap().map(OwnedEvent::into_data), Some("one".into()));
    assert!(matches!(events.try_next().await, Err(Error::Transport(_))));
    assert!(events.next().await.is_none());
}
