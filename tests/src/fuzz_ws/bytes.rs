//! One side of a connection reads any bytes, and what that costs is counted: calls, memory and
//! output. That cutting does not matter is `cuts`' business.

use std::time::Duration;

use allocation_counter::measure;
use bytes::Buf;
use tidewire::ws::{CloseCode, Config, Connection, Event, FrameHeader, Prepared, SendError};
use tidewire_core::{Inbox, Instant, Outbox, Protocol};

use super::Plan;
use crate::dice::Dice;
use crate::ends::{Role, WebSocket};

/// A server reads the bytes behind the plan.
pub fn server_bytes(data: &[u8]) {
    check(data, Role::Server);
}

/// A client reads the bytes behind the plan.
pub fn client_bytes(data: &[u8]) {
    check(data, Role::Client);
}

fn check(data: &[u8], role: Role) {
    let Some((plan, input)) = Plan::read(data) else { return };
    let mut config = plan.config();
    config.max_outbox_bytes = if plan.has(Plan::SMALL) { 600 } else { 100_000 };
    let socket = plan.socket(role, config);
    let mut turns = 0;
    let used = measure(|| turns = Run::new(plan, &socket).read_all(input));
    let (bytes, most) = (used.bytes_max, max_heap_bytes(&socket));
    assert!(bytes <= most, "Bound: {bytes} bytes of heap, {most} allowed");
    let most = ALLOCATIONS_PER_STEP * (turns + input.len() as u64);
    assert!(used.count_total <= most, "Bound: {} allocations", used.count_total);
}

/// What a connection, its buffers and a message may come to at once. A buffer that grows is there
/// twice for a moment, and may then be twice as large as its content.
fn max_heap_bytes(socket: &WebSocket) -> u64 {
    let Config { max_frame_bytes, max_message_bytes, max_outbox_bytes, .. } = *socket.config;
    let frame = max_frame_bytes.min(max_message_bytes) + FrameHeader::MAX_LEN;
    let inbox = frame + MAX_PIECE_BYTES;
    let outbox = max_outbox_bytes + max_message_bytes;
    let buffers = 4 * (inbox + max_message_bytes + outbox);
    let codecs = if socket.deflate.is_some() { CODECS_BYTES + 2 * max_message_bytes } else { 0 };
    (buffers + codecs + SMALL_THINGS_BYTES) as u64
}

/// A connection and all that happens to it.
struct Run {
    plan: Plan,
    dice: Dice,
    connection: Connection,
    inbox: Inbox,
    outbox: Outbox,
    now: Instant,
    /// How often `next_event` had nothing more to tell.
    turns: u64,
    events: u64,
    refused: u64,
    is_over: bool,
}

impl Run {
    fn new(plan: Plan, socket: &WebSocket) -> Self {
        Self {
            plan,
            dice: plan.dice(),
            connection: socket.connection(),
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            now: Instant::ORIGIN,
            turns: 0,
            events: 0,
            refused: 0,
            is_over: false,
        }
    }

    /// Reads all, then lets time pass until nothing more is due. Returns the number of turns.
    fn read_all(mut self, input: &[u8]) -> u64 {
        let is_active = self.plan.has(Plan::ACTIVE);
        let mut rest = input;
        while !rest.is_empty() && !self.is_over {
            assert!(self.inbox.room() > 0, "a connection never stops reading");
            let len = self.dice.cut(rest.len()).min(self.inbox.room()).min(MAX_PIECE_BYTES);
            let (piece, behind) = rest.split_at(len);
            self.inbox.push(piece);
            rest = behind;
            self.turn();
            if is_active {
                self.act();
                self.turn();
            }
        }
        if !is_active {
            let (pushed, most) = (self.outbox.pushed(), 3 * input.len() + MAX_CONTROL_BYTES);
            assert!(pushed <= most as u64, "Bound: {pushed} bytes for {}", input.len());
        }
        let most = input.len() as u64 + self.refused + 1;
        assert!(self.events <= most, "Bound: {} events for {} bytes", self.events, input.len());
        if is_active && self.dice.roll(2) == 0 {
            self.inbox.end();
        }
        self.outlive();
        self.turns
    }

