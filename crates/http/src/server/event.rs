//! What a client can do to its server. When it may, stands with the [states](super).

use tidewire_core::Payload;

use crate::{Fields, RequestHead};

/// What the client did.
#[derive(Debug)]
pub enum Event<'i> {
    /// A request began. Its body follows, then `End`; it may be answered from now on.
    Request(RequestHead),
    /// The next piece of the body.
    Body(Payload<'i>),
    /// The fields that came behind a chunked body.
    Trailers(Fields),
    /// The request is complete.
    End,
    /// The client will send nothing more, but waits for the response, or is gone. Told once.
    PeerEnded,
    /// The connection is over, in order. This is the last event.
    Closed,
}
