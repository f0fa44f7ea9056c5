//! Who publishes to a crowd, and meanwhile looks on another topic how long others have to wait.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{EVENT, Failure, TOPIC, now};

/// Publishes to the crowd when told to.
pub(super) struct Witness {
    crowd: Http,
    publisher: Http,
    poller: Http,
    /// The end of the log.
    cursor: String,
}

/// A witness at work.
pub(super) struct Watch {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<Duration>>,
}

impl Witness {
    /// Connects, and publishes one event elsewhere, so that all is warm.
    pub(super) fn new(server: SocketAddr) -> io::Result<Self> {
        let crowd = Http::connect(server)?;
        let (publisher, poller) = (Http::connect(server)?, Http::connect(server)?);
        let mut witness = Self { crowd, publisher, poller, cursor: "oldest".to_owned() };
        witness.look()?;
        Ok(witness)
    }

    /// The end of the log.
    pub(super) fn into_cursor(self) -> String {
        self.cursor
    }

    /// Publishes to the crowd, and then to the other topic again and again.
    pub(super) fn publish_and_watch(mut self) -> Watch {
        let enough = Arc::new(AtomicBool::new(false));
        let is_enough = Arc::clone(&enough);
        let thread = thread::spawn(move || {
            self.crowd.publish(TOPIC, EVENT)?;
            let mut slowest = self.look()?;
            for _ in 1..LOOKS {
                if is_enough.load(Ordering::Relaxed) {
                    break;
                }
                slowest = slowest.max(self.look()?);
            }
            self.crowd.cursor("cursor")?;
            Ok(slowest)
        });
        Watch { enough, thread }
    }

    /// Waits on the other topic, publishes to it, and returns how long the answer took.
    fn look(&mut self) -> io::Result<Duration> {
        self.poller.poll(OTHER, &self.cursor)?;
        let began = now();
        self.publisher.publish(OTHER, "ripple")?;
        self.cursor = self.publisher.cursor("cursor")?;
        self.poller.cursor("next")?;
        Ok(began.elapsed())
    }
}

const OTHER: &str = "elsewhere";
/// Fewer than the requests that a server takes on one connection.
const LOOKS: usize = 900;

impl Watch {
    /// Ends it, and returns how long an answer took at most.
    pub(super) fn slowest(self) -> Result<Duration, Failure> {
        self.enough.store(true, Ordering::Relaxed);
        Ok(self.thread.join().map_err(|_| "the witness died")??)
    }
}

/// A kept connection.
struct Http(BufReader<TcpStream>);

impl Http {
    fn connect(server: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect(server)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(super::PATIENCE))?;
        Ok(Self(BufReader::new(socket)))
    }

    fn publish(&mut self, topic: &str, data: &str) -> io::Result<()> {
        let length = data.len();
        self.send(&format!(
            "POST /v1/publish?topic={topic} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{data}"
        ))
    }

    fn poll(&mut self, topic: &str, after: &str) -> io::Result<()> {
        self.send(&format!("GET /v1/poll?topic={topic}&after={after} HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    fn send(&mut self, request: &str) -> io::Result<()> {
        self.0.get_mut().write_all(request.as_bytes())
    }

    /// Reads an answer and returns the cursor under the name of `key` in it.
    fn cursor(&mut self, key: &str) -> io::Result<String> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().map_err(io::Error::other)?;
                }
                None if line.trim_end().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body);
        let (_, rest) = body
            .rsplit_once(&format!("\"{key}\":\""))
            .ok_or_else(|| io::Error::other(format!("no {key} in {body:?}")))?;
        Ok(rest.split('"').next().unwrap_or_default().to_owned())
    }
}
