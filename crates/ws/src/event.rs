//! What a connection tells. When it does, the connection decides.

use tidewire_core::Payload;

use crate::{Closed, Text};

/// What the peer did, or what became of the connection.
#[derive(Debug)]
pub enum Event<'i> {
    /// A text message.
    Text(Text<'i>),
    /// A binary message.
    Binary(Payload<'i>),
    /// A ping. Its pong is already in the outbox, or will be once there is room.
    Ping(Payload<'i>),
    /// A pong, asked for or not.
    Pong(Payload<'i>),
    /// The connection is closed. The last event.
    Closed(Closed),
}
