//! Drives any [`Protocol`](tidewire_core::Protocol) machine over a tokio byte stream.
//!
//! The adapter owns the socket, the clock and the waking. It is written once over the contract and
//! knows no frame, header or close code. See [`Driver`] for the loop, and `examples/echo.rs` for a
//! WebSocket server with `tidewire::server::Connection`, which also speaks HTTP and event streams.

mod clock;
mod driver;

pub use clock::Clock;
pub use driver::{Driver, Peer, Ready};
