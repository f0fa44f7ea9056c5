//! Runs the body `fuzz_hub::hub_ops`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_hub::hub_ops(data));
