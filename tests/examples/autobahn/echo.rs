//! What both testees do with a message: send it back as what it was.

use tidewire::core::Outbox;
use tidewire::ws::{Connection, Event};

/// Pings and Closes are answered by the connection itself. What arrives while it closes is dropped.
pub(crate) fn echo(event: &Event<'_>, connection: &mut Connection, outbox: &mut Outbox) {
    let _ = match event {
        Event::Text(text) => connection.send_text(text, outbox),
        Event::Binary(bytes) => connection.send_binary(bytes, outbox),
        _ => Ok(()),
    };
}
