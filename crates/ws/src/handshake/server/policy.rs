//! What a server lets in. How a request is held against it is not told here.

use alloc::vec::Vec;

#[cfg(feature = "deflate")]
use crate::handshake::deflate;
use crate::handshake::{Origins, Subprotocol};

/// What a server lets in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The origins whose pages may connect. Default: those of the server's own host.
    pub origins: Origins,
    /// The subprotocols that the server speaks. Default: none. Of those that the client offers, the
    /// one that it names first is chosen; if there is none, the connection has no subprotocol, and
    /// the client decides what to make of that.
    pub subprotocols: Vec<Subprotocol>,
    /// How messages may be compressed. Default: `None`, not at all. Where no offer of the client
    /// fits, the connection is opened without compression. RFC 7692 §5.
    #[cfg(feature = "deflate")]
    pub deflate: Option<deflate::Policy>,
}
