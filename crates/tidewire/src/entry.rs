//! An event of the log in the forms in which it travels. What the forms say is the caller's choice.

use alloc::string::ToString;

use bytes::Bytes;

use tidewire_http::Chunk;
use tidewire_hub::Cursor;
use tidewire_sse::{EventId, EventName, Frame};
use tidewire_ws::Prepared;

/// An event, encoded once per wire form; all who receive it share the same bytes.
///
/// The *message* is a document such as a JSON object: a WebSocket carries it, a poll's answer lists
/// it, and this crate does not look into it. The *frame* is the event for an event stream, and lies in
/// a chunk, as HTTP/1.1 carries it.
///
/// ```
/// use tidewire::hub::Cursor;
/// use tidewire::Entry;
///
/// let cursor = Cursor { epoch: 7, offset: 2 };
/// let entry = Entry::new(cursor, r#"{"data":"hello"}"#, None, "hello");
/// assert_eq!(entry.message(), br#"{"data":"hello"}"#);
/// assert_eq!(entry.frame(), "id: 7.2\ndata: hello\n\n");
/// ```
#[derive(Clone, Debug)]
pub struct Entry {
    cursor: Cursor,
    message: Prepared,
    chunk: Chunk,
}

impl Entry {
    /// Encodes an event: `message` for WebSockets and polls, `name` and `data` for event streams.
    /// A name of `None` is the default one, `message`.
    #[must_use]
    #[allow(clippy::missing_panics_doc, reason = "no cursor can cause it")]
    pub fn new(cursor: Cursor, message: &str, name: Option<&EventName>, data: &str) -> Self {
        let id = EventId::new(cursor.to_string()).expect("a cursor holds no line break and no NUL");
        let frame = Frame::new().id(&id).data(data);
        let frame = name.map_or(frame, |name| frame.name(name));
        Self { cursor, message: Prepared::text(message), chunk: Chunk::new(frame.buf()) }
    }

    /// Where in the log the event stands.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        self.message.payload()
    }

    /// The message as a WebSocket frame.
    #[must_use]
    pub fn prepared(&self) -> &Prepared {
        &self.message
    }

    /// The event as an event stream carries it; its id is the cursor.
    #[must_use]
    pub fn frame(&self) -> &Bytes {
        self.chunk.as_body()
    }

    /// The frame as a chunk of a body.
    #[must_use]
    pub fn chunk(&self) -> &Chunk {
        &self.chunk
    }
}
