//! The server's stream sends, waits and drains in any order, and a client reads what arrives. What
//! the frames hold is not at stake here.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Buf, Bytes};
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_sse::{
    Decoder, Ending, Interest, Item, Limits, SendError, Stream, StreamConfig, StreamError,
    StreamEvent,
};

/// Drives a stream as the bytes say. Each frame that was taken arrives once and whole, signs of life
/// come in time and between frames, and nothing follows the end.
///
/// # Panics
///
/// If the stream breaks one of its laws.
pub fn server_stream(data: &[u8]) {
    let Some((&[policy, fill], script)) = data.split_first_chunk() else { return };
    assert_eq!(Run::new(policy, fill).play(script), Run::new(policy, fill).play(script), "Replay");
}

struct Run {
    config: StreamConfig,
    stream: Stream,
    outbox: Outbox,
    now: Instant,
    client: Client,
    /// How many frames were taken.
    sent: u64,
    /// When a frame was last sent or announced, or the stream last looked at the time.
    alive: Instant,
    /// When bytes were first seen to wait while the client took none, and how many it had taken.
    stalled: Option<(Instant, u64)>,
    is_over: bool,
}

impl Run {
    fn new(policy: u8, fill: u8) -> Self {
        let mut config = StreamConfig::default();
        config.max_unsent_bytes = 100;
        if policy & 1 == 1 {
            config.keep_alive_every = None;
        }
        if policy & 2 == 2 {
            config.max_lifetime = Some(Duration::from_secs(100));
        }
        if policy & 4 == 4 {
            config.max_stall = None;
        }
        if policy & 8 == 8 {
            config.retry = None;
        }
        let mut jitter = Entropy::new(move |bytes| bytes.fill(fill));
        Self {
            stream: Stream::new(config.clone(), &mut jitter, Instant::ORIGIN),
            config,
            outbox: Outbox::new(),
            now: Instant::ORIGIN,
            client: Client::new(),
            sent: 0,
            alive: Instant::ORIGIN,
            stalled: None,
            is_over: false,
        }
    }

    /// Returns all bytes that went out.
    fn play(mut self, script: &[u8]) -> Vec<u8> {
        for step in script.chunks_exact(2) {
            let amount = u64::from(step[1]);
            match step[0] % 8 {
                0 => self.now += Duration::from_millis(amount * amount),
                1 => self.now = self.stream.deadline().unwrap_or(self.now).max(self.now),
                2 | 3 => self.send(step[1].into()),
                4 => self.touch(),
                5 => self.drain(self.outbox.len()),
                6 => self.drain(self.outbox.len().min(step[1].into())),
                _ if amount > 200 => self.finish(amount % 2 == 1),
                _ => continue,
            }
            self.turn();
        }
        self.drain(self.outbox.len());
        assert!(self.is_over || self.client.expected.is_empty(), "all frames have arrived");
        self.client.bytes
    }

    /// A frame of a number and so many letters.
    fn send(&mut self, len: usize) {
        let data = format!("{} {}", self.sent, "x".repeat(len));
        let frame = Bytes::from(format!("data: {data}\n\n"));
        let (was_open, waiting) = (self.stream.is_open(), self.outbox.len());
        match self.stream.send(&frame, &mut self.outbox, self.now) {
            Ok(()) => {
                assert!(was_open && waiting < self.config.max_unsent_bytes);
                self.client.expected.push_back(data);
                self.sent += 1;
                self.alive = self.now;
            }
            Err(SendError::NotOpen) => assert!(!was_open),
            Err(_) => assert!(was_open && waiting >= self.config.max_unsent_bytes),
        }
        let taken = if self.alive == self.now { frame.len() } else { 0 };
        assert!(self.outbox.len() == waiting || self.outbox.len() == waiting + taken);
    }

    fn touch(&mut self) {
        let was_open = self.stream.is_open();
        assert_eq!(self.stream.touch(self.now).is_ok(), was_open);
        if was_open {
            self.alive = self.now;
        }
    }

