//! The examples of the README, run as tests.
#![doc = include_str!("../../../README.md")]
