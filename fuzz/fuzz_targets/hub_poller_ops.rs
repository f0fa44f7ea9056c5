//! Runs the body `fuzz_hub::poller_ops`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_hub::poller_ops(data));
