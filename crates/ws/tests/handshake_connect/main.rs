//! WebSocket over HTTP/2 (RFC 8441) and HTTP/3 (RFC 9220): the handshake from field list to field
//! list, and a connection over the frames of a stream.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod fields;
// How frames travel says nothing about memory, and Miri takes minutes to follow them.
#[cfg(not(miri))]
mod stream;
#[cfg(not(miri))]
mod wire;
