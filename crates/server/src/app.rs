//! What all connections of a server share.

use std::sync::Arc;

use tidewire::server::Config;
use tidewire_tokio::Clock;
use tokio_util::sync::CancellationToken;

use crate::cli::Serve;
use crate::feed::Feed;
use crate::guard::Guard;

/// What all connections share.
pub(crate) struct App {
    pub(crate) clock: Clock,
    pub(crate) feed: Arc<Feed>,
    pub(crate) guard: Guard,
    pub(crate) machine: Arc<Config>,
    pub(crate) options: Serve,
    /// Cancelled when the server goes away.
    pub(crate) leaving: CancellationToken,
}
