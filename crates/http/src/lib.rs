//! HTTP/1.1 as two state machines, [`Server`] and [`Client`]: bytes and time go in; events, bytes
//! and a deadline come out.
//!
//! Both keep the contract of [`tidewire_core::Protocol`]. Nothing here opens a socket or reads a
//! clock; TLS, routing, cookies, caching and content codings are somebody else's business.
//!
//! | type | what it is |
//! |---|---|
//! | [`Server`], [`ServerConfig`] | reads requests, writes responses, upgrades |
//! | [`Client`], [`ClientConfig`] | writes requests, reads responses |
//! | [`RequestHead`], [`ResponseHead`], [`Fields`] | what was received; views into one buffer |
//! | [`Request`], [`Response`], [`Body`] | what is sent |
//! | [`Chunk`] | a piece of a body, framed once for all who receive it |
//! | [`FieldName`], [`FieldValue`] | a field to send; can hold only what is legal |
//! | [`is_token`] | the one check that readers of fields share |
//! | [`Error`] | how the peer broke the protocol, and the status that answers it |
//! | [`SendError`] | how a command was misused; nothing was written |
//!
//! Reading is strict: whatever two readers could frame differently (bare line ends, folded lines,
//! doubled or decorated lengths, unknown codings) is refused, and the connection ends.
#![no_std]

extern crate alloc;

mod after;
mod authority;
mod body;
mod chunk;
pub mod client;
mod config;
mod error;
mod field;
mod fields;
mod framing;
mod limits;
mod message;
mod prepared;
mod reason;
mod request_head;
mod response_head;
mod scan;
pub mod server;
mod span;
mod syntax;
mod target;
mod version;
mod write;

pub use client::Client;
pub use config::{ClientConfig, ServerConfig};
pub use error::{Error, SendError};
pub use field::{FieldName, FieldValue, InvalidField};
pub use fields::Fields;
pub use message::{Body, Request, Response};
pub use prepared::Chunk;
pub use request_head::RequestHead;
pub use response_head::ResponseHead;
pub use server::Server;
pub use syntax::is_token;
pub use version::Version;