    /// Takes events until there are none.
    fn turn(&mut self) {
        loop {
            let was_over = self.is_over;
            match self.connection.next_event(&mut self.inbox, &mut self.outbox, self.now) {
                Ok(None) => break,
                Ok(Some(event)) => {
                    let told = owned_bytes(&event);
                    assert!(told <= self.connection.config().max_message_bytes.max(125));
                    self.is_over |= matches!(event, Event::Closed(_));
                    if self.plan.has(Plan::ACTIVE) {
                        let done = echo(&mut self.connection, event, &mut self.outbox);
                        self.refused += u64::from(done.is_err());
                    }
                }
                Err(error) => {
                    assert!(self.outbox.is_ended(), "{error} is the end");
                    self.is_over = true;
                }
            }
            assert!(!was_over, "the last event is the last");
            assert!(!self.is_over || !self.connection.is_open());
            self.events += 1;
        }
        self.turns += 1;
        assert!(self.connection.deadline().is_none_or(|at| at > self.now), "Quiet");
        let Config { max_frame_bytes, max_message_bytes, max_outbox_bytes, .. } =
            *self.connection.config();
        assert!(self.inbox.len() <= max_frame_bytes + FrameHeader::MAX_LEN, "Bound: inbox");
        // An empty outbox takes one message of any length, a full one the keepalive's pings and a Close.
        let sent = if self.plan.has(Plan::ACTIVE) { max_message_bytes + 1000 } else { 0 };
        let pings = FrameHeader::MAX_LEN * self.turns as usize;
        let most = max_outbox_bytes.max(sent) + MAX_CONTROL_BYTES + pings;
        assert!(self.outbox.len() <= most, "Bound: {} bytes wait", self.outbox.len());
    }

    /// Something that the application, the clock or the reading peer does.
    fn act(&mut self) {
        let waiting = self.outbox.len();
        let (connection, outbox) = (&mut self.connection, &mut self.outbox);
        let was_open = connection.is_open();
        let done = match self.dice.roll(16) {
            0 => connection.ping(b"?", outbox, self.now),
            1 => connection.pong(b"!", outbox),
            2 => connection.begin_text("tide ", outbox),
            3 => connection.continue_text("tide ", outbox),
            4 => connection.begin_binary(&[0; 100], outbox),
            5 => connection.finish(outbox),
            6 => connection.send_prepared(&Prepared::binary(&[7; 600]), outbox),
            7 => connection.close(CloseCode::NORMAL, "ebb", outbox, self.now),
            8 | 9 => {
                self.now += Duration::from_secs(self.dice.roll(40) as u64);
                return;
            }
            10 | 11 => return outbox.advance(waiting),
            12 => return outbox.advance(self.dice.roll(waiting + 1)),
            _ => return,
        };
        if let Err(error) = done {
            self.refused += 1;
            assert_eq!(outbox.len(), waiting, "{error} wrote something");
            assert_eq!(error == SendError::NotOpen, !was_open, "{error}");
        }
    }

    /// Time passes until nothing is due; then nothing more is told or said.
    fn outlive(&mut self) {
        for _ in 0..1000 {
            let Some(deadline) = self.connection.deadline() else { break };
            self.now = deadline;
            self.turn();
        }
        assert!(self.connection.deadline().is_none(), "a silent peer is given up");
        assert!(self.is_over && self.outbox.is_ended());
        let pushed = self.outbox.pushed();
        self.now += Duration::from_secs(3600);
        self.inbox.push(b"\x81\x00");
        self.inbox.end();
        self.turn();
        assert_eq!(self.outbox.pushed(), pushed, "the last word was said");
    }
}

/// How much of the peer's an event holds.
fn owned_bytes(event: &Event<'_>) -> usize {
    match event {
        Event::Text(text) | Event::TextPart { text, .. } => {
            assert!(str::from_utf8(text.as_bytes()).is_ok(), "a text is UTF-8");
            text.len()
        }
        Event::Binary(bytes)
        | Event::BinaryPart { bytes, .. }
        | Event::Ping(bytes)
        | Event::Pong(bytes) => bytes.len(),
        Event::Closed(closed) => closed.reason.len(),
        Event::Drained => 0,
    }
}

fn echo(
    connection: &mut Connection,
    event: Event<'_>,
    outbox: &mut Outbox,
) -> Result<(), SendError> {
    match event {
        Event::Text(text) | Event::TextPart { text, .. } => connection.send_text(&text, outbox),
        Event::Binary(bytes) | Event::BinaryPart { bytes, .. } => {
            connection.send_prepared(&bytes.into_bytes().into(), outbox)
        }
        Event::Ping(_) | Event::Pong(_) | Event::Drained | Event::Closed(_) => Ok(()),
    }
}

const MAX_PIECE_BYTES: usize = 256;

/// A control frame of a client.
const MAX_CONTROL_BYTES: usize = 131;

/// The compressor at the defaults and the decompressor.
const CODECS_BYTES: usize = 360 * 1024;

/// What has a fixed size.
const SMALL_THINGS_BYTES: usize = 2 * 1024;

const ALLOCATIONS_PER_STEP: u64 = 8;
