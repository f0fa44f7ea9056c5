//! Server-Sent Events (WHATWG HTML §9.2) from any [`Stream`](futures_core::Stream) of bytes: the body
//! of a `reqwest` or `hyper` response, a file, a channel.
//!
//! ```
//! use futures_util::{StreamExt, TryStreamExt, stream};
//! use tidewire_futures::Eventsource;
//!
//! # futures_executor::block_on(async {
//! let pieces = stream::iter(["id: 7\nda", "ta: one\n\ndata: two\n\n"]);
//! let mut events = pieces.map(Ok::<_, std::io::Error>).eventsource();
//! while let Some(event) = events.try_next().await? {
//!     println!("{} {}", event.name(), event.data().to_str_lossy());
//! }
//! assert_eq!(events.last_event_id(), "7");
//! # Ok::<(), tidewire_futures::Error<std::io::Error>>(())
//! # }).unwrap();
//! ```
//!
//! With `reqwest`, whose `stream` feature is needed:
//!
//! ```no_run
//! use futures_util::TryStreamExt;
//! use tidewire_futures::Eventsource;
//!
//! # async fn read() -> Result<(), Box<dyn std::error::Error>> {
//! let response = reqwest::get("http://127.0.0.1:8080/events").await?.error_for_status()?;
//! let mut events = response.bytes_stream().eventsource().fail_if_cut();
//! while let Some(event) = events.try_next().await? {
//!     println!("{}", event.data().to_str_lossy());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! The bytes are taken for an event stream, whatever they are: look at the status and the content type
//! first. An error page in HTML is a stream without events.
//!
//! # Coming from `eventsource-stream`
//!
//! Three lines change: the dependency, the `use`, and where a field of the event is read. Before:
//!
//! ```no_run
//! use eventsource_stream::Eventsource; // eventsource-stream = "0.2"
//! # use futures_util::TryStreamExt;
//! # async fn read(response: reqwest::Response) -> Result<(), Box<dyn std::error::Error>> {
//!
//! let mut events = response.bytes_stream().eventsource();
//! while let Some(event) = events.try_next().await? {
//!     let delta: serde_json::Value = serde_json::from_str(&event.data)?;
//!     println!("{delta}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! After:
//!
//! ```no_run
//! use tidewire_futures::Eventsource; // tidewire-futures = "0.1"
//! # use futures_util::TryStreamExt;
//! # async fn read(response: reqwest::Response) -> Result<(), Box<dyn std::error::Error>> {
//!
//! let mut events = response.bytes_stream().eventsource();
//! while let Some(event) = events.try_next().await? {
//!     let delta: serde_json::Value = serde_json::from_slice(event.data().as_bytes())?;
//!     println!("{delta}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | there | here |
//! |---|---|
//! | `event.data` | `event.data()`: `as_bytes`, `to_str`, `to_str_lossy`; to keep it, `into_data()` |
//! | `event.data == "[DONE]"` | `event.data() == "[DONE]"` |
//! | `event.event` | `event.name()` |
//! | `event.id` | `event.last_event_id()` |
//! | `event.retry` | [`EventStream::reconnection_time`]: the last one, whether or not an event came with it |
//! | `set_last_event_id` | [`EventStream::resume_after`] |
//! | `EventStreamError::Transport` | [`Error::Transport`] |
//! | `EventStreamError::Utf8` | none: one wrong sequence does not take the event with it |
//! | memory as the peer likes | [`Limits`], and [`Error::Limit`] past them, or [`OwnedItem::Skipped`] |
//! | pieces that lend bytes, `AsRef<[u8]>` | pieces that become them, `Into<Bytes>`, and are not copied |
//!
//! After an error there is nothing more; there, the stream could be polled on.
//!
//! # One connection
//!
//! An [`EventStream`] lasts as long as its bytes do. To reconnect takes a transport, and to do it well
//! takes a machine: when to, how long to wait, which answers are final. That machine is
//! [`Source`](tidewire_sse::Source); `crates/tokio/examples/source.rs` drives it over `reqwest`.
//!
//! To give up a silent server, put the time-out around the bytes and not around the events: comments,
//! which servers send as signs of life, are bytes and not events.
//!
//! The crate is `no_std` with `alloc`, and so are all its dependencies. The feature `std` makes the
//! search for line ends and the check of UTF-8 use the widest vector instructions that the machine has,
//! and changes nothing else: turn it on where there is std.
#![no_std]

mod error;
mod event_stream;
mod eventsource;

pub use error::Error;
pub use event_stream::{EventStream, StreamState};
pub use eventsource::Eventsource;
pub use tidewire_sse::{
    EventId, Interest, LimitError, Limits, OnExcess, OwnedEvent, OwnedItem, Text,
};
