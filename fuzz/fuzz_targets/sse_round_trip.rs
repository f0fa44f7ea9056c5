//! Runs the body `fuzz_sse::round_trip`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_sse::round_trip(data));
