//! sockudo-ws, as a connection over an asynchronous stream and as the codec inside it.

use std::io::Write;

use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use sockudo_ws::protocol::Protocol;
use sockudo_ws::{Config, Message, Role, WebSocketStream};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage, at_once};
use super::message::Messages;
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const SOCKUDO_WS: Contestant = Contestant {
    name: "sockudo-ws",
    rank: Rank::Whole,
    note: "`next`, `feed` and `flush`, its timers off",
    skill: Skill { receive, send },
};

pub(crate) const SOCKUDO_WS_CODEC: Contestant = Contestant {
    name: "sockudo-ws codec",
    rank: Rank::Part,
    note: "`process_into` and `encode_message`: answers no ping, echoes no Close, keeps no time",
    skill: Skill { receive: decode, send: encode },
};

const LIMIT: usize = 16 << 20;

fn role(end: End) -> Role {
    match end {
        End::Server => Role::Server,
        End::Client => Role::Client,
    }
}

fn socket(end: End, wire: Wire) -> WebSocketStream<Wire> {
    let write_buffer_size = 128 << 10;
    let config =
        Config { auto_ping: false, idle_timeout: 0, write_buffer_size, ..Config::default() };
    let mut socket = WebSocketStream::from_raw(wire, role(end), config);
    // A burst leaves with its flush, not before.
    socket.set_high_water_mark(write_buffer_size);
    socket
}

fn messages_of(messages: &Messages) -> Vec<Message> {
    let items = messages.items().iter().cloned();
    if messages.is_text() {
        items.map(Message::Text).collect()
    } else {
        items.map(Message::Binary).collect()
    }
}

fn receive(Stage { case, wire, .. }: Stage) -> Receive {
    let mut socket = socket(case.end, wire);
    Box::new(move |tally| {
        at_once(async {
            for _ in 0..case.units() {
                let message = socket.next().await.expect("a tape has no end");
                tally.take(message.expect("the peer is honest").as_bytes());
            }
        });
    })
}

fn send(Stage { case, messages, wire }: Stage) -> Send {
    let mut socket = socket(case.end, wire);
    let messages = messages_of(&messages);
    Box::new(move || {
        at_once(async {
            for burst in messages.chunks(case.burst()) {
                for message in burst {
                    socket.feed(message.clone()).await.expect("it is open");
                }
                socket.flush().await.expect("a sink takes all");
            }
        });
    })
}

fn decode(Stage { case, mut wire, .. }: Stage) -> Receive {
    let mut protocol = Protocol::new(role(case.end), LIMIT, LIMIT);
    let (mut input, mut messages) = (BytesMut::new(), Vec::new());
    Box::new(move |tally| {
        while tally.count < case.units() {
            input.reserve(Wire::READ);
            wire.fill(&mut input);
            protocol.process_into(&mut input, &mut messages).expect("the peer is honest");
            for message in messages.drain(..) {
                tally.take(message.as_bytes());
            }
        }
    })
}

fn encode(Stage { case, messages, mut wire }: Stage) -> Send {
    let mut protocol = Protocol::new(role(case.end), LIMIT, LIMIT);
    let mut output = BytesMut::new();
    let messages = messages_of(&messages);
    Box::new(move || {
        for burst in messages.chunks(case.burst()) {
            for message in burst {
                protocol.encode_message(message, &mut output).expect("it encodes anything");
            }
            wire.write_all(&output).expect("a sink takes all");
            output.clear();
        }
    })
}
