//! One bounded event log and many positions in it.
//!
//! A [`Hub`] keeps the latest events of all topics in one log and knows, for each subscriber, how
//! far it has read. A subscriber is a position, never a queue: a slow one lags in the shared log,
//! and is told so by a [`Reset`] once the log has dropped what it did not read. Nothing is lost in
//! silence.
//!
//! | type | what it is |
//! |---|---|
//! | [`Hub`] | the log, its subscribers, and who of them became readable |
//! | [`Cursor`] | a position as text that fits a URL, an event id and an entity tag |
//! | [`Subscription`] | how a reader is served: its start, credit, policy when slow, and [`Access`] |
//! | [`Start`] | where a reader begins: after a cursor, at the oldest, now, or some events back |
//! | [`Read`], [`Slice`] | what a read yields: a batch of [`Entries`], a wait, or a reset |
//! | [`Lineage`] | the epochs of a log that outlives its process, and which cursors outlive an epoch |
//! | [`Presence`] | who is in a topic, and who came or went, whatever pauses a transport makes |
//! | [`Reset`] | why a cursor cannot be continued, and from where the stream can |
//!
//! The hub does not know what an item is or who carries it. It holds no clock, lock or thread: one
//! thread owns it, and several hubs are several logs.
//!
//! Besides this crate it takes `tidewire-core`, for `Instant`; or `tidewire`, which has both as
//! `tidewire::core` and `tidewire::hub`. An `Instant` is made of the time since a moment of your choice,
//! `Instant::from_origin(start.elapsed())`, and the epoch of a new log is eight bytes of a real random
//! source. [`Hub`] shows the loop.
//!
//! The crate is `no_std` with `alloc`. The feature `seal` brings `Seal`: cursors that their readers can
//! neither count with nor forge, for logs that several tenants share. It changes nothing unless asked.
#![no_std]

extern crate alloc;

mod access;
mod config;
mod cursor;
mod error;
mod hub;
mod id;
mod keys;
mod lineage;
mod log;
mod presence;
mod read;
mod reset;
#[cfg(feature = "seal")]
mod seal;
mod start;
mod subscriber;
mod topics;

pub use access::Access;
pub use config::{Batch, Config};
pub use cursor::{Cursor, ParseCursorError};
pub use error::{PublishError, SubscribeError};
pub use hub::Hub;
pub use id::{SubscriberId, TopicId};
pub use lineage::{ForkError, Lineage};
pub use log::Record;
pub use presence::{JoinError, Presence, PresenceChange, PresenceConfig};
pub use read::{End, Entries, Published, Read, Slice};
pub use reset::{Reset, ResetReason};
#[cfg(feature = "seal")]
pub use seal::{Seal, SealedCursor};
pub use start::Start;
pub use subscriber::{SlowPolicy, Subscription};
