//! What happens on a server's connection, and what can go wrong on either side of it.

use tidewire_http as http;
use tidewire_sse as sse;
use tidewire_ws as ws;
use tidewire_ws::handshake::server::Refused;

/// What happened on a [`Connection`](super::Connection).
#[derive(Debug)]
pub enum Event<'i> {
    /// Something about a request, or the last event of a connection that is no WebSocket.
    Http(http::server::Event<'i>),
    /// The client sent something behind a request that is complete and waits for its answer. Told once
    /// a request. What came is read after the answer, so a poll that is held should have it now. RFC
    /// 6202 §5.2.
    PeerAhead,
    /// The event stream ended; the connection is ready for another request.
    StreamEnded,
    /// Something on the WebSocket.
    WebSocket(ws::Event<'i>),
}

/// What became of a request to become a WebSocket. Either way it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Handshake {
    /// The connection is a WebSocket.
    Accepted,
    /// The connection ends.
    Refused(Refused),
}

/// How the peer broke a protocol or passed a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// HTTP's.
    #[error(transparent)]
    Http(#[from] http::Error),
    /// The WebSocket's.
    #[error(transparent)]
    WebSocket(#[from] ws::Error),
}

/// Why a command was not carried out. Nothing was written and the state is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The connection is at another stage.
    #[error("the connection is not at the stage for this")]
    WrongStage,
    /// HTTP's.
    #[error(transparent)]
    Http(#[from] http::SendError),
    /// The event stream's.
    #[error(transparent)]
    EventStream(#[from] sse::SendError),
    /// The WebSocket's.
    #[error(transparent)]
    WebSocket(#[from] ws::SendError),
}
