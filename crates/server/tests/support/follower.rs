//! A client of the family that follows a log and can be killed. What it hears is judged by the test.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tidewire::client::{Client, Config, Event, Transport};
use tidewire::core::{Entropy, Instant};
use tidewire::http::FieldValue;
use tidewire::hub::{Cursor, Start};
use tidewire_tokio::{Clock, Driver, Ready};
use tokio::net::TcpSocket;

use super::cut::{CUT, Cut};

pub(crate) const TRANSPORTS: [Transport; 4] =
    [Transport::WebSocket, Transport::EventStream, Transport::LongPoll, Transport::IntervalPoll];

/// What a follower hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// The stream stands; polls have no such news.
    Open,
    Event {
        cursor: Cursor,
        topic: String,
        data: String,
    },
    Reset {
        why: String,
        next: Cursor,
    },
    /// The connection is gone, by our own [`Kill`] or otherwise.
    Lost {
        killed: bool,
    },
}

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kill {
    Never,
    /// When so many bytes were read.
    Read(usize),
    /// When so many bytes were written.
    Written(usize),
}

/// A client of the server, whatever its connection is doing.
pub(crate) struct Follower {
    server: SocketAddr,
    clock: Clock,
    link: Option<Link>,
    heard: VecDeque<News>,
    /// Where the next connection is cut.
    pub(crate) kill: Kill,
    /// Whether the connection's death is an RST, as when a machine loses power and comes back.
    pub(crate) with_reset: bool,
    /// The kernel's buffer for what this client has not read.
    pub(crate) receive_buffer_bytes: Option<u32>,
}

enum Link {
    Apart(Box<Client>),
    Connected(Box<Driver<Cut, Client>>),
}

impl Follower {
    /// A follower of what `query` names. Event streams carry whole documents, as the others do.
    pub(crate) fn new(server: SocketAddr, query: &str, transport: Transport, start: Start) -> Self {
        let clock = Clock::start();
        let host = FieldValue::new(server.to_string()).expect("an address is visible ASCII");
        let mut config = Config::new(host, &format!("{query}&envelope=true"));
        config.every = Duration::from_millis(20);
        // Quick, and yet no more polls than a server answers on one connection.
        config.poll.min_gap = Duration::from_millis(10);
        let entropy = || Entropy::new(|bytes| rand::fill(bytes));
        let client = Client::new(config, transport, start, entropy, clock.now());
        Self {
            server,
            clock,
            link: Some(Link::Apart(Box::new(client))),
            heard: VecDeque::new(),
            kill: Kill::Never,
            with_reset: false,
            receive_buffer_bytes: None,
        }
    }

    /// Returns the next news. Connects, and connects again, by itself. Cancel-safe.
    pub(crate) async fn next(&mut self) -> News {
        loop {
            if let Some(news) = self.heard.pop_front() {
                return news;
            }
            match self.link.as_mut().expect("it is put back at once") {
                Link::Apart(client) => {
                    let at = client.connect_at();
                    let at = at.unwrap_or_else(|| unreachable!("stopped: {:?}", client.stopped()));
                    tokio::time::sleep_until(self.clock.at(at)).await;
                    self.connect().await;
                }
                Link::Connected(driver) => match driver.next_event() {
                    Ok(Some((event, peer))) => take(event, peer.machine, peer.now, &mut self.heard),
                    Ok(None) => match driver.ready().await {
                        Ok(Ready::Again) => {}
                        Ok(Ready::Over) => self.lose(false),
                        Err(error) => self.lose(error.kind() == CUT),
                    },
                    // A server that dies in mid-answer is an error, too; then the stream is over.
                    Err(_) => {}
                },
            }
        }
    }

    /// The next event; resets and losses are not expected.
    pub(crate) async fn event(&mut self) -> (Cursor, String, String) {
        loop {
            match self.next().await {
                News::Open => {}
                News::Event { cursor, topic, data } => return (cursor, topic, data),
                other @ (News::Reset { .. } | News::Lost { .. }) => unreachable!("{other:?}"),
            }
        }
    }

