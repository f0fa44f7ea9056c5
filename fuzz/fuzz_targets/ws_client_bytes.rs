//! Runs the body `fuzz_ws::client_bytes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_ws::client_bytes(data));
