//! permessage-deflate's compressors against zlib itself, against the RFC, and against harm.

mod blocks;
mod damage;
mod differential;
mod kit;
mod lending;
mod limits;
mod memory;
mod rfc7692;
