//! What the heads of a hostile handshake cost. What they must say is in `handshake`.

use tidewire_core::{Inbox, Instant, Outbox, Protocol};
use tidewire_http::{RequestHead, Server, ServerConfig};
use tidewire_ws::handshake::server::{Policy, Refused, accept};

const NOW: Instant = Instant::ORIGIN;
const START: &str = "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

/// What was looked at is made wrong behind the server's back, and nobody notices while the head
/// comes in single bytes: so each of them costs the same, however many came before.
#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn server_looks_at_each_byte_of_a_head_once_while_it_comes() {
    let mut server = Server::new(ServerConfig::default(), NOW);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.push(START.as_bytes());
    assert!(matches!(server.next_event(&mut inbox, &mut outbox, NOW), Ok(None)));
    let judged = inbox.as_slice().to_vec();
    inbox.as_mut_slice().fill(0);
    for byte in "X-Long: ".bytes().chain([b'x'; 10_000]) {
        inbox.push(&[byte]);
        assert!(matches!(server.next_event(&mut inbox, &mut outbox, NOW), Ok(None)));
    }
    inbox.as_mut_slice()[..judged.len()].copy_from_slice(&judged);
    inbox.push(b"\r\n\r\n");
    let event = server.next_event(&mut inbox, &mut outbox, NOW);
    assert!(matches!(event, Ok(Some(tidewire_http::server::Event::Request(_)))), "{event:?}");
}

/// A reader that tries again at each quote, comma or backslash would not end within a lifetime.
#[test]
#[cfg_attr(miri, ignore = "so many bytes take minutes")]
fn server_judges_the_longest_hostile_lists_in_one_pass() {
    let judged = |field: &str, list: &str| {
        let head = RequestHead::parse(format!("{START}{field}: x, {list}\r\n\r\n").as_bytes());
        accept(&head.unwrap(), &Policy::default()).map(|_| ())
    };
    let pieces =
        ["\"", "\\", ";", ",", "a;", "a,", "a;b=\"", "\"; \\", "a;b=\"\\c\",", " ,\t;", "a "];
    for piece in pieces {
        for end in ["", "a", "\"", "\\"] {
            let list = |times: usize| piece.repeat(times) + end;
            for field in ["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"] {
                let long = judged(field, &list(15_000 / piece.len()));
                assert_eq!(long, judged(field, &list(3)), "{field}: {piece:?} {end:?}");
            }
        }
    }
    assert_eq!(judged("Sec-WebSocket-Extensions", &"\"".repeat(15_000)), Err(Refused::Extensions));
}
