//! Runs the body `fuzz_core::inbox_ops`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_core::inbox_ops(data));
