//! The driver over an in-memory stream, on the runtime's paused clock.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::time::Duration;

use tidewire_core::{Inbox, Instant, Outbox, Payload, Protocol};
use tidewire_tokio::{Clock, Driver, Ready};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::timeout;

/// Lends whole lines; says "tick" at its deadline; ends when the peer does.
struct Lines {
    tick: Option<Instant>,
}

impl Protocol for Lines {
    type Event<'i> = Payload<'i>;
    type Error = Infallible;

    fn next_event<'i>(
        &mut self,
        inbox: &'i mut Inbox,
        outbox: &mut Outbox,
        now: Instant,
    ) -> Result<Option<Payload<'i>>, Infallible> {
        if self.tick.is_some_and(|tick| tick <= now) {
            self.tick = None;
            outbox.push(b"tick\n");
        }
        let end = inbox.as_slice().iter().position(|&byte| byte == b'\n');
        if end.is_none() && inbox.is_ended() {
            outbox.end();
        }
        Ok(end.map(|index| inbox.lend(index + 1)))
    }

    fn deadline(&self) -> Option<Instant> {
        self.tick
    }
}

type Echo = Driver<DuplexStream, Lines>;

async fn echo(driver: &mut Echo) -> std::io::Result<()> {
    loop {
        while let Ok(Some((line, peer))) = driver.next_event() {
            peer.outbox.push(&line);
        }
        if driver.ready().await? == Ready::Over {
            return Ok(());
        }
    }
}

fn pair(buffer: usize, tick: Option<Duration>) -> (Echo, DuplexStream) {
    let (near, far) = duplex(buffer);
    let clock = Clock::start();
    let tick = tick.map(|wait| clock.now() + wait);
    (Driver::new(near, Lines { tick }, clock), far)
}

#[tokio::test(start_paused = true)]
async fn lines_split_over_reads_come_back_whole() {
    let (mut driver, mut far) = pair(3, None);
    let server = tokio::spawn(async move { echo(&mut driver).await });
    far.write_all(b"one\n").await.unwrap();
    let mut got = [0; 4];
    far.read_exact(&mut got).await.unwrap();
    assert_eq!(&got, b"one\n");
    far.shutdown().await.unwrap();
    assert_eq!(far.read(&mut got).await.unwrap(), 0);
    server.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_wakes_without_bytes() {
    let (mut driver, mut far) = pair(64, Some(Duration::from_secs(7)));
    let server = tokio::spawn(async move { echo(&mut driver).await });
    let mut got = [0; 5];
    let early = timeout(Duration::from_millis(6_990), far.read_exact(&mut got)).await;
    assert!(early.is_err(), "nothing before the deadline");
    timeout(Duration::from_millis(20), far.read_exact(&mut got)).await.unwrap().unwrap();
    assert_eq!(&got, b"tick\n");
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn dropping_the_wait_loses_nothing() {
    let (mut driver, mut far) = pair(4, None);
    far.write_all(b"ab").await.unwrap();
    for _ in 0..3 {
        assert!(driver.next_event().unwrap().is_none());
        let _ = timeout(Duration::from_millis(1), driver.ready()).await;
    }
    far.write_all(b"c\n").await.unwrap();
    assert_eq!(driver.ready().await.unwrap(), Ready::Again);
    assert_eq!(driver.next_event().unwrap().unwrap().0.as_slice(), b"abc\n");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_takes_nothing_is_given_up() {
    let (mut driver, _far) = pair(4, None);
    driver.peer().outbox.push(b"more than fits");
    let began = tokio::time::Instant::now();
    let error = loop {
        match driver.ready().await {
            Ok(ready) => assert_eq!(ready, Ready::Again),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_ends_is_left_after_the_linger() {
    let (mut driver, mut far) = pair(64, None);
    driver.peer().outbox.push(b"bye");
    driver.peer().outbox.end();
    let began = tokio::time::Instant::now();
    while driver.ready().await.unwrap() == Ready::Again {}
    assert_eq!(began.elapsed().as_secs(), 2);
    let mut got = Vec::new();
    drop(driver);
    far.read_to_end(&mut got).await.unwrap();
    assert_eq!(got, b"bye");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_sends_ahead_is_read_no_further_than_the_inbox_has_room() {
    let (mut driver, mut far) = pair(1024, None);
    let sender = tokio::spawn(async move {
        let mut sent = 0;
        while timeout(Duration::from_secs(1), far.write_all(&[b'x'; 512])).await.is_ok() {
            sent += 512;
        }
        sent
    });
    let _ = timeout(Duration::from_secs(10), async {
        loop {
            assert!(driver.next_event().unwrap().is_none());
            driver.ready().await.unwrap();
        }
    })
    .await;
    let sent = sender.await.unwrap();
    assert!((Inbox::DEFAULT_LIMIT..=Inbox::DEFAULT_LIMIT + 1024).contains(&sent), "{sent}");
}
