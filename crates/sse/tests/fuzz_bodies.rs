//! The fuzz bodies, run on arbitrary bytes with the other tests.
#![allow(unreachable_pub, reason = "public where the fuzz targets call them")]

#[path = "../../../tests/src/fuzz_sse/bytes.rs"]
mod bytes;
#[path = "../../../tests/src/fuzz_sse/cuts.rs"]
mod cuts;
#[path = "../../../tests/src/fuzz_sse/server_stream.rs"]
mod server_stream;
#[path = "../../../tests/src/fuzz_sse/source.rs"]
mod source;

use proptest::prelude::*;

/// Bytes that are mostly the stuff of event streams.
fn stuff() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        &b"data: "[..],
        b"id: ",
        b"event:",
        b"retry: 5",
        b":",
        b"\n",
        b"\r",
        b"\r\n",
        b"\n\n",
        b"x",
        b"\xff",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xe2\x80",
        b"long, long",
    ]);
    let token =
        prop_oneof![4 => token.prop_map(<[u8]>::to_vec), 1 => any::<u8>().prop_map(|b| vec![b])];
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 2000 }))]

    #[test]
    fn any_stream_in_any_pieces(head: [u8; 4], stream in stuff()) {
        bytes::stream_bytes(&[&head[..], &stream].concat());
    }

    #[test]
    fn any_frame_there_and_back(data in stuff()) {
        bytes::round_trip(&data);
    }

    #[test]
    fn any_cuts_through_every_door(head: [u8; 3], stream in stuff()) {
        cuts::cuts(&[&head[..], &stream].concat());
    }

    #[test]
    fn any_connections_of_a_client(head: [u8; 2], script in steps()) {
        source::source(&[&head[..], &script].concat());
    }

    #[test]
    fn any_life_of_a_server_s_stream(data in prop::collection::vec(any::<u8>(), 0..200)) {
        server_stream::server_stream(&data);
    }
}

/// Steps of a client, with bodies that fit the lengths in front of them.
fn steps() -> impl Strategy<Value = Vec<u8>> {
    let body = stuff().prop_map(|mut body| {
        body.truncate(255);
        [&[4, body.len() as u8], &body[..]].concat()
    });
    let step = prop_oneof![
        3 => any::<[u8; 2]>().prop_map(Vec::from),
        3 => prop::sample::select(vec![[1, 0], [2, 0], [6, 0]]).prop_map(Vec::from),
        2 => body,
    ];
    prop::collection::vec(step, 0..40).prop_map(|steps| steps.concat())
}
