//! What every Tidewire protocol machine is made of: time and bytes that the caller owns, and the
//! one contract, [`Protocol`], by which a machine turns them into events, bytes and a deadline.
//!
//! Nothing here opens a socket, reads a clock, starts a thread, takes a lock or asks the operating
//! system for random numbers. Whoever embeds a machine owns all of that.
//!
//! | type | what it is |
//! |---|---|
//! | [`Protocol`] | the contract: `next_event` until `None`, write, wait, again |
//! | [`Inbox`] | the peer's bytes, read by the caller, eaten by the machine |
//! | [`Payload`] | bytes lent from the inbox to whoever holds an event |
//! | [`Outbox`] | bytes for the peer, pushed by the machine, written by the caller |
//! | [`Instant`] | a point in time on the caller's clock |
//! | [`Entropy`] | random bytes from the caller's source |
//! | [`Backoff`] | how long to wait before trying again |
//! | [`retry_after`] | how long a server asks to be left alone |
//! | [`Timers`] | many timers behind one deadline |
//! | [`Slab`] | values behind keys that are never mistaken for a later value's |
//!
//! The crate is `no_std` with `alloc`. The feature `std` adds vectored writes and two helpers for
//! blocking streams; it changes nothing else.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod backoff;
mod date;
mod entropy;
mod inbox;
mod instant;
mod outbox;
mod payload;
mod protocol;
mod retry_after;
mod slab;
mod timers;

pub use backoff::Backoff;
pub use entropy::Entropy;
pub use inbox::Inbox;
pub use instant::{Instant, earliest};
pub use outbox::Outbox;
pub use payload::Payload;
pub use protocol::Protocol;
pub use retry_after::retry_after;
pub use slab::{Key, Slab};
pub use timers::Timers;
