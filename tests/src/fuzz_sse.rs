//! Fuzz bodies for event streams: the decoder, the frame, the client's source and the server's stream
//! under any bytes. What each rule says in detail is tested in the crate itself.
//!
//! | body | what it does |
//! |---|---|
//! | [`stream_bytes`] | the decoder reads the bytes under limits that nothing told may pass |
//! | [`round_trip`] | a frame of the bytes is read back the same |
//! | [`cuts`] | cut anyhow, lent or given away, the bytes read as by the standard; that costs little |
//! | [`source`] | a client gets the bytes as answers, bodies, losses and time |
//! | [`server_stream`] | a server's stream sends, waits and drains as the bytes say |

mod bytes;
mod cuts;
mod server_stream;
mod source;

pub use bytes::{round_trip, stream_bytes};
pub use cuts::cuts;
pub use server_stream::server_stream;
pub use source::source;