    fn finish(&mut self, with_retry: bool) {
        let was_open = self.stream.is_open();
        let retry = with_retry.then_some(Duration::from_secs(7));
        assert_eq!(self.stream.finish(retry, &mut self.outbox).is_ok(), was_open);
        assert!(self.outbox.is_ended() && !self.stream.is_open());
    }

    /// The client takes so many bytes.
    fn drain(&mut self, len: usize) {
        self.client.read(&self.outbox.copy_to_bytes(len));
    }

    fn turn(&mut self) {
        let (was_open, pushed) = (self.stream.is_open(), self.outbox.pushed());
        let waited = !self.outbox.is_empty();
        loop {
            match self.stream.next_event(&mut Inbox::new(), &mut self.outbox, self.now) {
                Ok(None) => break,
                Ok(Some(StreamEvent::Ended(ending))) => {
                    assert_eq!(ending == Ending::Expired, was_open);
                    assert!(!was_open || self.config.max_lifetime.is_some());
                }
                Err(StreamError::Stalled { limit }) => {
                    assert_eq!(Some(limit), self.config.max_stall);
                    let (since, taken) = self.stalled.expect("bytes wait");
                    assert!(since + limit <= self.now && taken == self.outbox.taken());
                }
                other => unreachable!("a word that nobody knows: {other:?}"),
            }
            assert!(!self.is_over, "one last word");
            self.is_over = true;
        }
        assert_eq!(self.is_over, self.outbox.is_ended());
        assert_eq!(self.is_over, !self.stream.is_open());
        assert!(self.stream.deadline().is_none_or(|at| at > self.now), "Quiet");
        assert!(!self.is_over || self.stream.deadline().is_none());
        if self.stream.is_open() {
            self.check_life(pushed, waited);
        }
        let most = self.config.max_unsent_bytes + MAX_FRAME_BYTES + MAX_HINT_BYTES;
        assert!(self.outbox.len() <= most, "Bound: {} bytes wait", self.outbox.len());
    }

    /// Silence is broken in time, but only where a client listens.
    fn check_life(&mut self, pushed: u64, waited: bool) {
        let written = self.outbox.pushed() - pushed;
        if let Some(every) = self.config.keep_alive_every {
            if self.alive + every <= self.now {
                self.alive = self.now;
                assert_eq!(written, if waited { 0 } else { 2 }, "a sign of life");
            } else {
                assert_eq!(written, 0, "too soon for a sign of life");
            }
        }
        let taken = self.outbox.taken();
        self.stalled = match self.stalled {
            _ if self.outbox.is_empty() => None,
            Some((since, before)) if before == taken => Some((since, before)),
            Some(_) | None => Some((self.now, taken)),
        };
        if let (Some((since, _)), Some(limit)) = (self.stalled, self.config.max_stall) {
            assert!(since + limit > self.now, "a client that takes nothing is given up");
        }
    }
}

/// Reads what arrives and expects the frames that were sent, in order.
struct Client {
    decoder: Decoder,
    expected: VecDeque<String>,
    bytes: Vec<u8>,
}

impl Client {
    fn new() -> Self {
        let mut interest = Interest::default();
        interest.comments = true;
        let decoder = Decoder::new(Limits::default()).with_interest(interest);
        Self { decoder, expected: VecDeque::new(), bytes: Vec::new() }
    }

    fn read(&mut self, mut piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        while let Ok(Some(item)) = self.decoder.decode(&mut piece) {
            match item {
                Item::Event(event) => {
                    let expected = self.expected.pop_front();
                    let data = Some(event.data().to_str_lossy().into_owned());
                    assert_eq!(data, expected, "each frame once, whole and in order");
                }
                Item::Comment(text) => assert!(text.as_bytes().is_empty(), "a sign of life"),
                other => unreachable!("no client asked for {other:?}"),
            }
        }
    }
}

/// The longest frame that is sent here.
const MAX_FRAME_BYTES: usize = 300;

/// When to come back.
const MAX_HINT_BYTES: usize = 20;
