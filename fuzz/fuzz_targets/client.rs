//! Runs the body `fuzz_tidewire::client`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_tidewire::client(data));
