//! Runs the body `fuzz_ws::cuts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_ws::cuts(data));
