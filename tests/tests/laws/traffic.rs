//! What peers send: nearly valid requests, responses, frames and event streams, with a few bytes
//! changed now and then; and noise. What must come of it is the other files' business.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How often the cheap laws are held against generated traffic. Each time they cut it several
/// hundred ways.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        max_shrink_iters: 256,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A few requests in a row.
pub(crate) fn requests() -> impl Strategy<Value = Vec<u8>> {
    let head = (
        select(vec!["GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW"]),
        select(vec!["/", "/ws", "/sse", "/a?b=c", "*", "http://b/", "a"]),
        select(vec!["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"]),
        vec(
            select(vec![
                "Host: a\r\n",
                "Connection: close\r\n",
                "Connection: keep-alive, Upgrade\r\n",
                "Upgrade: websocket\r\n",
                "Sec-WebSocket-Version: 13\r\n",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                "Origin: https://good.example\r\n",
                "Expect: 100-continue\r\n",
                "X: \t y\r\n",
            ]),
            0..4,
        ),
    )
        .prop_map(|(method, target, version, fields)| {
            format!("{method} {target} {version}\r\nHost: a\r\n{}", fields.concat())
        });
    let request = (prop_oneof![head, select(WHOLE).prop_map(str::to_owned)], body())
        .prop_map(|(head, body)| [head.as_bytes(), &body].concat());
    mutated(vec(request, 1..4).prop_map(|requests| requests.concat()))
}

/// Heads that are right but for the empty line.
const WHOLE: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n",
    "GET /sse HTTP/1.1\r\nHost: a\r\n",
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
];

/// A few responses in a row.
pub(crate) fn responses() -> impl Strategy<Value = Vec<u8>> {
    let head = (
        select(vec!["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"]),
        select(vec!["100", "101", "103", "200", "200", "204", "304", "401", "410", "503", "9"]),
        select(vec![
            "",
            "Connection: close\r\n",
            "Connection: upgrade\r\nUpgrade: websocket\r\n",
            "Content-Type: text/event-stream\r\n",
            "Tidewire-Cursor: 7.0\r\n",
            "Retry-After: 3\r\n",
        ]),
    )
        .prop_map(|(version, status, field)| format!("{version} {status} x\r\n{field}"));
    let response = (head, body()).prop_map(|(head, body)| [head.as_bytes(), &body].concat());
    mutated(vec(response, 1..4).prop_map(|responses| responses.concat()))
}

/// The end of a head and a body of some framing.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let sized = vec(any::<u8>(), 0..30).prop_map(|body| {
        [format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat()
    });
    let chunk = (vec(any::<u8>(), 1..20), select(vec!["", ";a", ";a=\"b\"", " "])).prop_map(
        |(data, extension)| {
            [format!("{:x}{extension}\r\n", data.len()).as_bytes(), &data, b"\r\n"].concat()
        },
    );
    let end = select(vec!["0\r\n\r\n", "0\r\nX-Sum: 1\r\n\r\n", "000;x\r\n\r\n", "0\r\n"]);
    let chunked = (vec(chunk, 0..4), end).prop_map(|(chunks, end)| {
        [b"Transfer-Encoding: chunked\r\n\r\n", &chunks.concat()[..], end.as_bytes()].concat()
    });
    prop_oneof![2 => Just(b"\r\n".to_vec()), 1 => sized, 1 => chunked, 1 => stream_body()]
}

/// An event stream as the body of a response that ends with the connection.
fn stream_body() -> impl Strategy<Value = Vec<u8>> {
    event_stream().prop_map(|stream| [b"\r\n", &stream[..]].concat())
}

/// Lines of an event stream.
pub(crate) fn event_stream() -> impl Strategy<Value = Vec<u8>> {
    let line = select(vec![
        "data: a",
        "data",
        "data: \u{2028}",
        "id: 7.3",
        "id: \0",
        "event: b",
        "retry: 200",
        ": c",
        "",
        "",
        "\u{feff}",
    ]);
    let end = select(vec!["\n", "\n", "\r", "\r\n"]);
    vec((line, end).prop_map(|(line, end)| [line, end].concat()), 0..12)
        .prop_map(|lines| lines.concat().into_bytes())
}

/// Frames, masked as a client's or bare as a server's.
pub(crate) fn frames(masked: bool) -> impl Strategy<Value = Vec<u8>> {
    let first = select(vec![0x81, 0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a, 0x88, 0xc1]);
    let payload = prop_oneof![
        4 => "\\PC{0,12}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..20),
        1 => (120..135_usize).prop_map(|len| vec![b'x'; len]),
        1 => Just(b"\x03\xe8bye".to_vec()),
    ];
    let frame = (first, payload).prop_map(move |(first, payload)| frame(first, &payload, masked));
    mutated(vec(frame, 0..6).prop_map(|frames| frames.concat()))
}

/// One frame.
pub(crate) fn frame(first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut frame = match payload.len() {
        len @ 0..126 => vec![first, bit | len as u8],
        len => [&[first, bit | 126][..], &(len as u16).to_be_bytes()].concat(),
    };
    let key: &[u8] = if masked { &[0x37, 0xfa, 0x21, 0x3d] } else { &[] };
    frame.extend_from_slice(key);
    let mask = key.iter().chain(&[0]).take(key.len().max(1)).cycle();
    frame.extend(payload.iter().zip(mask).map(|(byte, key)| byte ^ key));
    frame
}

/// Bytes that mean nothing, or nearly so.
pub(crate) fn noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..60), vec(select(b"\r\n :aA0/.;=\0\xff".to_vec()), 0..60)]
}

/// Half of the time as it is, else with a few bytes changed, added or gone.
fn mutated(input: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(b"\r\n\0 \t:;,=\"0159aF\x7f\xff".to_vec()), any::<u8>()];
    let changes = vec((any::<Index>(), byte, 0..3_u8), 0..3);
    (input, prop_oneof![Just(vec![]), changes]).prop_map(|(mut input, changes)| {
        for (index, byte, kind) in changes {
            let at = index.index(input.len() + 1);
            match kind {
                0 => input.insert(at, byte),
                _ if at == input.len() => {}
                1 => input[at] = byte,
                _ => drop(input.remove(at)),
            }
        }
        input
    })
}
