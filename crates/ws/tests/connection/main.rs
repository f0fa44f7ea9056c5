//! A connection's rules, one behaviour a test, from the peer's bytes.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod close;
mod control;
#[cfg(feature = "deflate")]
mod deflate;
mod framing;
mod halves;
mod keepalive;
mod kit;
// Its traffic is made of patterns, which Miri takes minutes to read.
#[cfg(not(miri))]
mod laws;
mod limits;
mod parts;
mod room;
mod sending;
mod starts;
mod text;
mod transitions;
mod vectors;
