//! The binary `tidewire`: one event log over WebSocket, Server-Sent Events, long-polling and
//! interval polling. What the protocols demand lives in the protocol crates; here are routes, JSON,
//! origin rules, the page and the command line.

mod address;
mod answer;
mod app;
mod cli;
mod compare;
mod connection;
mod echo;
mod feed;
mod guard;
mod hold;
mod item;
mod listen;
mod page;
mod peer;
mod publication;
mod publish;
mod range;
mod refusal;
mod reply;
mod route;
mod seconds;
mod serve;
mod socket;
mod subscription;
mod visitor;
mod wire;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use tidewire::core::Entropy;

/// Why a command ended without having done its work; the message is one clear line.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().into_command() {
        Command::Serve(options) => serve::run(options).await,
        Command::Listen(options) => listen::run(options).await,
        Command::Publish(options) => publish::run(options).await,
        Command::Compare(options) => compare::run(options).await,
        Command::Echo(options) => echo::run(options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads no more has had enough.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidewire: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Random bytes for keys, masks and jitter, from the thread's cryptographic generator.
fn entropy() -> Entropy {
    Entropy::new(|bytes| rand::Rng::fill_bytes(&mut rand::rng(), bytes))
}
