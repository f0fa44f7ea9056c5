//! permessage-deflate's compressors against zlib itself, against the RFC, and against harm.

mod blocks;
mod damage;
// Miri cannot hear zlib, which is C.
#[cfg(not(miri))]
mod differential;
mod kit;
mod lending;
mod limits;
// Miri takes minutes for some hundred compressors.
#[cfg(not(miri))]
mod memory;
mod rfc7692;
