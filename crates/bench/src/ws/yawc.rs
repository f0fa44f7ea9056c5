//! yawc, as a connection over an asynchronous stream and as the codec inside it.

use std::io::Write;

use bytes::BytesMut;
use futures_util::SinkExt;
use tokio_util::codec::{Decoder as _, Encoder as _};
use yawc::codec::{Decoder, Encoder};
use yawc::{Frame, Options, Role, WebSocket};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage, at_once};
use super::message::Messages;
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const YAWC: Contestant = Contestant {
    name: "yawc",
    rank: Rank::Whole,
    note: "`next_frame`, `feed` and `flush`, with `with_utf8`, which is off by default",
    skill: Skill { receive, send },
};

pub(crate) const YAWC_CODEC: Contestant = Contestant {
    name: "yawc codec",
    rank: Rank::Unchecked,
    note: "`Decoder` and `Encoder`: checks no UTF-8, assembles no fragments, answers nothing",
    skill: Skill { receive: decode, send: encode },
};

const LIMIT: usize = 16 << 20;

fn role(end: End) -> Role {
    match end {
        End::Server => Role::Server,
        End::Client => Role::Client,
    }
}

fn socket(end: End, wire: Wire) -> WebSocket<Wire> {
    let options = Options::default()
        .with_utf8()
        .with_limits(LIMIT, LIMIT)
        .with_read_buffer_capacity(Wire::READ)
        .with_write_buffer_capacity(128 << 10)
        .with_backpressure_boundary(128 << 10);
    WebSocket::from_stream(wire, role(end), options).expect("the options are sound")
}

fn frames(messages: &Messages) -> Vec<Frame> {
    let items = messages.items().iter().cloned();
    if messages.is_text() {
        items.map(Frame::text).collect()
    } else {
        items.map(Frame::binary).collect()
    }
}

fn receive(Stage { case, wire, .. }: Stage) -> Receive {
    let mut socket = socket(case.end, wire);
    Box::new(move |tally| {
        at_once(async {
            for _ in 0..case.units() {
                let frame = socket.next_frame().await.expect("the peer is honest");
                tally.take(frame.payload());
            }
        });
    })
}

fn send(Stage { case, messages, wire }: Stage) -> Send {
    let mut socket = socket(case.end, wire);
    let frames = frames(&messages);
    Box::new(move || {
        at_once(async {
            for burst in frames.chunks(case.burst()) {
                for frame in burst {
                    socket.feed(frame.clone()).await.expect("it is open");
                }
                socket.flush().await.expect("a sink takes all");
            }
        });
    })
}

fn decode(Stage { case, mut wire, .. }: Stage) -> Receive {
    let mut decoder = Decoder::new(role(case.end), LIMIT);
    let mut input = BytesMut::new();
    Box::new(move |tally| {
        while tally.count < case.units() {
            input.reserve(Wire::READ);
            wire.fill(&mut input);
            while let Some(frame) = decoder.decode(&mut input).expect("the peer is honest") {
                tally.take(frame.payload());
            }
        }
    })
}

fn encode(Stage { case, messages, mut wire }: Stage) -> Send {
    let mut encoder = Encoder::new(role(case.end));
    let mut output = BytesMut::new();
    let frames = frames(&messages);
    Box::new(move || {
        for burst in frames.chunks(case.burst()) {
            for frame in burst {
                encoder.encode(frame.clone(), &mut output).expect("it encodes anything");
            }
            wire.write_all(&output).expect("a sink takes all");
            output.clear();
        }
    })
}
