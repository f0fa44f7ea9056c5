//! Drives any [`Protocol`](tidewire_core::Protocol) machine over a tokio byte stream.
//!
//! The adapter owns the socket, the clock and the waking. It is written once over the contract and
//! knows no frame, header or close code. See [`Driver`] for the loop, and `examples/echo.rs` for a
//! WebSocket server with `tidewire::server::Connection`, which also speaks HTTP and event streams.
//!
//! # Event streams where somebody else owns the connection
//!
//! | feature | type | what it is |
//! |---|---|---|
//! | `http-body` | `Sse` | the body of a response that is an event stream, for hyper and its like |
//! | `http-body` | `SseRequest` | whether a request gets one, and behind which event it goes on |
//! | `axum` | the same | what an axum handler returns, and what it takes as an argument |
//!
//! `examples/axum_resume.rs` serves a log of events over axum, and clients that come back miss none of
//! them. For the other side, `examples/source.rs` follows an event stream over reqwest and reconnects.
//!
//! # Coming from `axum::response::sse`
//!
//! Three lines change: the `use`, what the stream holds, and how that is made. It takes this crate with
//! the feature `axum`, and `tidewire-sse` and `bytes` beside it. Before:
//!
//! ```
//! use axum::response::sse::{Event, KeepAlive, Sse};
//! # use std::convert::Infallible;
//! # use futures_util::{Stream, StreamExt, stream};
//!
//! async fn prices() -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
//!     let prices = stream::iter(["12", "13"]);
//!     Sse::new(prices.map(|price| Ok(Event::default().data(price))))
//!         .keep_alive(KeepAlive::default())
//! }
//! # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(prices));
//! ```
//!
//! After, signs of life included:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use {bytes::Bytes, tidewire_sse::Frame, tidewire_tokio::Sse};
//! # use std::convert::Infallible;
//! # use futures_util::{Stream, StreamExt, stream};
//!
//! async fn prices() -> Sse<impl Stream<Item = Result<Bytes, Infallible>>> {
//!     let prices = stream::iter(["12", "13"]);
//!     Sse::new(prices.map(|price| Ok(Frame::new().data(price).to_bytes())))
//! }
//! # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(prices));
//! # }
//! ```
//!
//! | there | here, of `tidewire-sse` |
//! |---|---|
//! | `Event::default()` | `Frame::new()`, and at the end `to_bytes()`: once for all who receive it |
//! | `.event(…)` | `.name(&…)`, an `EventName`, checked where it is made |
//! | `.id(…)` | `.id(&…)`, an `EventId`, checked where it is made |
//! | `.data(…)`, `.comment(…)` | the same, line ends of any kind included |
//! | `.retry(…)` | the same |
//! | `.json_data(&value)?` | `.data(&serde_json::to_string(&value)?)` |
//! | `.keep_alive(KeepAlive::default())` | nothing: each 15 s of silence there is a sign of life |
//! | `KeepAlive::new()…` | `Sse::with_config`, `StreamConfig::keep_alive_every` and `keep_alive` |
//! | `HeaderMap::get("Last-Event-ID")` | the argument `SseRequest` |
//! | a timer that ends the stream | `StreamConfig::max_lifetime`, and a hint when to come back |

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
