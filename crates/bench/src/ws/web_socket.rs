//! web-socket, over an asynchronous stream that is buffered for it.

use tokio::io::{BufReader, BufWriter};
use web_socket::{Event, WebSocket};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage, at_once};
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const WEB_SOCKET: Contestant = Contestant {
    name: "web-socket",
    rank: Rank::Unchecked,
    note: "checks no UTF-8, assembles no fragments, answers no ping; reads through a BufReader, \
        writes bursts through a BufWriter",
    skill: Skill { receive, send },
};

fn receive(Stage { case, wire, .. }: Stage) -> Receive {
    let wire = BufReader::with_capacity(Wire::READ, wire);
    let mut socket = match case.end {
        End::Server => WebSocket::server(wire),
        End::Client => WebSocket::client(wire),
    };
    Box::new(move |tally| {
        at_once(async {
            for _ in 0..case.units() {
                if let Event::Data { data, .. } = socket.recv().await.expect("a tape has no end") {
                    tally.take(&data);
                }
            }
        });
    })
}

fn send(Stage { case, messages, wire }: Stage) -> Send {
    // What is no burst passes the buffer by.
    let wire = BufWriter::with_capacity(if case.burst() > 1 { 128 << 10 } else { 1 << 10 }, wire);
    let mut socket = match case.end {
        End::Server => WebSocket::server(wire),
        End::Client => WebSocket::client(wire),
    };
    let texts: Vec<String> =
        if messages.is_text() { messages.texts().map(str::to_owned).collect() } else { Vec::new() };
    Box::new(move || {
        at_once(async {
            for burst in texts.chunks(case.burst()) {
                for text in burst {
                    socket.send(&text[..]).await.expect("it is open");
                }
                socket.flash().await.expect("a sink takes all");
            }
            for burst in messages.items().chunks(case.burst()).filter(|_| texts.is_empty()) {
                for bytes in burst {
                    socket.send(&bytes[..]).await.expect("it is open");
                }
                socket.flash().await.expect("a sink takes all");
            }
        });
    })
}
