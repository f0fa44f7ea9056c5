//! One run: clients connect and are greeted, events are published at a steady rate, and what then
//! crosses the clients' sockets is counted. How it is told is elsewhere.

use std::sync::Arc;
use std::time::Duration;

use tidewire::client::{Config, Transport};
use tidewire_tokio::Clock;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout, timeout_at};

use super::figures::Figures;
use super::follower::Follower;
use super::ledger::Ledger;
use super::plan::{Plan, Run};
use super::publisher::Publisher;
use super::target::Target;
use crate::Failure;
use crate::address::Address;

/// Makes one run against `target`.
pub(super) async fn measure(run: Run, plan: &Plan, target: &Target) -> Result<Figures, Failure> {
    let topic = format!("run-{:08x}", rand::random::<u32>());
    let address = Arc::new(Address::new(&target.url, vec![topic])?);
    let clock = Clock::start();
    let mut publisher = Publisher::connect(&address, plan.payload_bytes, clock).await?;
    // It waits in the log for those who come: whoever has it is connected.
    publisher.greet().await?;

    let ledger = Arc::new(Ledger::default());
    let config = Arc::new(config(&address, plan)?);
    let follower = Follower {
        address,
        config,
        transport: run.transport,
        clock,
        ledger: Arc::clone(&ledger),
        next: 0,
    };
    let mut crowd = JoinSet::new();
    for index in 0..run.load.clients {
        let (follower, at) = (follower.clone(), clock.at(clock.now()) + arrival(index, run, plan));
        crowd.spawn(async move {
            sleep_until(at).await;
            follower.follow().await
        });
    }
    tokio::select! {
        figures = count(run, plan, target, &ledger, &mut publisher) => figures,
        Some(left) = crowd.join_next() => match left? {
            Ok(never) => match never {},
            Err(error) => Err(format!("{run}: {error}").into()),
        },
    }
}

/// Waits until all are connected, publishes, and waits until all is delivered.
async fn count(
    run: Run,
    plan: &Plan,
    target: &Target,
    ledger: &Ledger,
    publisher: &mut Publisher,
) -> Result<Figures, Failure> {
    let clients = run.load.clients as u64;
    let patience = GRACE + plan.interval + arrival(run.load.clients, run, plan);
    let all_came = tokio::select! {
        all_came = delivered(ledger, clients, patience) => all_came,
        lost = publisher.keep() => match lost? {},
    };
    if !all_came {
        let got = ledger.lock().delivered;
        return Err(format!("{run}: after {patience:.0?} only {got} clients were served").into());
    }
    rest().await;
    let warm_up = ledger.take();

    let cpu_before = target.cpu_time();
    let events = plan.events(run.load);
    let end = tokio::time::Instant::now() + plan.lasts;
    let published = publisher.publish(events, Duration::from_secs(1) / run.load.rate);
    match timeout_at(end + GRACE, published).await {
        Ok(published) => published?,
        Err(_) => return Err(format!("{run}: so many could not be published").into()),
    }
    sleep_until(end).await;
    tokio::select! {
        // What is still missing then is lost, and the figures say so.
        _ = delivered(ledger, clients * events, GRACE + 2 * plan.interval) => {}
        lost = publisher.keep() => match lost? {},
    }
    let figures = Figures {
        run,
        expected: clients * events,
        warm_up_bytes: warm_up.wire_bytes / clients.max(1),
        tally: ledger.take(),
        cpu: target.cpu_time().zip(cpu_before).map(|(after, before)| after.saturating_sub(before)),
    };
    Ok(figures)
}

fn config(address: &Address, plan: &Plan) -> Result<Config, Failure> {
    let mut config = Config::new(address.authority()?, &address.query());
    config.every = plan.interval;
    config.poll.min_gap = plan.gap();
    Ok(config)
}

/// When a client comes. Interval polls are spread over their interval; the others come one by one so
/// that none is turned away at the door.
fn arrival(index: usize, run: Run, plan: &Plan) -> Duration {
    match run.transport {
        Transport::IntervalPoll => {
            plan.interval.mul_f64(index as f64 / run.load.clients.max(1) as f64)
        }
        Transport::LongPoll | Transport::EventStream | Transport::WebSocket => {
            Duration::from_millis(1) * index as u32
        }
    }
}

/// Waits until so many deliveries are counted, or `patience` is over; tells whether they are.
async fn delivered(ledger: &Ledger, count: u64, patience: Duration) -> bool {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let looking = async {
        while ledger.lock().delivered < count {
            ticks.tick().await;
        }
    };
    timeout(patience, looking).await.is_ok()
}

/// Lets what is still under way come to rest.
async fn rest() {
    #[allow(clippy::disallowed_methods, reason = "the binary owns the waiting")]
    tokio::time::sleep(Duration::from_millis(100)).await;
}

const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long something that should come at once may take before it counts as lost.
const GRACE: Duration = Duration::from_secs(5);
