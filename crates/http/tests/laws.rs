//! The laws that hold whatever the peer sends: hostile bytes, mutated cases, and round trips.
#![allow(clippy::panic, clippy::unwrap_used, reason = "this is test code")]

#[allow(unreachable_pub, reason = "the bodies are public where they live")]
#[path = "../../../tests/src/fuzz_http.rs"]
mod fuzz_http;

use base64::Engine;
use bytes::Buf;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{
    Body, Client, ClientConfig, FieldName, FieldValue, Fields, Request, Response, Server,
    ServerConfig, client, server,
};

const CASES: &str = include_str!("../../../tests/data/http1_messages.json");

/// The inputs of all cases for this role.
fn inputs(role: &str) -> Vec<Vec<u8>> {
    let cases: Vec<serde_json::Value> = serde_json::from_str(CASES).unwrap();
    let of_role = cases.iter().filter(|case| case["role"] == role);
    let input = |case: &serde_json::Value| {
        base64::engine::general_purpose::STANDARD
            .decode(case["input_base64"].as_str().unwrap())
            .unwrap()
    };
    of_role.map(input).collect()
}

fn hostile() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..300)
}

/// Two cases one behind the other, with some bytes changed, behind a byte that picks the plan.
fn mutated(role: &str) -> impl Strategy<Value = Vec<u8>> {
    let bytes = select(b"\r\n\0 \t:;,=\"\\*/0159aFxX\x7f\xff".to_vec());
    let change = (any::<Index>(), prop_oneof![bytes, any::<u8>()], 0..3_u8);
    let inputs = select(inputs(role));
    (any::<u8>(), inputs.clone(), inputs, prop::collection::vec(change, 0..4)).prop_map(
        |(plan, first, second, changes)| {
            let mut data = [vec![plan], first, second].concat();
            for (index, byte, kind) in changes {
                let at = 1 + index.index(data.len() - 1);
                match kind {
                    0 => data[at] = byte,
                    1 => data.insert(at, byte),
                    _ => drop(data.remove(at)),
                }
                data.push(b'x');
            }
            data
        },
    )
}

