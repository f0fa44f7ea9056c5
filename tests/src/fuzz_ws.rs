//! Fuzz bodies for WebSocket: the handshake, the connection and compression under any bytes. What
//! each rule says in detail is tested in the crate itself.
//!
//! | body | what it does |
//! |---|---|
//! | [`server_bytes`], [`client_bytes`] | one side reads the bytes; what it costs is counted |
//! | [`cuts`] | the same bytes cut, in parts, in halves and with a pool come to the same |
//! | [`negotiate_inflate`] | two sides agree on compression and talk; then one inflates the bytes |
//! | [`handshake_request`], [`handshake_response`] | either half of the handshake reads the bytes |

mod bytes;
mod cuts;
mod handshake;
mod inflate;
mod plan;
mod terms;

pub use bytes::{client_bytes, server_bytes};
pub use cuts::cuts;
pub use handshake::{handshake_request, handshake_response};
pub use inflate::negotiate_inflate;
pub use plan::Plan;
