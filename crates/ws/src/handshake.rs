//! The opening handshake (RFC 6455 §4), from head to head. What carries the heads is HTTP's
//! business, and what follows them is the [`Connection`](crate::Connection)'s.
//!
//! A server asks [`server::accept`] about a request that it received, and sends the response that it
//! gets, either way. A client sends the [`client::request`] and shows the response to
//! [`client::verify`]. Nothing is kept in between but the [`Key`]. Over HTTP/2 and HTTP/3 the same
//! is asked with other words: [`connect`]. The time that a handshake may take is the HTTP machine's
//! `head_timeout`, on by default at both ends.
//!
//! ```
//! use tidewire_core::Entropy;
//! use tidewire_http::{FieldName, RequestHead};
//! use tidewire_ws::handshake::{Key, client, server};
//!
//! let key = Key::new(&mut Entropy::new(|bytes| bytes.fill(7)));
//! let request = client::request("/live", "a.example", &key, &client::Offer::default())?;
//! assert_eq!(request.get(&FieldName::UPGRADE).map(|value| value.as_str()), Some("websocket"));
//!
//! let head = RequestHead::parse(
//!     b"GET /live HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
//!       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
//! )?;
//! let accepted = server::accept(&head, &server::Policy::default())?;
//! assert_eq!(accepted.response.status(), 101);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

pub mod client;
pub mod connect;
#[cfg(feature = "deflate")]
pub mod deflate;
pub mod server;

mod extension;
mod key;
mod lines;
mod origin;
mod subprotocol;

pub use key::Key;
pub use origin::Origins;
pub use subprotocol::Subprotocol;

use tidewire_http::{FieldName, FieldValue};

const KEY: FieldName = FieldName::from_static("Sec-WebSocket-Key");
const ACCEPT: FieldName = FieldName::from_static("Sec-WebSocket-Accept");
const PROTOCOL: FieldName = FieldName::from_static("Sec-WebSocket-Protocol");
const VERSION: FieldName = FieldName::from_static("Sec-WebSocket-Version");
const EXTENSIONS: FieldName = FieldName::from_static("Sec-WebSocket-Extensions");

const WEBSOCKET: FieldValue = FieldValue::from_static("websocket");
const VERSION_13: FieldValue = FieldValue::from_static("13");
