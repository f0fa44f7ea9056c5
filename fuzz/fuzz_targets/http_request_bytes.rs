//! Runs the body `fuzz_http::request_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_http::request_bytes(data));
