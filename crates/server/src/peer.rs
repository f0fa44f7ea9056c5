//! A connection at the moment of a command, and the two ways of ending one.

use std::fmt::Display;
use std::time::Duration;

use tidewire::server::Connection;
use tracing::debug;

/// The machine, its outbox and the present.
pub(crate) type Peer<'d> = tidewire_tokio::Peer<'d, Connection>;

/// When the client of a stream that we ended is to come back.
const RETRY: Duration = Duration::from_secs(1);

/// Says goodbye in the way of the transport.
pub(crate) fn leave(peer: &mut Peer<'_>) {
    peer.machine.leave(RETRY, peer.outbox, peer.now);
}

/// Ends a connection whose request cannot be answered: to stay would be to wait for ever.
pub(crate) fn abandon(error: impl Display, peer: &mut Peer<'_>) {
    debug!(%error, "the connection is given up");
    peer.outbox.end();
}
