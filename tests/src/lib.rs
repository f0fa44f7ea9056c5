//! The kit with which Tidewire is tested: machines are driven as the contract says, with virtual
//! time and bytes cut anywhere, and never over a socket.
//!
//! | module | what it gives |
//! |---|---|
//! | [`end`] | one machine with its inbox, outbox, handler and trace; watches the laws at each step |
//! | [`ends`] | such an end for each machine, with a handler that notes events and reacts to them |
//! | [`solo`] | one end whose peer is the test |
//! | [`link`] | two ends that talk to each other |
//! | [`chop`] | every way of cutting an input that is worth trying |
//! | [`laws`] | the seven laws, each a function over any machine |
//! | [`trace`] | what happened, as lines |
//! | [`sim`] | a world of many clients, in which everything goes wrong and nothing may be lost |
//! | [`dice`] | seeded choices |
//! | [`ledger`] | what is demanded, what is kept, and which test holds it |
//! | [`fuzz`] | the fuzz bodies by name, and the seeds that the vectors give them |
#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "panicking is how a kit says that a law is broken"
)]

pub mod chop;
pub mod dice;
pub mod end;
pub mod ends;
pub mod fuzz;
pub mod fuzz_core;
pub mod fuzz_http;
pub mod fuzz_hub;
pub mod fuzz_sse;
pub mod fuzz_tidewire;
pub mod fuzz_ws;
pub mod laws;
pub mod ledger;
pub mod link;
pub mod sim;
pub mod solo;
pub mod trace;
