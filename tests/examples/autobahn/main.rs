//! What Autobahn|Testsuite tests: an echo server and an echo client over `std::net`. Who starts the
//! suite beside them is `cargo xtask autobahn`.
//!
//! ```text
//! autobahn server [--deflate]             echoes until it is killed
//! autobahn client HOST:PORT [--deflate]   asks the suite for its cases, one after another
//! autobahn has-deflate                    succeeds if `--deflate` is built in
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
        ["server"] => server::run(config(Mode::Plain)?),
        ["server", "--deflate"] => server::run(config(Mode::Deflate)?),
        ["client", suite] => client::run(suite, &config(Mode::Plain)?),
        ["client", suite, "--deflate"] => client::run(suite, &config(Mode::Deflate)?),
        ["has-deflate"] => config(Mode::Deflate).map(drop),
        _ => Err("usage: autobahn server|client HOST:PORT [--deflate]".into()),
    }
}

/// Whether permessage-deflate is offered and accepted.
#[derive(Clone, Copy)]
enum Mode {
    Plain,
    Deflate,
}

/// The defaults, but for messages as long as the suite's: it sends 16 MiB.
fn config(mode: Mode) -> Result<ws::Config, Box<dyn Error>> {
    let mut config = ws::Config::default();
    config.max_frame_bytes = MAX_MESSAGE_BYTES;
    config.max_message_bytes = MAX_MESSAGE_BYTES;
    config.max_outbox_bytes = MAX_MESSAGE_BYTES;
    match mode {
        Mode::Plain => Ok(config),
        Mode::Deflate => Err("permessage-deflate is not built in".into()),
    }
}

const MAX_MESSAGE_BYTES: usize = 32 << 20;
