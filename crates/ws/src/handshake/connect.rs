//! The opening handshake over HTTP/2 (RFC 8441) and HTTP/3 (RFC 9220), from field list to field
//! list. Streams, frames of HTTP and header compression are the business of whoever has an HTTP
//! library; none is needed here.
//!
//! A server that sent [`SETTINGS_ENABLE_CONNECT_PROTOCOL`] shows the fields of a CONNECT to
//! [`server::accept`] and sends the response that it gets. A client waits for that
//! [setting](ExtendedConnect), sends the [`client::request`] and shows the response to
//! [`client::verify`]. There is no key and no proof; version, origin, subprotocols and compression
//! are as in HTTP/1.1.
//!
//! ```
//! use tidewire_ws::handshake::connect::{client, server};
//! use tidewire_ws::handshake::{client::Offer, server::Policy};
//!
//! let offer = Offer::default();
//! let request = client::request("/live", "a.example", client::Scheme::Https, &offer)?;
//! let lines = request.iter().map(|(name, value)| (name.as_str(), value.as_str()));
//! let accepted = server::accept(lines, &Policy::default())?;
//! let lines = accepted.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
//! assert_eq!(lines.clone().next(), Some((":status", "200")));
//! client::verify(lines, &offer)?;
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # The stream as a transport
//!
//! From here on the stream is to a [`Connection`](crate::Connection) what a TCP connection is, and
//! nothing about WebSocket changes: a client masks its frames, and both send Close.
//!
//! | on the stream | for the connection |
//! |---|---|
//! | DATA | its payload goes into the inbox. Where one DATA frame ends and the next begins means nothing |
//! | DATA without payload | nothing; it is not the end |
//! | END_STREAM, in HTTP/3 FIN, as of a TCP connection | [`Inbox::end`](tidewire_core::Inbox::end) |
//! | RST_STREAM, H3_REQUEST_CANCELLED, the connection is lost | `Inbox::end`, too: a stream that ends without a Close is reported as not clean, which is 1006 |
//! | the outbox [is finished](tidewire_core::Outbox::is_finished) | send END_STREAM, in HTTP/3 FIN |
//! | the caller drops the connection before that | send RST_STREAM with CANCEL, in HTTP/3 H3_REQUEST_CANCELLED |
//!
//! Flow-control credit is returned for the bytes that left the inbox, never for those that still
//! wait in it: so the peer's window closes where the [room](tidewire_core::Inbox::room) does, and a
//! stream whose messages nobody takes costs no more than its window and does not hold up others.

pub mod client;
pub mod server;

mod head;
mod setting;

pub use setting::{ExtendedConnect, InvalidSetting, SETTINGS_ENABLE_CONNECT_PROTOCOL};
