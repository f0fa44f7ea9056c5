//! Rules that need many cases, a second opinion or an allocator that counts. What a rule asks for is
//! in the ledgers of this crate; the plain cases of each are beside this, in `connection`.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod bounds;
#[cfg(feature = "deflate")]
mod deflate;
// A second opinion says nothing about memory, and Miri takes minutes to hear it.
#[cfg(not(miri))]
mod differential;
mod ends;
mod faults;
mod heads;
#[path = "../connection/kit.rs"]
#[allow(dead_code, reason = "the kit serves the tests of the connection, too")]
mod kit;
mod lengths;
mod memory;
mod races;
mod reading;
mod sending;
mod starts;
mod text;
mod utf8;
