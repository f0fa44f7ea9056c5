//! Where the WebSockets of a server get their compressors from. What those do is the WebSocket crate's
//! business.

use alloc::sync::Arc;
use core::fmt;

use tidewire_ws::deflate;

/// Makes the source of compressors for each direction of each WebSocket.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use tidewire::server::Codecs;
/// use tidewire::ws::deflate::{self, Pool};
///
/// let pool = Arc::new(Mutex::new(Pool::new(16)));
/// let codecs = Codecs::new(move || {
///     let pool = Arc::clone(&pool);
///     deflate::Codecs::lent(move |visit| visit(&mut pool.lock().unwrap()))
/// });
/// ```
#[derive(Clone)]
pub struct Codecs(Arc<Make>);

type Make = dyn Fn() -> deflate::Codecs + Send + Sync;

impl Codecs {
    /// Calls `make` for either direction of each WebSocket that compresses.
    pub fn new(make: impl Fn() -> deflate::Codecs + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    pub(crate) fn make(&self) -> deflate::Codecs {
        (self.0)()
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self::new(deflate::Codecs::own)
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codecs")
    }
}