#[test]
fn every_case_keeps_the_laws_under_every_plan() {
    for plan in 0..=255 {
        for input in inputs("server") {
            fuzz_http::request_bytes(&[vec![plan], input].concat());
        }
        for input in inputs("client") {
            fuzz_http::response_bytes(&[vec![plan], input].concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_server_keeps_the_laws_under_hostile_bytes(data in hostile()) {
        fuzz_http::request_bytes(&data);
    }

    #[test]
    fn a_client_keeps_the_laws_under_hostile_bytes(data in hostile()) {
        fuzz_http::response_bytes(&data);
    }

    #[test]
    fn a_server_keeps_the_laws_under_mutated_cases(data in mutated("server")) {
        fuzz_http::request_bytes(&data);
    }

    #[test]
    fn a_client_keeps_the_laws_under_mutated_cases(data in mutated("client")) {
        fuzz_http::response_bytes(&data);
    }
}

/// One message as it is given to one side, or told by the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Message {
    start: String,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    trailers: Vec<(String, String)>,
}

/// A message to send: how its body is framed, and in which pieces it leaves.
#[derive(Clone, Debug)]
struct Sent {
    start: String,
    fields: Vec<(String, String)>,
    pieces: Vec<Vec<u8>>,
    framing: u8,
}

impl Sent {
    fn body(&self) -> Body {
        let whole = self.pieces.concat();
        match self.framing {
            0 => Body::Full(whole.into()),
            1 => Body::Sized(whole.len() as u64),
            _ => Body::Stream,
        }
    }

    /// What the peer must be told.
    fn expected(&self) -> Message {
        let trailers = if self.framing > 1 { self.fields.clone() } else { Vec::new() };
        let (start, fields) = (self.start.clone(), self.fields.clone());
        Message { start, fields, body: self.pieces.concat(), trailers }
    }

    fn typed(&self) -> Vec<(FieldName, FieldValue)> {
        let typed = |(name, value): &(String, String)| {
            (FieldName::new(name).unwrap(), FieldValue::new(value).unwrap())
        };
        self.fields.iter().map(typed).collect()
    }
}

fn sent(start: impl Strategy<Value = String>) -> impl Strategy<Value = Sent> {
    let field = ("X-[!#$%&'*+.^_`|~0-9A-Za-z-]{0,8}", "([!-~]([ -~\t]{0,20}[!-~])?)?");
    let pieces = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 0..4);
    (start, prop::collection::vec(field, 0..6), pieces, 0..3_u8)
        .prop_map(|(start, fields, pieces, framing)| Sent { start, fields, pieces, framing })
}

/// The fields that the generator made.
fn own(fields: &Fields) -> Vec<(String, String)> {
    let own = fields.iter().filter(|(name, _)| name.starts_with("X-"));
    own.map(|(name, value)| (name.to_owned(), String::from_utf8(value.to_vec()).unwrap())).collect()
}

/// Moves at most `width` bytes.
fn carry(from: &mut Outbox, to: &mut Inbox, width: usize) {
    let len = from.len().min(width);
    to.push(&from.copy_to_bytes(len));
}

proptest! {
    /// What the client writes the server reads, and back, in any cutting, one exchange after the
    /// other on the same connection.
    #[test]
    fn what_one_side_writes_the_other_reads(
        exchanges in prop::collection::vec(
            (
                sent("(POST|PUT|PATCH|DELETE) (/[!-\"$-~]{0,20}|http://b:1/[!-\"$-~]{0,20})"),
                sent(select(vec!["200", "404", "503"]).prop_map(str::to_owned)),
            ),
            1..4,
        ),
        width in 1..2000_usize,
    ) {
        let now = Instant::ORIGIN;
        let (mut client, mut client_in, mut client_out) =
            (Client::new(ClientConfig::default()), Inbox::new(), Outbox::new());
        let (mut server, mut server_in, mut server_out) =
            (Server::new(ServerConfig::default(), now), Inbox::new(), Outbox::new());
        for (ask, answer) in exchanges {
            let (method, target) = ask.start.split_once(' ').unwrap();
            let host = if target.starts_with('/') { "a" } else { "b:1" };
            let mut request = Request::new(method, target).unwrap()
                .field(FieldName::HOST, FieldValue::from_static(host));
            for (name, value) in ask.typed() {
                request = request.field(name, value);
            }
            client.request(&request, ask.body(), &mut client_out, now).unwrap();
            if client.is_sending() {
                for piece in &ask.pieces {
                    client.send_body(piece.clone().into(), &mut client_out).unwrap();
                }
                client.finish_with(&ask.typed(), &mut client_out).unwrap();
            }

            let (mut read, mut returned) = (Message::default(), Message::default());
            while !client.is_idle() {
                carry(&mut client_out, &mut server_in, width);
                while let Some(event) =
                    server.next_event(&mut server_in, &mut server_out, now).unwrap()
                {
                    match event {
                        server::Event::Request(head) => {
                            read.start = format!("{} {}", head.method(), head.target());
                            read.fields = own(head.fields());
                        }
                        server::Event::Body(piece) => read.body.extend_from_slice(&piece),
                        server::Event::Trailers(trailers) => read.trailers = own(&trailers),
                        server::Event::End => {
                            let mut response = Response::new(answer.start.parse().unwrap());
                            for (name, value) in answer.typed() {
                                response = response.field(name, value);
                            }
                            server.respond(&response, answer.body(), &mut server_out, now).unwrap();
                            if server.is_sending() {
                                for piece in answer.pieces.clone() {
                                    server.send_body(piece.into(), &mut server_out).unwrap();
                                }
                                server.finish_with(&answer.typed(), &mut server_out, now).unwrap();
                            }
                        }
                        other => panic!("{other:?}"),
                    }
                }
                carry(&mut server_out, &mut client_in, width);
                while let Some(event) =
                    client.next_event(&mut client_in, &mut client_out, now).unwrap()
                {
                    match event {
                        client::Event::Response(head) => {
                            returned.start = head.status().to_string();
                            returned.fields = own(head.fields());
                        }
                        client::Event::Body(piece) => returned.body.extend_from_slice(&piece),
                        client::Event::Trailers(trailers) => returned.trailers = own(&trailers),
                        client::Event::End => {}
                        other => panic!("{other:?}"),
                    }
                }
            }
            prop_assert_eq!(read, ask.expected());
            prop_assert_eq!(returned, answer.expected());
        }
    }
}
