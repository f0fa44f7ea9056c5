//! Runs the body `fuzz_hub::cursor_text`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_hub::cursor_text(data));
