//! Runs the body `fuzz_core::outbox_ops`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tidewire_tests::fuzz_core::outbox_ops(data));
