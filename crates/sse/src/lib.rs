//! Server-Sent Events (WHATWG HTML §9.2): a decoder, an encoder, the server's stream and the
//! client's source, as state machines without a socket, a clock or a task.
//!
//! | type | what it is |
//! |---|---|
//! | [`Decoder`] | bytes of an event stream in, [`Item`]s out, lent wherever they can be |
//! | [`Frame`] | one event, or a part of one, on its way to bytes; cannot be injected into |
//! | [`Stream`] | the server's side of one response: frames, keep-alive, lifetime, stalled peers |
//! | [`Source`] | the client's side over many responses: when to connect, resume, wait and give up |
//! | [`redirect`] | which redirects a client may follow, and what of its request may go along |
//!
//! The machines take heads as pairs of names and values ([`RequestHead`], [`ResponseHead`]), and ask
//! for fields in the same form. Who reads and writes HTTP, resolves URLs and asks them, checks the
//! `Origin`, compresses or chunks, is the caller; `text/event-stream` should not be compressed.
//!
//! ```
//! use tidewire_sse::{Decoder, EventId, EventName, Frame, Item, Limits};
//!
//! static NAME: EventName = EventName::from_static("price");
//! let id = EventId::new("7.42")?;
//! let frame = Frame::new().name(&NAME).id(&id).data("up\nup").to_bytes();
//! assert_eq!(frame, "event: price\nid: 7.42\ndata: up\ndata: up\n\n");
//!
//! let mut decoder = Decoder::new(Limits::default());
//! let Some(Item::Event(event)) = decoder.decode(&mut &frame[..])? else { panic!() };
//! assert_eq!(event.name(), "price");
//! assert_eq!(event.data().to_str_lossy(), "up\nup");
//! assert_eq!(event.last_event_id(), "7.42");
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # The loop
//!
//! A decoder takes whatever pieces of a body come, and lends what it finds in them. HTTP/1.1 may cut
//! the body into chunks: that is to be undone first, as `tidewire-http` does. There is no end mark in
//! an event stream: a protocol on top has its own, such as the `[DONE]` of language models, and a
//! stream that ends without it was cut. All of a client over `std::net`, since an HTTP/1.0 body comes
//! unframed:
//!
//! ```no_run
//! use std::io::{BufRead, BufReader, Write};
//! use std::net::TcpStream;
//! use tidewire_sse::{Decoder, Item, Limits};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let mut socket = TcpStream::connect("127.0.0.1:8000")?;
//!     socket.write_all(b"GET /answer HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n")?;
//!     let mut body = BufReader::new(socket);
//!     let mut head = String::new();
//!     while !head.ends_with("\r\n\r\n") && body.read_line(&mut head)? > 0 {}
//!     if !head.contains(" 200 ") { return Err(head.into()) }
//!     let mut decoder = Decoder::new(Limits::default());
//!     loop {
//!         let mut piece = body.fill_buf()?;
//!         let len = piece.len();
//!         while let Some(item) = decoder.decode(&mut piece)? {
//!             let Item::Event(event) = item else { return Err("an event was too long".into()) };
//!             if event.data() == "[DONE]" { return Ok(()) }
//!             println!("{}", event.data().to_str()?);
//!         }
//!         body.consume(len);
//!         if len == 0 { return Err("the answer was cut".into()) }
//!     }
//! }
//! ```
//!
//! `examples/llm.rs` asks by `POST` over HTTP/1.1, in chunks or not (by `tidewire-http`, with
//! `ClientConfig::for_streams`), and reads the JSON. `examples/follow.rs` has a [`Source`] connect
//! again and resume over such sockets, through redirects, too. Over a stream of bytes of an async
//! client it is `tidewire-futures`; as a body of hyper or axum, `tidewire-tokio`.
//!
//! # Promises
//!
//! - **The standard's rules**, one by one with the test that holds each, are in `WHATWG.md` beside the
//!   sources; what the field has learned is in `FIELD.md`.
//! - **Any cut.** However a stream is cut, the same items come out. No byte of data is searched more
//!   than once or copied more than once to be lent, and an event in one line and one piece is lent
//!   where it lies. Whether it is UTF-8 is looked at when asked.
//! - **Bounded.** [`Limits`] are on by default. After a large event its memory is given back.
//! - **No forgery.** What goes into a [`Frame`] comes out of a decoder, and nothing else.
//!
//! # Where the standard leaves room
//!
//! - The last event ID survives a new connection, also for events before its first `id` line.
//! - A line without a line end at the end of the stream does not count: no event, no `retry`.
//! - A `retry` counts from its line on; an empty one is ignored; one beyond 64 bits saturates.
//! - A CR ends its line at once; an LF that comes next, however late, belongs to it.
//!
//! # Features
//!
//! `std` makes the search for line ends and the check of UTF-8 use the widest vector instructions
//! that the machine has, and gives [`FrameBuf`] its vectored form, `chunks_vectored`.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod accept;
mod answer;
mod block;
mod config;
mod decode;
mod encode;
mod event;
mod field;
mod gathered;
mod head;
mod limits;
mod line;
mod media_range;
mod name;
pub mod redirect;
mod scan;
mod scratch;
mod source;
mod stream;
mod text;
mod utf8;
mod verdict;
mod visits;

pub use accept::{Accepted, Refused, Resume};
pub use config::{Reconnect, SourceConfig, StatusPolicy, StreamConfig};
pub use decode::{Decoder, Interest};
pub use encode::{Frame, FrameBuf};
pub use event::{Event, Item, OwnedEvent, OwnedItem};
pub use head::{RequestHead, ResponseHead};
pub use limits::{LimitError, Limits, OnExcess};
pub use name::{EventId, EventName, NameError};
pub use scratch::{Buffers, Lent, Scratch};
pub use source::Source;
pub use stream::{Ending, SendError, Stream, StreamError, StreamEvent};
pub use text::Text;
pub use verdict::{Action, Ended, Redirect, SourceState, Stop, Verdict};
