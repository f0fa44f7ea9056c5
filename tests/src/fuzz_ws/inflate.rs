//! Two sides agree on compression by any text, talk to each other, and then one of them inflates any
//! bytes.

use allocation_counter::measure;
use bytes::Buf;
use tidewire::http::RequestHead;
use tidewire::ws::deflate::{Codecs, Config as Deflate};
use tidewire::ws::handshake::deflate::{Agreement, WindowBits};
use tidewire::ws::handshake::{Origins, connect, server};
use tidewire::ws::{Config, Connection, Error, Event, FrameHeader, Opcode, Prepared, SendError};
use tidewire_core::{Inbox, Instant, Outbox, Protocol};

use super::terms::{fit, is_allowed, offer, policy};
use crate::ends::{Role, WebSocket};

/// Two bytes for the server's policy; the length of an offer and its text, or if that is zero two
/// bytes for a client's offer; how many messages are sent and these, each as a byte that says how,
/// its length and its bytes; and behind all of it what is inflated.
pub fn negotiate_inflate(data: &[u8]) {
    let Some((&[switches, windows, len], data)) = data.split_first_chunk() else { return };
    // There is nothing to be seen without compression.
    let mut policy = policy([switches | 1, windows]);
    policy.origins = Origins::Any;
    let (text, mut data) = data.split_at(data.len().min(len.max(2).into()));
    let agreed = match (len, text) {
        (0, &[switches, windows]) => agree([switches, windows], &policy),
        _ => agree_on_text(text, &policy).map(|agreement| [agreement; 2]),
    };
    let Some([server, client]) = agreed else { return };
    assert!(is_allowed(server, &policy) && fit(server, client), "{server:?}, {client:?}");
    let mut server = End::new(Role::Server, server);
    let mut client = End::new(Role::Client, client);
    for _ in 0..take(&mut data, 1).first().map_or(0, |count| count % 8) {
        let &[how, len] = take(&mut data, 2) else { return };
        let content = take(&mut data, len.into());
        let (from, to) =
            if how & 0x80 == 0 { (&mut server, &mut client) } else { (&mut client, &mut server) };
        let sent = from.send(how, content);
        assert_eq!(from.carry_to(to), Ok(sent), "Round trip");
    }
    let is_server = data.len() % 2 == 0;
    let (victim, other) = if is_server { (server, client) } else { (client, server) };
    victim.inflate(data, other);
}

/// Takes so many bytes off the front, or as many as there are.
fn take<'d>(data: &mut &'d [u8], len: usize) -> &'d [u8] {
    let (taken, rest) = data.split_at(data.len().min(len));
    *data = rest;
    taken
}

/// What a server and a client come to; each may mean something else by it.
fn agree(terms: [u8; 2], policy: &server::Policy) -> Option<[Agreement; 2]> {
    let offer = offer(terms);
    let request = connect::client::request("/", "a", connect::client::Scheme::Http, &offer);
    let request = request.expect("a good path and host");
    let request = request.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let accepted = connect::server::accept(request, policy).expect("a client wrote it");
    let fields = accepted.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let agreed = connect::client::verify(fields, &offer).expect("it suits the client");
    Some([accepted.deflate?, agreed.deflate?])
}

/// What a server makes of an offer, which is the same in every version of HTTP.
fn agree_on_text(text: &[u8], policy: &server::Policy) -> Option<Agreement> {
    let head = [HEAD.as_bytes(), text, b"\r\n\r\n"].concat();
    let first = RequestHead::parse(&head).ok().map(|head| server::accept(&head, policy));
    let fields = CONNECT.iter().map(|&(name, value)| (name.as_bytes(), value.as_bytes()));
    let fields = fields.chain([(&b"sec-websocket-extensions"[..], text)]);
    let second = connect::server::accept(fields, policy);
    if let (Some(Ok(first)), Ok(second)) = (&first, &second) {
        assert_eq!(first.deflate, second.deflate);
    }
    second.ok()?.deflate
}

/// One end of the connection.
struct End {
    role: Role,
    connection: Connection,
    inbox: Inbox,
    outbox: Outbox,
}

/// A message, as it is sent and as it is told.
#[derive(Debug, PartialEq)]
enum Message {
    Text(String),
    Binary(Vec<u8>),
}

impl End {
    fn new(role: Role, agreement: Agreement) -> Self {
        let mut config = Config::default();
        config.max_message_bytes = MAX_MESSAGE_BYTES;
        let mut deflate = Deflate::default();
        deflate.min_message_bytes = 2;
        let deflate = Some((agreement, deflate));
        let connection = WebSocket { deflate, ..WebSocket::new(role, config) }.connection();
        Self { role, connection, inbox: Inbox::new(), outbox: Outbox::new() }
    }

