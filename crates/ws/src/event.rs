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
    /// The next part of a text message, under [`Delivery::Parts`](crate::Delivery::Parts). It may
    /// be empty only if it is the last.
    TextPart {
        /// The part; it begins and ends between two characters.
        text: Text<'i>,
        /// Whether the message ends with it.
        is_last: bool,
    },
    /// The next part of a binary message, under [`Delivery::Parts`](crate::Delivery::Parts). It may
    /// be empty only if it is the last.
    BinaryPart {
        /// The part.
        bytes: Payload<'i>,
        /// Whether the message ends with it.
        is_last: bool,
    },
    /// A ping. Its pong is already in the outbox, or will be once there is room, unless
    /// [`Config::answer_pings`](crate::Config::answer_pings) is off.
    Ping(Payload<'i>),
    /// A pong, asked for or not.
    Pong(Payload<'i>),
    /// The outbox has room again: a command was refused with
    /// [`SendError::OutboxFull`](crate::SendError::OutboxFull), and since then it fell to
    /// [`Config::low_outbox_bytes`](crate::Config::low_outbox_bytes). Told once for each time.
    Drained,
    /// The connection is closed. The last event.
    Closed(Closed),
}
