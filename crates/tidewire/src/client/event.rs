//! What a client tells: events, and why a connection, an ask or all of it came to nothing.

use alloc::string::String;

use bytes::Bytes;

use tidewire_http::{self as http, InvalidField};
use tidewire_sse as sse;
use tidewire_ws as ws;

/// What came from the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The stream stands. Polls have no such event.
    Open,
    /// A text message of a WebSocket. Say [`seen`](super::Client::seen) when it is taken.
    Message(Bytes),
    /// The body of a poll's answer. Say [`delivered`](super::Client::delivered) when it is taken, or
    /// [`rejected`](super::Client::rejected) if it makes no sense.
    Answer {
        /// Whether the answer is that the cursor cannot be continued.
        is_reset: bool,
        /// The body.
        body: Bytes,
    },
    /// An event of an event stream, taken when this is returned.
    Received(Received),
    /// An event of an event stream passed a limit of the decoder and was passed over.
    Skipped(sse::LimitError),
}

/// An event of an event stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Its name; `message` if the server gave none.
    pub name: String,
    /// Its data.
    pub data: String,
    /// The last event id as of this event.
    pub id: String,
}

/// Why a connection is of no use. Another may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// HTTP's.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The WebSocket's.
    #[error(transparent)]
    WebSocket(#[from] ws::Error),
    /// The WebSocket handshake's.
    #[error(transparent)]
    Handshake(#[from] ws::handshake::client::HandshakeError),
    /// The event stream's.
    #[error(transparent)]
    EventStream(#[from] sse::LimitError),
}

/// Why a connection could not be used for asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// A path, the query or the host cannot be sent.
    #[error(transparent)]
    Invalid(#[from] InvalidField),
    /// The outbox was not fresh.
    #[error(transparent)]
    Send(#[from] http::SendError),
}

/// Why a client asks no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stop {
    /// The server answered with this status, which no repetition mends.
    #[error("the server answered {0}")]
    Status(u16),
    /// The event stream is over.
    #[error(transparent)]
    EventStream(sse::Stop),
}
