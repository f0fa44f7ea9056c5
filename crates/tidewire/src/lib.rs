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
//!
//! A server of any of the four transports begins with [`server::Connection`]; one of WebSockets alone
//! does too, for their handshake is HTTP. Over tokio, `tidewire_tokio::Driver` is the loop; over
//! `std::net`, `examples/echo_blocking.rs` shows it. By hand it looks like this:
//!
//! ```
//! use tidewire::bytes::Buf;
//! use tidewire::core::{Inbox, Instant, Outbox, Protocol};
//! use tidewire::ws::{Config, Connection, Event};
//!
//! let (mut inbox, mut outbox, now) = (Inbox::new(), Outbox::new(), Instant::ORIGIN);
//! let mut connection = Connection::server(Config::default(), now);
//! inbox.push(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"); // what your socket read
//! while let Some(event) = connection.next_event(&mut inbox, &mut outbox, now)? {
//!     if let Event::Text(text) = event {
//!         connection.send_text(&text, &mut outbox)?;
//!     }
//! }
//! assert_eq!(outbox.chunk(), b"\x81\x05Hello"); // what your socket writes
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate is `no_std` with `alloc`. The feature `std` adds helpers for blocking streams and lets
//! the parts pick vector instructions at run time.
#![no_std]

extern crate alloc;

pub use bytes;
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
