//! The case files, and arbitrary streams against the standard's own steps, under any cutting.
#![allow(clippy::unwrap_used, reason = "a helper of a test fails it")]

mod kit;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use serde_json::Value;
use tidewire_sse::{Decoder, Limits};

use crate::kit::{Seen, cut, decoder, event, feed, read, reference};

#[test]
fn every_case_reads_as_expected_under_any_cutting() {
    let cases = cases();
    for case in cases.iter().step_by(STEP) {
        let stream = base64(&case["input_bytes_base64"]);
        if stream.len() > LONGEST_BYTES {
            continue;
        }
        check(case, vec![&stream]);
        check(case, stream.chunks(1).collect());
        for seed in 0..CUTS {
            check(case, cut(&stream, seed));
        }
        if let Some(chunks) = case["chunks_base64"].as_array() {
            let chunks: Vec<Vec<u8>> = chunks.iter().map(base64).collect();
            check(case, chunks.iter().map(Vec::as_slice).collect());
        }
    }
    println!("{} event stream cases hold", cases.len());
}

#[test]
#[cfg_attr(miri, ignore = "it reads nothing with the decoder")]
fn the_steps_of_the_standard_taken_literally_agree_with_every_case() {
    for case in cases() {
        let (mut seen, last_event_id) = reference::read(&base64(&case["input_bytes_base64"]));
        seen.retain(|seen| matches!(seen, Seen::Event { .. }));
        assert_eq!(seen, expected(&case), "{case}");
        assert_eq!(last_event_id, case["final_last_event_id"].as_str().unwrap(), "{case}");
    }
}

/// Which cases are read, how long they may be, and how many random cuttings of each there are.
const STEP: usize = if cfg!(miri) { 8 } else { 1 };
const LONGEST_BYTES: usize = if cfg!(miri) { 100 } else { 1 << 20 };
const CUTS: u64 = if cfg!(miri) { 1 } else { 50 };

fn check(case: &Value, pieces: Vec<&[u8]>) {
    let mut decoder = Decoder::new(Limits::default());
    let seen = feed(&mut decoder, pieces);
    decoder.end();
    assert_eq!(seen, expected(case), "{case}");
    assert_eq!(decoder.last_event_id(), case["final_last_event_id"].as_str().unwrap(), "{case}");
    if case["retry_implementation_defined"] != true {
        let millis = decoder.reconnection_time().map(|time| time.as_millis() as u64);
        assert_eq!(millis, case["expected_retry_ms"].as_u64(), "{case}");
    }
}

fn expected(case: &Value) -> Vec<Seen> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let events = case["expected"].as_array().unwrap().iter();
    events
        .map(|it| event(&text(&it["event"]), &text(&it["data"]), &text(&it["last_event_id"])))
        .collect()
}

fn base64(value: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap()
}

/// The cases of both files, which are as many as there should be.
fn cases() -> Vec<Value> {
    let mut cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let more: Vec<Value> = serde_json::from_str(MORE_CASES).unwrap();
    assert_eq!((cases.len(), more.len()), (60, 128));
    cases.extend(more);
    cases
}

const CASES: &str = include_str!("../../../tests/data/event_streams.json");
const MORE_CASES: &str = include_str!("../../../tests/data/event_streams_more.json");

/// Streams that are mostly fields and line ends, with all that is hard in between.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(
        [
            &b"data"[..],
            b"data: ",
            b"event: ",
            b"id: ",
            b"id",
            b"retry: ",
            b"retry",
            b": ",
            b":",
            b" ",
            b"\n",
            b"\n\n",
            b"\r",
            b"\r\n",
            b"\r\r",
            b"\r\n\r\n",
            b"a",
            b"bc",
            b"0",
            b"17",
            b"99999999999999999999",
            b"\0",
            b"\xef\xbb\xbf",
            b"\xef",
            b"\xbb",
            b"\xf0\x9f",
            b"\x98\x80",
            b"\xff",
            b"\xe2\x80\xa8",
            b"\xc2\x85",
            b"message",
        ]
        .to_vec(),
    );
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 2000 }))]

    #[test]
    fn any_stream_reads_as_by_the_steps_of_the_standard(stream in stream(), seed: u64) {
        let mut decoder = decoder(Limits::default());
        let mut seen = feed(&mut decoder, cut(&stream, seed));
        seen.retain(|seen| !matches!(seen, Seen::Comment(_)));
        let (expected, last_event_id) = reference::read(&stream);
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(decoder.last_event_id(), last_event_id);
    }

    #[test]
    fn no_cutting_changes_what_passes_a_limit(stream in stream(), seed: u64, fail: bool) {
        let mut limits = Limits::default();
        limits.max_line_bytes = 24;
        limits.max_data_bytes = 8;
        limits.max_name_bytes = 3;
        limits.max_id_bytes = 3;
        if fail {
            limits.on_excess = tidewire_sse::OnExcess::Fail;
        }
        let whole = read(limits, [&stream[..]]);
        prop_assert_eq!(&whole, &read(limits, cut(&stream, seed)));
        prop_assert_eq!(&whole, &read(limits, stream.chunks(1)));
        let failed = whole.iter().position(|seen| matches!(seen, Seen::Failed(_)));
        prop_assert!(failed.is_none_or(|at| at + 2 == whole.len()), "silence after an error");
    }
}
