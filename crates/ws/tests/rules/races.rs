//! Two ends that send, ping and close whenever they like, over a stream that delivers whenever it
//! likes. RFC 6455 §5.5.1, §7.1.

use proptest::prelude::*;
use tidewire_ws::{CloseCode, Closed, Side};

use crate::kit::{Fact, Link, Role};

#[derive(Clone, Debug)]
enum Act {
    Send(usize),
    Ping(usize),
    Close(usize),
    /// Brings so many of the bytes that this end has written to the other.
    Deliver(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let end = 0..2_usize;
    prop_oneof![
        4 => end.clone().prop_map(Act::Send),
        2 => end.clone().prop_map(Act::Ping),
        1 => end.clone().prop_map(Act::Close),
        8 => (end, 1..60_usize).prop_map(|(end, len)| Act::Deliver(end, len)),
    ]
}

/// One end, what it said and heard, and what of its bytes is under way.
struct End {
    link: Link,
    code: CloseCode,
    said: Vec<String>,
    heard: Vec<String>,
    closed: Vec<Closed>,
    under_way: Vec<u8>,
    closes_sent: usize,
}

impl End {
    fn new(link: Link, code: u16) -> Self {
        let code = CloseCode::new(code).unwrap();
        let (said, heard, closed, under_way) = (vec![], vec![], vec![], vec![]);
        Self { link, code, said, heard, closed, under_way, closes_sent: 0 }
    }

    fn send(&mut self) {
        let text = format!("message {}", self.said.len());
        if self.link.connection.send_text(&text, &mut self.link.outbox).is_ok() {
            self.said.push(text);
        }
    }

    fn ping(&mut self) {
        let link = &mut self.link;
        let _ = link.connection.ping(b"?", &mut link.outbox, link.now);
    }

    fn close(&mut self) {
        let link = &mut self.link;
        let _ = link.connection.close(self.code, "", &mut link.outbox, link.now);
    }

    fn hear(&mut self, bytes: &[u8]) {
        for fact in self.link.feed(bytes) {
            match fact {
                Fact::Text(text) => self.heard.push(text),
                Fact::Ping(_) | Fact::Pong(_) => {}
                Fact::Closed(closed) => self.closed.push(closed),
                other => panic!("{other:?}"),
            }
        }
    }

    fn write(&mut self) {
        let is_client = self.link.role == Role::Client;
        let bytes = self.link.written();
        let frames = crate::kit::frames(&bytes, is_client);
        self.closes_sent += frames.iter().filter(|(first, _)| *first == 0x88).count();
        self.under_way.extend(bytes);
    }
}

fn deliver(ends: &mut [End; 2], from: usize, len: usize) {
    let sender = &mut ends[from];
    sender.write();
    let len = len.min(sender.under_way.len());
    let bytes: Vec<u8> = sender.under_way.drain(..len).collect();
    ends[1 - from].hear(&bytes);
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "so many steps take minutes")]
    fn closes_that_race_end_both_sides_once_and_clean(acts in prop::collection::vec(act(), 0..60)) {
        let mut ends = [End::new(Link::server(), 4000), End::new(Link::client(), 4001)];
        for act in acts.into_iter().chain([Act::Close(0)]) {
            match act {
                Act::Send(end) => ends[end].send(),
                Act::Ping(end) => ends[end].ping(),
                Act::Close(end) => ends[end].close(),
                Act::Deliver(end, len) => deliver(&mut ends, end, len),
            }
        }
        for _ in 0..3 {
            deliver(&mut ends, 0, usize::MAX);
            deliver(&mut ends, 1, usize::MAX);
        }
        prop_assert!(ends[0].link.outbox.is_finished(), "the server ends the stream first");
        prop_assert_eq!(ends[1].link.end(), []);
        prop_assert!(ends[1].link.outbox.is_finished());

        for [end, other] in [[&ends[0], &ends[1]], [&ends[1], &ends[0]]] {
            let [closed] = &end.closed[..] else { panic!("{:?}", end.closed) };
            prop_assert!(closed.clean);
            prop_assert_eq!(end.closes_sent, 1);
            // Who closed first hears the echo of its own code, unless the Closes crossed.
            let code = closed.code.unwrap();
            prop_assert!(code == end.code || code == other.code);
            prop_assert!(closed.by == Side::Local || code == other.code);
            // What it did not hear came behind its own Close; until then it heard all in order.
            prop_assert!(other.said.starts_with(&end.heard));
            prop_assert!(closed.by == Side::Local || end.heard == other.said);
        }
        prop_assert!(ends.iter().any(|end| end.closed[0].by == Side::Local));
    }
}
