//! Runs the body `fuzz_sse::source`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_sse::source(data));
