//! Runs the body `fuzz_tidewire::server_connection`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_tidewire::server_connection(data));
