//! Drives any [`Protocol`](tidewire_core::Protocol) machine over a tokio byte stream.
//!
//! The adapter owns the socket, the clock and the waking. It is written once over the contract and
//! knows no frame, header or close code. See [`Driver`] for the loop, and `examples/echo.rs` for a
//! WebSocket server with `tidewire::server::Connection`, which also speaks HTTP and event streams.
//!
//! Where somebody else owns the connection, such as hyper or axum, the feature `http-body` gives `Sse`,
//! the body of a response that is an event stream, and the feature `axum` lets a handler return it. For
//! the other side, `examples/source.rs` follows an event stream over reqwest and reconnects.

#[cfg(feature = "axum")]
mod axum;
mod clock;
mod driver;
#[cfg(feature = "http-body")]
mod sse;
#[cfg(feature = "http-body")]
mod sse_request;

#[cfg(feature = "axum")]
pub use axum::Refusal;
pub use clock::Clock;
pub use driver::{Driver, Peer, Ready};
#[cfg(feature = "http-body")]
pub use sse::Sse;
#[cfg(feature = "http-body")]
pub use sse_request::SseRequest;
