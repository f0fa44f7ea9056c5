//! fastwebsockets, over an asynchronous stream.

use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, Role, WebSocket};

use super::case::End;
use super::contest::{Contestant, Receive, Send, Skill, Stage, at_once};
use super::wire::Wire;
use crate::contest::{Case as _, Rank};

pub(crate) const FASTWEBSOCKETS: Contestant = Contestant {
    name: "fastwebsockets",
    rank: Rank::Whole,
    note: "`FragmentCollector`; writes each message at once, for it has no buffer; as a client, from a copy \
        of ours, as it masks in place",
    skill: Skill { receive, send },
};

fn socket(end: End, wire: Wire) -> FragmentCollector<Wire> {
    let role = match end {
        End::Server => Role::Server,
        End::Client => Role::Client,
    };
    FragmentCollector::new(WebSocket::after_handshake(wire, role))
}

fn receive(Stage { case, wire, .. }: Stage) -> Receive {
    let mut socket = socket(case.end, wire);
    Box::new(move |tally| {
        at_once(async {
            for _ in 0..case.units() {
                let frame = socket.read_frame().await.expect("the peer is honest");
                tally.take(&frame.payload);
            }
        });
    })
}

fn send(Stage { case, messages, wire }: Stage) -> Send {
    let mut socket = socket(case.end, wire);
    let opcode = if messages.is_text() { OpCode::Text } else { OpCode::Binary };
    let mut copy = Vec::new();
    Box::new(move || {
        at_once(async {
            for item in messages.items() {
                // A client masks in place what it sends. Our copy is cheaper than its own.
                let payload = if case.end == End::Client {
                    copy.clear();
                    copy.extend_from_slice(item);
                    Payload::BorrowedMut(&mut copy)
                } else {
                    Payload::Borrowed(item)
                };
                let frame = Frame::new(true, opcode, None, payload);
                socket.write_frame(frame).await.expect("it is open");
            }
        });
    })
}
