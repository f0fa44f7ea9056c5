//! The compressors of permessage-deflate (RFC 7692), one for each direction of a connection. What
//! two ends agree on is the handshake's business, and where compressed frames stand is not known
//! here.
//!
//! | part | what it is |
//! |---|---|
//! | [`Inflater`] | one direction of receiving: from the payload of frames to a message |
//! | [`Deflater`] | one direction of sending: from a message to the payload of frames |
//! | [`Codecs`] | where both get what they work with: made anew, or lent from a [`Pool`] |
//!
//! # What it costs
//!
//! A [`Deflater`] works with 275 KiB at the defaults of [`Config`], an [`Inflater`] with up to
//! 80 KiB. What of this a connection holds on to between two messages is a matter of the
//! [`Context`] that was agreed on, and of whose the [`Codecs`] are:
//!
//! | at rest | receiving | sending |
//! |---|---|---|
//! | [`Context::Takeover`], own | up to 80 KiB | 275 KiB |
//! | [`Context::Takeover`], lent | the window: as much as came, up to 32 KiB | 275 KiB |
//! | [`Context::NoTakeover`] | nothing | nothing |
//!
//! The smallest windows bring that down to 51 KiB, 4 KiB and 150 KiB, and `release` of either
//! direction saves memory at any time between two messages. A message of a direction that holds
//! nothing takes what it needs from its [`Codecs`] and returns it at its end, so ten thousand
//! connections that share a pool cost as much as those few of them that are in the middle of a
//! message. Without a pool, each message then pays for making and freeing a compressor.
//!
//! # Why it is off unless asked for
//!
//! Besides memory and time, compression costs secrecy. The length of a compressed text tells how
//! much of it is repeated, and encryption hides no length. Whoever can place text of his own next
//! to a secret, and can see how long the result is, guesses the secret piece by piece: a right
//! guess makes it shorter. That is how CRIME and BREACH read cookies through TLS. In a context that
//! is taken over, "next to" means within the last 32 KiB of that direction, whichever message they
//! were in.
//!
//! - Send secrets (tokens, keys, personal data) in messages that are not compressed; a
//!   [`Prepared`](crate::Prepared) message goes as it is.
//! - Agree on no takeover where messages from several sources share a connection. Then a message
//!   can only betray what stands in itself.
//! - Leave short messages as they are: there is little to gain, and the exact length tells most.
//! - Offer nothing of this before the peer is known.
//!
//! # A peer that means harm
//!
//! One byte inflates to a thousand, so the limit of a message counts what comes out of it, and
//! memory is taken as that comes and never ahead of it. A [`Codecs`] that lends hands a decompressor
//! to whoever begins a message: a peer that never ends it holds on to those 80 KiB.
//!
//! # On bare metal
//!
//! The memory comes from Rust's allocator, except where the target has no operating system: there
//! zlib-rs asks C's, and whoever links has to bring `malloc`, `calloc` and `free`.

mod codecs;
mod config;
mod deflater;
mod engine;
mod error;
mod inflater;
mod pool;
mod window;

pub use codecs::Codecs;
pub use config::{Config, Context};
pub use deflater::Deflater;
pub use error::Error;
pub use inflater::Inflater;
pub use pool::Pool;
