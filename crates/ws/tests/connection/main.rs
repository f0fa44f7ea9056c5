//! A connection's rules, one behaviour a test, from the peer's bytes.

mod close;
mod control;
mod framing;
mod keepalive;
mod kit;
mod limits;
mod sending;
mod starts;
mod text;
mod vectors;
