//! What Autobahn|Testsuite tests: an echo server and an echo client over `std::net`. Who starts the
//! suite beside them is `cargo xtask autobahn`.
//!
//! ```text
//! autobahn server [--deflate]             echoes until it is killed
//! autobahn client HOST:PORT [--deflate]   asks the suite for its cases, one after another
//! ```
#![allow(clippy::print_stdout, reason = "the lines tell who started it how far it is")]

mod client;
mod echo;
mod server;
mod wire;

use std::env;
use std::error::Error;

use tidewire::ws;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["server"] => server::run(config(), Mode::Plain),
        ["server", "--deflate"] => server::run(config(), Mode::Deflate),
        ["client", suite] => client::run(suite, &config(), Mode::Plain),
        ["client", suite, "--deflate"] => client::run(suite, &config(), Mode::Deflate),
        _ => Err("usage: autobahn server|client HOST:PORT [--deflate]".into()),
    }
}

/// Whether permessage-deflate is offered and accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Plain,
    Deflate,
}

/// The defaults, but for messages as long as the suite's: it sends 16 MiB.
fn config() -> ws::Config {
    let mut config = ws::Config::default();
    config.max_frame_bytes = MAX_MESSAGE_BYTES;
    config.max_message_bytes = MAX_MESSAGE_BYTES;
    config.max_outbox_bytes = MAX_MESSAGE_BYTES;
    config
}

const MAX_MESSAGE_BYTES: usize = 32 << 20;
