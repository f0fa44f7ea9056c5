//! Thousands of clients of one server at once, over real sockets: what each costs the server at rest,
//! and whether one publish reaches them all. What a client does stands in `client`.

mod client;
mod server;
mod witness;

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use client::{Client, Told, Transport};
use server::{Memory, Server};
use witness::Witness;

/// Why nothing could be measured.
type Failure = Box<dyn Error + Send + Sync>;

/// What a held poll may cost the server, its connection included.
const TARGET_BYTES: usize = 2048;
/// So many clients connect at once; more follow when the server has taken them.
const BATCH: usize = 256;
/// Who hears nothing for so long has lost what was published.
const PATIENCE: Duration = Duration::from_secs(10);
const TOPIC: &str = "crowd";
const EVENT: &str = "the-tide-turns";

/// Measures a crowd over each transport and prints a table. Fails if an event was lost or came twice,
/// or if a held poll costs too much.
pub(crate) fn run(clients: usize) -> ExitCode {
    match measure_all(clients) {
        Ok(faults) if faults.is_empty() => {
            println!(
                "\nnothing lost, nothing twice; a held poll takes at most {TARGET_BYTES} bytes"
            );
            ExitCode::SUCCESS
        }
        Ok(faults) => {
            println!("\n{}", faults.join("; "));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("no crowd was measured: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(clients: usize) -> Result<Vec<String>, Failure> {
    server::raise_open_files()?;
    let program = server::build()?;
    println!("{clients} clients of one server: its memory for each at rest, then one publish\n");
    println!(
        "{:<13} {:>10} {:>10} {:>9} {:>6} {:>6} {:>8} {:>8} {:>8}  elsewhere",
        "", "resident", "private", "answered", "lost", "twice", "p50 ms", "p99 ms", "last ms"
    );
    let mut faults = Vec::new();
    for transport in Transport::ALL {
        let row = Row::measured(transport, clients, &Server::start(&program, clients)?)?;
        row.print();
        faults.extend(row.faults());
    }
    Ok(faults)
}

/// The figures of one crowd.
struct Row {
    transport: Transport,
    /// What each client costs at rest.
    each: Memory,
    /// From the publish until a client had the event, shortest first.
    delays: Vec<Duration>,
    lost: usize,
    /// Events that came once more.
    twice: usize,
    /// How long an event of another topic took at most until its poll was answered, meanwhile.
    elsewhere: Duration,
}

impl Row {
    fn measured(transport: Transport, clients: usize, server: &Server) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            // What the first requests make the server set up is no client's.
            let cursor = Witness::new(server.address)?.into_cursor();
            server.rests().await?;
            let client = Arc::new(Client::new(transport, server.address, &cursor));
            let before = server.memory()?;
            let (_crowd, mut news) = gather(&client, clients, server).await?;
            server.rests().await?;
            let each = server.memory()?.growth_for_each(&before, clients);

            let witness = Witness::new(server.address)?;
            let began = now();
            let watch = witness.publish_and_watch();
            let (mut delays, mut twice) = (Vec::with_capacity(clients), 0);
            while delays.len() < clients
                && let Ok(Some(told)) = timeout(PATIENCE, news.recv()).await
            {
                match told {
                    Told::Event(at) => delays.push(at.duration_since(began)),
                    Told::Again => twice += 1,
                    Told::Open | Told::Gone => {}
                }
            }
            let elsewhere = watch.slowest()?;
            server.rests().await?;
            while let Ok(told) = news.try_recv() {
                twice += usize::from(matches!(told, Told::Again));
            }
            delays.sort_unstable();
            let lost = clients - delays.len();
            Ok(Self { transport, each, delays, lost, twice, elsewhere })
        })
    }

    fn print(&self) {
        let Self { transport, each, delays, lost, twice, elsewhere } = self;
        let ms = |delay: Duration| delay.as_secs_f64() * 1e3;
        let at = |percent: usize| {
            let index = (delays.len() * percent).div_ceil(100).saturating_sub(1);
            delays.get(index).copied().map_or(f64::NAN, ms)
        };
        println!(
            "{:<13} {:>10} {:>10} {:>9} {lost:>6} {twice:>6} {:>8.1} {:>8.1} {:>8.1}  {:.1} ms",
            transport.name(),
            each.resident,
            each.private,
            delays.len(),
            at(50),
            at(99),
            at(100),
            ms(*elsewhere),
        );
    }

    fn faults(&self) -> Vec<String> {
        let name = self.transport.name();
        let mut faults = Vec::new();
        if self.lost > 0 {
            faults.push(format!("{name}: {} lost", self.lost));
        }
        if self.twice > 0 {
            faults.push(format!("{name}: {} came twice", self.twice));
        }
        if self.transport == Transport::LongPoll && self.each.resident > TARGET_BYTES {
            faults.push(format!("{name}: {} bytes, not {TARGET_BYTES}", self.each.resident));
        }
        faults
    }
}

/// Connects so many clients, and returns when the server has accepted all.
async fn gather(
    client: &Arc<Client>,
    clients: usize,
    server: &Server,
) -> Result<(JoinSet<()>, UnboundedReceiver<Told>), Failure> {
    let (tell, mut news) = unbounded_channel();
    let mut crowd = JoinSet::new();
    let files = server.open_files()?;
    while crowd.len() < clients {
        let batch = BATCH.min(clients - crowd.len());
        for _ in 0..batch {
            crowd.spawn(Arc::clone(client).follow(tell.clone()));
        }
        for _ in 0..batch {
            match timeout(PATIENCE, news.recv()).await? {
                Some(Told::Open) => {}
                other => return Err(format!("no client of {} yet: {other:?}", crowd.len()).into()),
            }
        }
        while server.open_files()? < files + crowd.len() {
            pause(Duration::from_millis(5)).await;
        }
    }
    Ok((crowd, news))
}

#[allow(clippy::disallowed_methods, reason = "to measure is to read the clock")]
fn now() -> Instant {
    Instant::now()
}

#[allow(clippy::disallowed_methods, reason = "what another process does is looked at now and then")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