    /// Sends a message, and returns it.
    fn send(&mut self, how: u8, content: &[u8]) -> Message {
        let message = match how % 8 {
            0 | 1 => Message::Text(String::from_utf8_lossy(content).into_owned()),
            2 => Message::Text(String::from_utf8_lossy(content).repeat(100)),
            3 | 4 => Message::Binary(content.repeat(140)),
            _ => Message::Binary(content.to_vec()),
        };
        let done = self.write(how, &message);
        done.expect("an empty outbox takes any message");
        message
    }

    fn write(&mut self, how: u8, message: &Message) -> Result<(), SendError> {
        let Self { connection, outbox, .. } = self;
        match (message, how >> 3 & 3) {
            (Message::Text(text), 0) => connection.send_text(text, outbox),
            (Message::Binary(bytes), 0) => connection.send_binary(bytes, outbox),
            (message, 1) => {
                let prepared = match message {
                    Message::Text(text) => Prepared::text(text),
                    Message::Binary(bytes) => Prepared::binary(bytes),
                };
                let bits = WindowBits::new(9 + how % 7).expect("9 to 15");
                let prepared = prepared.deflated(bits, Deflate::default(), &mut Codecs::own());
                connection.send_prepared(&prepared, outbox)
            }
            (Message::Text(text), _) => {
                let cut = text.char_indices().nth(3).map_or(0, |(at, _)| at);
                connection.begin_text(&text[..cut], outbox)?;
                connection.ping(b"?", outbox, Instant::ORIGIN)?;
                connection.continue_text(&text[cut..], outbox)?;
                connection.finish(outbox)
            }
            (Message::Binary(bytes), _) => {
                connection.begin_binary(&[], outbox)?;
                for fragment in bytes.chunks(bytes.len() / 3 + 1) {
                    connection.continue_binary(fragment, outbox)?;
                }
                connection.finish(outbox)
            }
        }
    }

    /// Brings what was written to the other end, which tells one message of it.
    fn carry_to(&mut self, other: &mut Self) -> Result<Message, Error> {
        while self.outbox.has_remaining() {
            let len = self.outbox.chunk().len().min(other.inbox.room());
            other.inbox.push(&self.outbox.chunk()[..len]);
            self.outbox.advance(len);
            if let Some(message) = other.read()? {
                assert!(!self.outbox.has_remaining(), "it was the last thing written");
                other.outbox.advance(other.outbox.len());
                return Ok(message);
            }
        }
        panic!("Round trip: a message is lost");
    }

    /// Reads all there is, which is at most one message.
    fn read(&mut self) -> Result<Option<Message>, Error> {
        let mut told = None;
        while let Some(event) =
            self.connection.next_event(&mut self.inbox, &mut self.outbox, Instant::ORIGIN)?
        {
            let message = match event {
                Event::Text(text) => Message::Text(text.as_str().to_owned()),
                Event::Binary(bytes) => Message::Binary(bytes.to_vec()),
                _ => continue,
            };
            assert_eq!(told.replace(message), None, "one message was sent");
        }
        Ok(told)
    }

    /// Reads the bytes as a compressed message, in context. If it takes them, it can still send.
    fn inflate(mut self, payload: &[u8], mut other: Self) {
        let mut told = Ok(None);
        let used = measure(|| {
            let first = self.frame(false, payload.split_at(payload.len() / 2).0);
            let second = self.frame(true, payload.split_at(payload.len() / 2).1);
            self.inbox.push(&first);
            told = self.read();
            if told == Ok(None) {
                self.inbox.push(&second);
                told = self.read();
            }
        });
        let most = (DECOMPRESSOR_BYTES + 6 * MAX_MESSAGE_BYTES + 16 * payload.len()) as u64;
        assert!(used.bytes_max <= most, "Bound: {} bytes of heap", used.bytes_max);
        match told {
            Ok(Some(Message::Binary(bytes))) => assert!(bytes.len() <= MAX_MESSAGE_BYTES),
            Err(Error::InvalidDeflate | Error::MessageTooBig { .. }) => {
                assert!(self.outbox.is_ended());
                return;
            }
            other => panic!("a compressed binary came to {other:?}"),
        }
        let sent = self.send(0, b"still here");
        assert_eq!(self.carry_to(&mut other), Ok(sent), "Round trip");
    }

    /// A frame to this end. A mask of zeros leaves all as it is.
    fn frame(&self, is_last: bool, payload: &[u8]) -> Vec<u8> {
        let header = FrameHeader {
            fin: is_last,
            compressed: !is_last,
            opcode: if is_last { Opcode::Continuation } else { Opcode::Binary },
            mask: (self.role == Role::Server).then_some([0; 4]),
            len: payload.len() as u64,
        };
        [header.encode(&mut [0; FrameHeader::MAX_LEN]), payload].concat()
    }
}

const HEAD: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: ";

const CONNECT: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "https"),
    (":path", "/"),
    (":authority", "a"),
    ("sec-websocket-version", "13"),
];

/// A message of 255 bytes, 140 times: more than the largest window. As a text it may grow.
const MAX_MESSAGE_BYTES: usize = 80_000;

const DECOMPRESSOR_BYTES: usize = 128 * 1024;
