//! Runs the body `fuzz_http::response_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_http::response_bytes(data));
