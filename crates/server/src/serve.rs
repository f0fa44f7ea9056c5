//! The listening side of `tidewire serve`: start, accept, drain. A connection's life is elsewhere.

use std::convert::Infallible;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tidewire::hub::Batch;
use tidewire::server::Config;
use tidewire_tokio::Clock;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::Failure;
use crate::app::App;
use crate::cli::Serve;
use crate::connection;
use crate::feed::Feed;
use crate::guard::Guard;

/// Serves until SIGTERM or SIGINT, then says goodbye to everyone.
pub(crate) async fn run(options: Serve) -> Result<(), Failure> {
    log_to_stderr();
    let (listener, address) = bind(options.listen).await?;
    let leaving = CancellationToken::new();
    let clock = Clock::start();
    let feed = Feed::new(&options, clock);
    let origins = options.allow_origin.clone();
    let guard = Guard::new(address, origins, options.allow_host.clone());
    if !guard.checks_hosts() {
        warn!("any host name is served on {address}; --allow-host narrows it");
    }
    let drain = Duration::from_secs(options.drain);
    let machine = Arc::new(machine_config(&options));
    let app = Arc::new(App { clock, feed, guard, machine, options, leaving });
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    announce(format_args!("tidewire serves on http://{address}/"))?;

    let all = app.options.max_connections;
    let seats = Arc::new(Semaphore::new(all));
    tokio::select! {
        never = accept(&listener, &app, &seats) => match never {},
        () = app.feed.keep_time() => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    drop(listener);
    info!(connections = all - seats.available_permits(), "leaving");
    app.feed.drain();
    app.leaving.cancel();
    let gone = seats.acquire_many(all as u32);
    tokio::select! {
        gone = tokio::time::timeout(drain, gone) => if gone.is_err() {
            warn!("some did not leave in time");
        },
        () = app.feed.keep_time() => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn machine_config(options: &Serve) -> Config {
    // A byte of the data may take six in JSON, and seven as an empty line of an event stream.
    let longest_event = 7 * options.max_event_bytes + 4096;
    let mut config = Config::default();
    config.http.max_body_bytes = options.max_event_bytes as u64;
    // Half of it is left for one answer when the next request is read.
    let batch = Batch::default().bytes.max(options.max_pending_bytes);
    config.http.max_outbox_bytes = 2 * (batch + longest_event);
    let websocket = Arc::make_mut(&mut config.websocket);
    websocket.max_message_bytes = longest_event;
    websocket.max_frame_bytes = longest_event;
    websocket.max_outbox_bytes = config.http.max_outbox_bytes;
    config.event_stream.max_lifetime = Some(Duration::from_secs(options.max_stream_age));
    config
}

/// Opens the listening socket, or says in one line why not.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; see --listen"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Prints the one line that tells where the server is.
pub(crate) fn announce(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// Takes connections for ever, each on a seat that it gives up in the end.
async fn accept(listener: &TcpListener, app: &Arc<App>, seats: &Arc<Semaphore>) -> Infallible {
    let doorway = Arc::new(Semaphore::new(DOORWAY));
    loop {
        let socket = next_socket(listener).await;
        let app = Arc::clone(app);
        if let Ok(seat) = Arc::clone(seats).try_acquire_owned() {
            tokio::spawn(connection::serve(socket, app, seat));
        } else if let Ok(place) = Arc::clone(&doorway).try_acquire_owned() {
            tokio::spawn(async move {
                connection::turn_away(socket, &app).await;
                drop(place);
            });
        }
    }
}

/// How many connections at once are told that there is no seat; more are dropped.
const DOORWAY: usize = 64;

/// The next connection. Running out of file descriptors is waited out, not spun on.
pub(crate) async fn next_socket(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                debug!(%peer, "accepted");
                // Our bytes leave in whole writes already; Nagle would only hold them back.
                let _ = socket.set_nodelay(true);
                return socket;
            }
            Err(error) => {
                warn!(%error, "cannot accept");
                #[allow(clippy::disallowed_methods, reason = "the binary owns the waiting")]
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn log_to_stderr() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    log.with_ansi(io::stderr().is_terminal()).init();
}
