//! What a server can do to its client. When it may, stands with the [states](super).

use tidewire_core::Payload;

use crate::{Fields, ResponseHead};

/// What the server did.
#[derive(Debug)]
pub enum Event<'i> {
    /// A response of status 1xx came ahead of the final one. RFC 9110 §15.2.
    Interim(ResponseHead),
    /// The final response began. Its body follows, then `End`; or it is a 101 that was asked for,
    /// and `Upgraded` follows.
    Response(ResponseHead),
    /// The next piece of the body.
    Body(Payload<'i>),
    /// The fields that came behind a chunked body.
    Trailers(Fields),
    /// The response is complete.
    End,
    /// The connection speaks another protocol from here on. The inbox belongs to it, and this is
    /// the last event.
    Upgraded,
    /// The connection is over, in order. This is the last event.
    Closed,
}
