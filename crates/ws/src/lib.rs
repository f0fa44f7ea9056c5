//! WebSocket (RFC 6455) as a state machine: bytes and time go in; messages, bytes and a deadline
//! come out. No socket is opened and no clock is read here.
//!
//! | part | what it is |
//! |---|---|
//! | [`handshake`] | from a request's head to a response's head and back, as pure functions |
//! | [`Connection`] | the protocol behind the handshake, as either end; its states and promises |
//! | [`Receiving`], [`Sending`] | a connection in two halves, for two tasks |
//! | [`Prepared`] | a message in shared memory, for many connections |
//! | `deflate` | permessage-deflate, with the feature of that name: what it costs, in memory and secrecy |
//! | [`frame`], [`mask`], [`utf8`] | the layer below, for proxies and tools; it allocates nothing |
//!
//! # The loop
//!
//! 1. Call [`next_event`](tidewire_core::Protocol::next_event) until it returns `None`, or an error;
//!    answer each event as it comes.
//! 2. Write the outbox, also after an error: the Close that says why is in it. Once it is finished,
//!    shut down writing, and read and drop what still comes, lest the last frame be lost.
//! 3. Wait for bytes, no more than the inbox has room for, or for the deadline; then again. If the
//!    transport fails, [end](tidewire_core::Inbox::end) the inbox: the connection then tells that it
//!    is closed, and that it was not clean.
//!
//! That is all: pings, pongs, the closing handshake and its time-outs happen inside. An echo server
//! over `std::net`, with the handshake (`examples/echo.rs`; a client is in `examples/client.rs`):
//!
//! ```toml
//! [dependencies]
//! tidewire-core = { version = "0.1", features = ["std"] }
//! tidewire-http = "0.1"
//! tidewire-ws = { version = "0.1", features = ["std"] }
//! ```
//!
//! ```no_run
#![doc = include_str!("../examples/echo.rs")]
//! ```
//!
//! # States
//!
//! ```text
//!  Open ── close(), idle ──▶ Closing
//!    │                          │
//!    └────── peer's Close ──────┴──▶ client: Lingering ── end of stream, linger ──▶ Ended
//!                                    server: ─────────────────────────────────────▶ Ended
//!  Open, Closing ─── violation, end of stream, pong or close time-out ────────────▶ Ended
//! ```
//!
//! # Promises
//!
//! - **Strict.** `RFC6455.md` and `RFC7692.md` beside the sources list every rule of the two RFCs,
//!   with the test that holds it, and the one that is not kept, with the reason.
//! - **One end.** [`Event::Closed`] comes once, last, with code, reason and whether it was clean; or
//!   the [`Error`] does, and the peer is told its close code.
//! - **Bounded.** Every limit of [`Config`] is on by default. Nothing is reserved for what a peer
//!   only claims, and an idle connection needs no buffer: release the inbox and the outbox.
//! - **Any cut.** However the bytes are cut, the same events and bytes come out, and a bad byte is
//!   told as soon as it is there.
//! - **In place.** A message in one frame is unmasked, checked and lent where it lies.
//!
//! # Features
//!
//! The crate is `no_std` with `alloc`. The feature `std` lets masking and the UTF-8 check pick the
//! fastest instructions at run time, and lets inbox and outbox read from and write to blocking
//! streams; `deflate` brings permessage-deflate. Neither changes what a connection does unless it is
//! asked to.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "deflate")]
pub mod deflate;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod utf8;

mod close;
mod compression;
mod config;
mod connection;
mod controls;
mod error;
mod event;
mod keepalive;
mod opcode;
mod prepared;
mod receive;
mod receiving;
mod reply;
mod sending;
mod text;
mod write;

pub use close::{CloseCode, Closed, Side};
pub use config::{Config, Delivery};
pub use connection::Connection;
pub use error::{Error, SendError};
pub use event::Event;
pub use frame::FrameHeader;
pub use opcode::Opcode;
pub use prepared::Prepared;
pub use receiving::Receiving;
pub use reply::Reply;
pub use sending::Sending;
pub use text::Text;
