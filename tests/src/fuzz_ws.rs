//! WebSocket under arbitrary bytes: bodies that chop, feed, move time and check the laws. What calls
//! them lives elsewhere.

use core::time::Duration;

use bytes::Buf;
use tidewire_core::{Entropy, Inbox, Instant, Outbox, Protocol};
use tidewire_http::{RequestHead, ResponseHead};
use tidewire_ws::handshake::{Key, Subprotocol, client, server};
use tidewire_ws::{Config, Connection, Error, Event};

/// A server reads `data`.
pub fn server_bytes(data: &[u8]) {
    check(data, |config| Connection::server(config, Instant::ORIGIN));
}

/// A client reads `data`.
pub fn client_bytes(data: &[u8]) {
    check(data, |config| {
        Connection::client(config, Entropy::new(|bytes| bytes.fill(0x5A)), Instant::ORIGIN)
    });
}

/// Both halves of the handshake read `data` as a head.
pub fn handshake_heads(data: &[u8]) {
    let subprotocols: Vec<Subprotocol> =
        ["a", "b.v2"].iter().filter_map(Subprotocol::new).collect();
    if let Ok(head) = RequestHead::parse(data) {
        let mut policy = server::Policy::default();
        policy.subprotocols.clone_from(&subprotocols);
        match server::accept(&head, &policy) {
            Ok(accepted) => {
                assert_eq!(accepted.response.status(), 101);
                assert_eq!(head.method(), "GET");
                assert!(accepted.subprotocol.is_none_or(|name| subprotocols.contains(&name)));
            }
            Err(refused) => assert_eq!(refused.response().status(), refused.status()),
        }
    }
    if let Ok(head) = ResponseHead::parse(data) {
        let mut offer = client::Offer::default();
        offer.subprotocols.clone_from(&subprotocols);
        let key = Key::new(&mut Entropy::new(|bytes| bytes.fill(7)));
        if let Ok(agreed) = client::verify(&head, &key, &offer) {
            assert_eq!(head.status(), 101);
            assert!(agreed.subprotocol.is_none_or(|name| subprotocols.contains(&name)));
        }
    }
}

/// What a run told and wrote.
#[derive(Debug, Default, PartialEq)]
struct Run {
    told: Vec<String>,
    wrote: Vec<u8>,
    ended: bool,
}

/// The first byte says how the rest is cut.
fn check(data: &[u8], connect: impl Fn(Config) -> Connection) {
    let Some((&seed, data)) = data.split_first() else { return };
    let mut config = Config::default();
    config.max_frame_bytes = 300;
    config.max_message_bytes = 500;
    config.max_empty_fragments = 3;
    config.max_control_frames_per_second = 20;
    let whole = run(connect(config.clone()), [data]);
    assert_eq!(run(connect(config.clone()), cuts(data, seed)), whole, "the cut does not matter");
    assert_eq!(run(connect(config), data.chunks(1)), whole, "the cut does not matter");
}

/// Feeds the pieces, then lets time pass until nothing more is due.
fn run<'d>(mut connection: Connection, pieces: impl IntoIterator<Item = &'d [u8]>) -> Run {
    let (mut inbox, mut outbox, mut now) = (Inbox::new(), Outbox::new(), Instant::ORIGIN);
    let mut run = Run::default();
    for piece in pieces {
        inbox.push(piece);
        drain(&mut connection, &mut inbox, &mut outbox, now, &mut run);
        assert!(inbox.len() <= 300 + 14, "an inbox is never fuller than one frame");
    }
    for _ in 0..1000 {
        let Some(deadline) = connection.deadline() else { break };
        now = deadline;
        drain(&mut connection, &mut inbox, &mut outbox, now, &mut run);
    }
    assert!(connection.deadline().is_none(), "a silent peer is given up");
    now += Duration::from_secs(3600);
    let told = run.told.len();
    inbox.push(b"\x81\x00");
    drain(&mut connection, &mut inbox, &mut outbox, now, &mut run);
    assert_eq!(run.told.len(), told, "the last event is the last");
    run.ended = outbox.is_ended();
    run
}

fn drain(
    connection: &mut Connection,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
    now: Instant,
    run: &mut Run,
) {
    loop {
        let told = match connection.next_event(inbox, outbox, now) {
            Ok(None) => break,
            Ok(Some(event)) => describe(&event),
            Err(error) => {
                assert!(outbox.is_ended() && !connection.is_open(), "an error is the end");
                fail(error)
            }
        };
        run.told.push(told);
    }
    assert!(connection.deadline().is_none_or(|at| at > now), "the deadline lies ahead");
    run.wrote.extend_from_slice(&outbox.copy_to_bytes(outbox.len()));
}

fn describe(event: &Event<'_>) -> String {
    if let Event::Text(text) = event {
        assert!(core::str::from_utf8(text.as_bytes()).is_ok(), "a text is UTF-8");
    }
    format!("{event:?}")
}

fn fail(error: Error) -> String {
    format!("{error:?} {}", error.close_code())
}

fn cuts(mut data: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut state = u32::from(seed) + 1;
    let mut pieces = Vec::new();
    while !data.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (piece, rest) = data.split_at(data.len().min(1 + (state >> 24) as usize % 40));
        pieces.push(piece);
        data = rest;
    }
    pieces
}