    /// Drops the connection, if there is one, and whatever has arrived but was not taken.
    pub(crate) fn drop_connection(&mut self) {
        self.lose(true);
    }

    /// Goes on over another transport, at once and on a new connection.
    pub(crate) fn switch(&mut self, transport: Transport) {
        self.drop_connection();
        if let Some(Link::Apart(client)) = &mut self.link {
            client.switch(transport, self.clock.now());
        }
    }

    async fn connect(&mut self) {
        let socket = TcpSocket::new_v4().expect("there are sockets");
        if let Some(bytes) = self.receive_buffer_bytes {
            socket.set_recv_buffer_size(bytes).expect("the kernel takes it");
        }
        let connected = socket.connect(self.server).await;
        let Some(Link::Apart(mut client)) = self.link.take() else { return };
        let now = self.clock.now();
        let Ok(socket) = connected else {
            client.disconnected(now);
            self.link = Some(Link::Apart(client));
            return;
        };
        if self.with_reset {
            socket.set_zero_linger().expect("the kernel takes it");
        }
        let (reads, writes) = match self.kill {
            Kill::Never => (usize::MAX, usize::MAX),
            Kill::Read(bytes) => (bytes, usize::MAX),
            Kill::Written(bytes) => (usize::MAX, bytes),
        };
        let mut driver = Driver::new(Cut::new(socket, reads, writes), *client, self.clock);
        let peer = driver.peer();
        peer.machine.connected(peer.outbox, peer.now).expect("the configuration can be sent");
        self.link = Some(Link::Connected(Box::new(driver)));
    }

    fn lose(&mut self, killed: bool) {
        self.link = match self.link.take() {
            Some(Link::Connected(driver)) => {
                let mut client = driver.into_machine();
                client.disconnected(self.clock.now());
                self.heard.push_back(News::Lost { killed });
                Some(Link::Apart(Box::new(client)))
            }
            apart => apart,
        };
    }
}

/// Takes what came and tells the client how far that went.
fn take(event: Event, client: &mut Client, now: Instant, heard: &mut VecDeque<News>) {
    match event {
        Event::Open => heard.push_back(News::Open),
        Event::Skipped(limit) => unreachable!("an event was passed over: {limit}"),
        Event::Received(received) => heard.push_back(read(&json(received.data.as_bytes()))),
        Event::Message(message) => {
            let news = read(&json(&message));
            match &news {
                News::Event { cursor, .. } | News::Reset { next: cursor, .. } => {
                    client.seen(*cursor);
                }
                News::Open | News::Lost { .. } => {}
            }
            heard.push_back(news);
        }
        Event::Answer { is_reset: true, body } => {
            let news = read(&json(&body));
            if let News::Reset { next, .. } = &news {
                client.delivered(*next, false, None, now);
            }
            heard.push_back(news);
        }
        Event::Answer { is_reset: false, body } => {
            let answer = json(&body);
            let events = answer["events"].as_array().expect("an answer lists events");
            heard.extend(events.iter().map(read));
            let more = answer["more"].as_bool().expect("an answer says whether there is more");
            // The test's own rhythm holds, not the server's advice.
            client.delivered(cursor(&answer["next"]), more, None, now);
        }
    }
}

/// An event or a reset, as the interface documents them.
fn read(document: &Value) -> News {
    if document["reset"].is_string() {
        return News::Reset { why: text(&document["reset"]), next: cursor(&document["next"]) };
    }
    News::Event {
        cursor: cursor(&document["cursor"]),
        topic: text(&document["topic"]),
        data: text(&document["data"]),
    }
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("the server speaks JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn cursor(value: &Value) -> Cursor {
    value.as_str().and_then(|text| text.parse().ok()).expect("a cursor")
}
