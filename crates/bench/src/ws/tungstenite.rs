//! tungstenite, over a blocking stream.

use tungstenite::Message;
use tungstenite::protocol::{Role, WebSocket};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage};
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const TUNGSTENITE: Contestant = Contestant {
    name: "tungstenite",
    rank: Rank::Whole,
    note: "`read`, `write` and `flush`; keeps each message as Bytes",
    skill: Skill { receive, send },
};

fn socket(end: End, wire: Wire) -> WebSocket<Wire> {
    let role = match end {
        End::Server => Role::Server,
        End::Client => Role::Client,
    };
    WebSocket::from_raw_socket(wire, role, None)
}

fn receive(Stage { case, wire, .. }: Stage) -> Receive {
    let mut socket = socket(case.end, wire);
    Box::new(move |tally| {
        for _ in 0..case.units() {
            match socket.read().expect("the peer is honest") {
                Message::Text(text) => tally.take(text.as_bytes()),
                Message::Binary(bytes) => tally.take(&bytes),
                _ => {}
            }
        }
    })
}

fn send(Stage { case, messages, wire }: Stage) -> Send {
    let mut socket = socket(case.end, wire);
    let messages: Vec<Message> = if messages.is_text() {
        messages.texts().map(Message::text).collect()
    } else {
        messages.items().iter().cloned().map(Message::Binary).collect()
    };
    Box::new(move || {
        for burst in messages.chunks(case.burst()) {
            for message in burst {
                socket.write(message.clone()).expect("it is open");
            }
            socket.flush().expect("a sink takes all");
        }
    })
}
