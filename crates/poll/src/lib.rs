//! HTTP long-polling and interval polling over an event log, as machines for both sides.
//!
//! On the server a [`Park`] holds requests until there is news in a [`Hub`](tidewire_hub::Hub) or
//! their time is up; a request that does not want to wait is an interval poll. On the client a
//! [`Poller`] decides when to ask, what for, and what a response means, for both kinds.
//!
//! | type | what it is |
//! |---|---|
//! | [`Ask`] | a poll as the server understood it |
//! | [`Park`] | holds polls and says when to answer them |
//! | [`Answer`] | what a poll is told: events, that there is none, or a reset |
//! | [`Refused`] | what a poll is refused with, as status and `Retry-After` |
//! | [`ParkStats`] | how much a park holds |
//! | [`Poller`] | asks again and again, never twice at a time |
//! | [`PollRequest`], [`ResponseHead`] | what a poller asks for, and what it reads of a response |
//! | [`Verdict`] | what a response's head means to the poller |
//! | [`EntityTag`] | a cursor as an entity tag, for conditional requests |
//!
//! No machine here makes or reads HTTP or the body of an answer: where the topics, the cursor and the
//! wait stand in a request is for whoever owns the URL to say.
//!
//! What all this has to get right is listed in `BEHAVIOURS.md`, each with the tests that hold it.
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
