//! tokio-websockets, over an asynchronous stream.

use futures_util::{SinkExt, StreamExt};
use tokio_websockets::{ClientBuilder, Config, Message, ServerBuilder, WebSocketStream};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage, at_once};
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const TOKIO_WEBSOCKETS: Contestant = Contestant {
    name: "tokio-websockets",
    rank: Rank::Whole,
    note: "`next`, `feed` and `flush`; sends shared Bytes by vectored writes",
    skill: Skill { receive, send },
};

fn socket(end: End, wire: Wire) -> WebSocketStream<Wire> {
    // A burst leaves with its flush, not before.
    let config = Config::default().flush_threshold(128 << 10);
    match end {
        End::Server => ServerBuilder::new().config(config).serve(wire),
        End::Client => ClientBuilder::new().config(config).take_over(wire),
    }
}

fn receive(Stage { case, wire, .. }: Stage) -> Receive {
    let mut socket = socket(case.end, wire);
    Box::new(move |tally| {
        at_once(async {
            for _ in 0..case.units() {
                let message = socket.next().await.expect("a tape has no end");
                tally.take(message.expect("the peer is honest").as_payload());
            }
        });
    })
}

fn send(Stage { case, messages, wire }: Stage) -> Send {
    let mut socket = socket(case.end, wire);
    let items = messages.items().iter().cloned();
    let messages: Vec<Message> = if messages.is_text() {
        items.map(Message::text).collect()
    } else {
        items.map(Message::binary).collect()
    };
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
