//! Runs the body `fuzz_ws::negotiate_inflate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_ws::negotiate_inflate(data));
