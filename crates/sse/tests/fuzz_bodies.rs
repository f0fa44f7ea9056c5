//! The fuzz bodies, run on arbitrary bytes with the other tests.

#[allow(unreachable_pub, reason = "public where the fuzz targets call them")]
#[path = "../../../tests/src/fuzz_sse.rs"]
mod fuzz_sse;

use proptest::prelude::*;

/// Bytes that are mostly the stuff of event streams.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
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
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_stream_in_any_pieces(head: [u8; 4], stream in bytes()) {
        fuzz_sse::stream_bytes(&[&head[..], &stream].concat());
    }

    #[test]
    fn any_frame_there_and_back(data in bytes()) {
        fuzz_sse::round_trip(&data);
    }
}
