//! A connection's rules, one behaviour a test, from the peer's bytes.

mod kit;
mod vectors;
