//! HTTP long-polling and interval polling over an event log, as machines for both sides.
//!
//! On the server a [`Park`] holds requests until there is news in a [`Hub`](tidewire_hub::Hub) or
//! their time is up; a request that does not want to wait is an interval poll. On the client a
//! [`Poller`] decides when to ask, what for, and what a response means, for both kinds.
//!
//! | type | what it is |
//! |---|---|
//! | [`Ask`], [`Client`] | a poll as the server understood it, and who asks |
//! | [`Park`], [`ParkConfig`] | holds polls and says when to answer them |
//! | [`Asked`], [`HoldId`] | what becomes of a poll: an answer at once, or a name to be held under |
//! | [`Answered`] | one answer, and the names of the held polls that it is for |
//! | [`Answer`], [`Why`] | what a poll is told: events, that there is none and why, or a reset |
//! | [`Refused`] | what a poll is refused with, as status and `Retry-After` |
//! | [`ParkStats`] | how much a park holds |
//! | [`Poller`], [`PollerConfig`], [`Mode`] | asks again and again, never twice at a time |
//! | [`PollRequest`], [`ResponseHead`] | what a poller asks for, and what it reads of a response |
//! | [`Verdict`] | what a response's head means to the poller |
//! | [`EntityTag`] | a cursor as an entity tag, for conditional requests |
//!
//! No machine here makes or reads HTTP or the body of an answer: where the topics, the cursor and the
//! wait stand in a request is for whoever owns the URL to say.
//!
//! # To embed it
//!
//! Besides this crate it takes `tidewire-core`, for `Instant` and `Entropy`, and `tidewire-hub`, for the
//! log and its cursors; or `tidewire`, which has them all as `tidewire::core`, `hub` and `poll`.
//!
//! ```
//! use std::{fs::File, io::Read, time};
//!
//! use tidewire_core::{Entropy, Instant};
//! use tidewire_hub::{Config, Hub, Start};
//! use tidewire_poll::{Answer, Ask, Asked, Park, ParkConfig};
//!
//! // Time counts from any moment, on a clock that does not jump.
//! let start = time::Instant::now();
//! let now = || Instant::from_origin(start.elapsed());
//! // A source that fills with zeros is for tests: times would not spread, nor two logs differ.
//! let mut source = File::open("/dev/urandom")?;
//! let mut entropy = Entropy::new(move |bytes| source.read_exact(bytes).expect("it never ends"));
//! // A new log has a new epoch, so that cursors of an earlier one are known for what they are.
//! let mut hub = Hub::new(Config::default(), u64::from_le_bytes(entropy.bytes()));
//! let mut park = Park::new(ParkConfig::default());
//!
//! // A request came. Keep its connection under the name that it is held under.
//! let asked = park.ask(&Ask::new(&["news"], Start::Now), &mut hub, &mut entropy, now())?;
//! let Asked::Held(held) = asked else { unreachable!("there is no news yet") };
//! // Somebody published.
//! hub.publish("news", "tide turns", 10, None, now())?;
//! // After the one and the other, and when the park's deadline has come:
//! while let Some(reader) = hub.next_ready() {
//!     park.woken(reader, &mut hub);
//! }
//! while let Some(answered) = park.next_answer(&mut hub, now()) {
//!     assert_eq!(answered.holds, [held]); // whose connections are sent the answer
//!     assert!(matches!(answered.answer, Answer::Events { .. }));
//! }
//! assert_eq!(park.deadline(), None); // how long to sleep, unless something comes
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Whole programs over `std::net` are `examples/park_blocking.rs` and `examples/poller_blocking.rs`. What all
//! this has to get right is listed in `BEHAVIOURS.md` beside the sources, each with the tests that hold it.
//!
//! The crate is `no_std` with `alloc`.
#![no_std]

extern crate alloc;

mod answer;
mod ask;
mod bucket;
mod config;
mod drain;
mod etag;
mod group;
mod head;
mod hold;
mod holds;
mod park;
mod poller;
mod request;
mod seed;
mod stats;
mod verdict;

pub use answer::{Answer, Answered, Asked, Why};
pub use ask::{Ask, Client, Refused};
pub use config::{Mode, ParkConfig, PollerConfig};
pub use etag::{EntityTag, cursor_from_etag, if_none_match};
pub use head::ResponseHead;
pub use hold::HoldId;
pub use park::Park;
pub use poller::Poller;
pub use request::PollRequest;
pub use stats::ParkStats;
pub use verdict::Verdict;
