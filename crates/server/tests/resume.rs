//! The proof: a client that is killed a hundred times and comes back over whatever transport loses
//! nothing and hears nothing twice. How the server treats bad requests is tested elsewhere.

mod support;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use support::follower::{Follower, Kill, News, TRANSPORTS};
use support::raw::Publisher;
use support::{PATIENCE, Server};
use tidewire::client::Transport;
use tidewire::hub::{Cursor, Start};
use tokio::sync::watch;

/// How far the publisher may be ahead of the client, so that the log grows through all its lives.
const AHEAD: u64 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_killed_100_times_sees_10000_events_once_and_in_order() {
    let seed = std::env::var("TIDEWIRE_SEED")
        .map_or_else(|_| rand::random(), |seed| seed.parse().expect("TIDEWIRE_SEED is a number"));
    println!("TIDEWIRE_SEED={seed}");
    let began = tokio::time::Instant::now();
    let story = Story { seed, events: 10_000, kills: 100, mishap: None };
    let tally = story.play().await.unwrap_or_else(|fault| panic!("seed {seed}: {fault:?}"));
    println!("{tally} in {:.1?}", began.elapsed());
    assert_eq!(tally.checked, 10_000);
    assert_eq!(tally.deaths.values().sum::<usize>(), 100);
    assert_eq!(tally.lives.len(), TRANSPORTS.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_forgets_its_cursor_is_found_out() {
    for (mishap, expected) in [(Start::Now, "Lost"), (Start::Oldest, "Again")] {
        let story = Story { seed: 1, events: 1_000, kills: 10, mishap: Some(mishap) };
        let fault = story.play().await.expect_err("the checker notices");
        assert!(format!("{fault:?}").starts_with(expected), "{mishap:?}: {fault:?}");
    }
}

#[test]
fn the_checker_notices_a_gap_a_repetition_and_a_reset() {
    let at = |offset| Cursor { epoch: 7, offset };
    let event = |offset: u64, data: &str| News::Event {
        cursor: at(offset),
        topic: "tide".to_owned(),
        data: data.to_owned(),
    };
    let judge = |news: &[News]| news.iter().try_fold(Checker::default(), Checker::hear).map(|_| ());
    assert_eq!(judge(&[event(1, "1"), event(2, "2")]), Ok(()));
    assert_eq!(judge(&[event(1, "1"), event(3, "3")]), Err(Fault::Lost { expected: 2, heard: 3 }));
    assert_eq!(judge(&[event(1, "1"), event(1, "1")]), Err(Fault::Again { expected: 2, heard: 1 }));
    let stale = [event(1, "1"), event(1, "2")];
    assert_eq!(judge(&stale), Err(Fault::Cursor { number: 2, cursor: at(1) }));
    let reset = News::Reset { why: "expired".to_owned(), next: at(5) };
    assert_eq!(judge(&[reset]), Err(Fault::Reset));
}

/// One run: who publishes how much, and what befalls the client.
struct Story {
    seed: u64,
    events: u64,
    kills: usize,
    /// Half-way, the client forgets its cursor and begins there instead.
    mishap: Option<Start>,
}

/// Holds what a client hears against what was published: 1, 2, 3 …
#[derive(Debug, Default, PartialEq, Eq)]
struct Checker {
    heard: u64,
    last: Option<Cursor>,
}

#[derive(Debug, PartialEq, Eq)]
enum Fault {
    Lost { expected: u64, heard: u64 },
    Again { expected: u64, heard: u64 },
    Cursor { number: u64, cursor: Cursor },
    Reset,
    LostByServer,
    Stuck { behind: u64 },
}

/// What came of a story without a fault.
#[derive(Debug)]
struct Tally {
    checked: u64,
    /// How far the client was when its connection was killed for the last time.
    at_last_kill: u64,
    /// Events and kills by transport.
    lives: BTreeMap<String, (u64, usize)>,
    /// Kills by kind.
    deaths: BTreeMap<&'static str, usize>,
}

/// One death, as the dice have it.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// With so many bytes read: often within an event.
    AtByte(usize),
    /// Behind so many events, whatever else has arrived.
    BehindEvents(usize),
    /// As soon as the stream stands, or before the first byte of an answer.
    AtOnce,
    /// With so many bytes of the request written.
    InRequest(usize),
    /// With so many bytes of the response's head read.
    InHead(usize),
}

impl Story {
    async fn play(&self) -> Result<Tally, Fault> {
        let server = Server::start(&[]);
        let (progress, seen) = watch::channel(0);
        // Who forgot and began anew at "now" has to hear something to be found out.
        let events = if self.mishap.is_some() { u64::MAX } else { self.events };
        let publisher = tokio::spawn(publish(server.address, events, seen));
        let outcome = self.follow(server.address, &progress).await;
        publisher.abort();
        outcome
    }

    async fn follow(
        &self,
        server: SocketAddr,
        progress: &watch::Sender<u64>,
    ) -> Result<Tally, Fault> {
        let mut dice = StdRng::seed_from_u64(self.seed);
        let mut checker = Checker::default();
        let mut lives = BTreeMap::<_, (u64, usize)>::new();
        let mut deaths = BTreeMap::new();
        let query = "topic=tide&limit=25";
        let mut follower = Follower::new(server, query, Transport::WebSocket, Start::Oldest);
        for life in 0..self.kills {
            let transport = TRANSPORTS[dice.random_range(0..TRANSPORTS.len())];
            if let Some(start) = self.mishap.filter(|_| life == self.kills / 2) {
                follower = Follower::new(server, query, transport, start);
                // The publisher must not wait for what this client will never hear.
                progress.send_replace(u64::MAX);
            }
            let death = Death::draw(&mut dice);
            let before = checker.heard;
            follower.switch(transport);
            follower.with_reset = dice.random_bool(0.5);
            follower.kill = death.cut();
            let mut events_left = death.events();
            loop {
                if events_left == 0 {
                    follower.drop_connection();
                }
                let heard = tokio::time::timeout(PATIENCE, follower.next()).await;
                let news = heard.map_err(|_| Fault::Stuck { behind: checker.heard })?;
                match &news {
                    News::Lost { killed: true } => break,
                    News::Event { .. } => events_left = events_left.saturating_sub(1),
                    News::Open if matches!(death, Death::AtOnce) => events_left = 0,
                    News::Open | News::Reset { .. } | News::Lost { .. } => {}
                }
                checker = checker.hear(&news)?;
                progress.send_modify(|seen| *seen = checker.heard.max(*seen));
            }
            let (events, kills) = lives.entry(format!("{transport:?}")).or_default();
            *events += checker.heard - before;
            *kills += 1;
            *deaths.entry(death.name()).or_default() += 1;
        }
        let at_last_kill = checker.heard;
        follower.kill = Kill::Never;
        while checker.heard < self.events {
            let heard = tokio::time::timeout(PATIENCE, follower.next()).await;
            let news = heard.map_err(|_| Fault::Stuck { behind: checker.heard })?;
            checker = checker.hear(&news)?;
            progress.send_modify(|seen| *seen = checker.heard.max(*seen));
        }
        // Whatever comes now would be one too many.
        let silence = tokio::time::timeout(Duration::from_millis(200), follower.next()).await;
        if let Ok(news) = silence {
            checker = checker.hear(&news)?;
        }
        Ok(Tally { checked: checker.heard, at_last_kill, lives, deaths })
    }
}

/// Publishes 1, 2, 3 …, never too far ahead of what was seen.
async fn publish(server: SocketAddr, events: u64, mut seen: watch::Receiver<u64>) {
    let mut publisher = Publisher::new(server);
    for number in 1..=events {
        if seen.wait_for(|seen| number.saturating_sub(AHEAD) <= *seen).await.is_err() {
            return;
        }
        publisher.publish("tide", &number.to_string()).await;
    }
}

impl Checker {
    fn hear(mut self, news: &News) -> Result<Self, Fault> {
        match news {
            News::Open | News::Lost { killed: true } => Ok(self),
            News::Lost { killed: false } => Err(Fault::LostByServer),
            News::Reset { .. } => Err(Fault::Reset),
            News::Event { cursor, data, .. } => {
                let expected = self.heard + 1;
                let number = data.parse().expect("the publisher sends numbers");
                if number > expected {
                    return Err(Fault::Lost { expected, heard: number });
                }
                if number < expected {
                    return Err(Fault::Again { expected, heard: number });
                }
                if self.last.is_some_and(|last| last.offset >= cursor.offset) {
                    return Err(Fault::Cursor { number, cursor: *cursor });
                }
                self.heard = number;
                self.last = Some(*cursor);
                Ok(self)
            }
        }
    }
}

impl Death {
    fn draw(dice: &mut StdRng) -> Self {
        match dice.random_range(0..10) {
            0..=3 => Self::AtByte(dice.random_range(300..18_000)),
            4..=6 => Self::BehindEvents(dice.random_range(1..160)),
            7 => Self::AtOnce,
            8 => Self::InRequest(dice.random_range(0..100)),
            _ => Self::InHead(dice.random_range(0..250)),
        }
    }

    fn cut(self) -> Kill {
        match self {
            Self::AtByte(bytes) | Self::InHead(bytes) => Kill::Read(bytes),
            Self::InRequest(bytes) => Kill::Written(bytes),
            Self::BehindEvents(_) | Self::AtOnce => Kill::Never,
        }
    }

    /// After how many events the connection is dropped; a cut comes by itself.
    fn events(self) -> usize {
        match self {
            Self::BehindEvents(events) => events,
            Self::AtOnce => 1,
            Self::AtByte(_) | Self::InHead(_) | Self::InRequest(_) => usize::MAX,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::AtByte(_) => "at a byte",
            Self::BehindEvents(_) => "behind events",
            Self::AtOnce => "at once",
            Self::InRequest(_) => "in the request",
            Self::InHead(_) => "in the head",
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kills: usize = self.deaths.values().sum();
        write!(f, "{} events, {kills} kills, the last at {};", self.checked, self.at_last_kill)?;
        for (transport, (events, kills)) in &self.lives {
            write!(f, " {transport}: {events} events, {kills} kills;")?;
        }
        for (what, count) in &self.deaths {
            write!(f, " {count}× {what},")?;
        }
        Ok(())
    }
}
