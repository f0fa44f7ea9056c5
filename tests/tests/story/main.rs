//! Stories of two peers over a link that cuts their bytes anywhere, in virtual time.
#![allow(clippy::panic, clippy::unwrap_used, reason = "this is test code")]

mod following;
mod http;
mod log;
mod slow;
mod upgrade;
mod websocket;
mod world;

/// Where each story cuts its bytes.
const SEEDS: std::ops::Range<u64> = 0..20;

const fn secs(secs: u64) -> std::time::Duration {
    std::time::Duration::from_secs(secs)
}
