//! WebSocket (RFC 6455) as a state machine: bytes and time go in; messages, bytes and a deadline
//! come out. No socket is opened and no clock is read here.
//!
//! | part | what it is |
//! |---|---|
//! | [`handshake`] | from a request's head to a response's head and back, as pure functions |
//! | [`Connection`] | the protocol behind the handshake, as either end |
//! | [`Prepared`] | a message encoded once, for many connections |
//! | [`frame`], [`mask`], [`utf8`] | the layer below, for proxies and tools; it allocates nothing |
//!
//! The crate is `no_std` with `alloc`. The feature `std` lets the UTF-8 check pick the fastest
//! instructions at run time; it changes nothing else.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod frame;
pub mod handshake;
pub mod mask;
pub mod utf8;

mod close;
mod config;
mod connection;
mod error;
mod event;
mod keepalive;
mod opcode;
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
pub use receiving::Receiving;
pub use reply::Reply;
pub use sending::Sending;
pub use text::Text;
pub use write::Prepared;
