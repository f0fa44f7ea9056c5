//! WebSocket, Server-Sent Events, long-polling and interval polling over one event log, as state
//! machines without a socket, a clock or a thread.
//!
//! The parts are crates of their own, re-exported here as modules. This crate adds their
//! composition:
//!
//! | type | what it is |
//! |---|---|
//! | [`server::Connection`] | one connection that speaks HTTP and becomes any of the transports |
//! | [`client::Client`] | follows a log over any transport and changes between them without loss |
//! | [`Entry`] | an event, encoded once per wire form and shared by all who receive it |
#![no_std]

extern crate alloc;

pub use tidewire_core as core;
pub use tidewire_http as http;
pub use tidewire_hub as hub;
pub use tidewire_poll as poll;
pub use tidewire_sse as sse;
pub use tidewire_ws as ws;

pub mod client;
mod cursor_field;
mod entry;
pub mod server;

pub use cursor_field::CURSOR_FIELD;
pub use entry::Entry;

#[cfg(doctest)]
mod readme;
